"""Which release runs, and how the next one takes its place."""

import shutil
import subprocess
import sys
from pathlib import Path

import services

RELEASE = Path(__file__).resolve().parents[2]
NIGHTLY = "conferencebox-nightly.timer"
TIMERS = [NIGHTLY, "conferencebox-doctor.timer", "conferencebox-bounces.timer"]
# The units that the package has enabled: one of them that is disabled was disabled by an operator.
ENABLED = Path("/usr/lib/conferencebox/enabled")
NGINX_UNIT = Path("/etc/systemd/system/nginx.service.d/conferencebox.conf")
# What root notes. In its own folder: root must not follow a link that the user of the site has put there.
NOTES = Path("/var/lib/conferencebox-root")
# Has precedence over the units of the package.
UNITS = Path("/run/systemd/system")


def run(*command: str, text: str | None = None) -> None:
    done = subprocess.run(command, input=text, text=True, check=False)
    if done.returncode:
        sys.exit(f"This failed: {' '.join(command)}")


def previous_release() -> Path | None:
    found = services.CURRENT.resolve()
    return found if services.CURRENT.is_symlink() and found != RELEASE and found.is_dir() else None


def enable_new_units() -> None:
    known = ENABLED.read_text().split() if ENABLED.exists() else []
    new = [unit for unit in [*services.SERVICES, *TIMERS] if unit not in known]
    if to_enable := [unit for unit in new if not services.is_masked(unit)]:
        run("systemctl", "enable", "--quiet", *to_enable)
    ENABLED.write_text("".join(f"{unit}\n" for unit in [*known, *new]))


def is_application_here() -> bool:
    """Not where nginx alone runs, as on a host of docs/cluster.md."""
    return bool(services.that_run_here([*services.SERVICES, *TIMERS]))


def back_up(release: Path) -> None:
    """Proves it, too, with the version that made the tables, where the link still leads. Pages come first."""
    run("nice", str(release / "deploy/debian/conferencebox"), "backup")


def start_or_go_back(previous: Path | None, host: str) -> None:
    link_release(RELEASE)
    for unit in UNITS.glob("conferencebox-*.service"):
        unit.unlink()
    run("systemctl", "daemon-reload")
    try:
        services.restart(services.that_run_here(services.SERVICES), host)
    except services.NotReadyError as error:
        if not previous:
            sys.exit(str(error))
        go_back(previous, host, str(error))
    if timers := services.that_run_here(TIMERS):
        run("systemctl", "restart", *timers)


def link_release(release: Path) -> None:
    if services.CURRENT.is_dir() and not services.CURRENT.is_symlink():
        sys.exit(f"{services.CURRENT} is a folder. Move it away; the package puts a link there.")
    link = services.CURRENT.with_name(".conferencebox.new")
    link.unlink(missing_ok=True)
    link.symlink_to(release)
    link.replace(services.CURRENT)


def go_back(previous: Path, host: str, why: str) -> None:
    """The tables stay as they are: what a migration adds, the previous version does not need."""
    link_release(previous)
    UNITS.mkdir(parents=True, exist_ok=True)
    for unit in (previous / "deploy/systemd").glob("conferencebox-*.service"):
        shutil.copy(unit, UNITS)
    run("systemctl", "daemon-reload")
    try:
        services.restart(services.of_another_release(previous), host)
    except services.NotReadyError as error:
        why += f"\n{error}"
    sys.exit(f"{why}\n{RELEASE.name} failed its check, so {previous.name} runs again.")


def remove_old_releases(previous: Path | None) -> None:
    """All but this one and the one before."""
    for folder in RELEASE.parent.iterdir():
        if RELEASE.parent.name == "releases" and folder not in (RELEASE, previous):
            shutil.rmtree(folder)
