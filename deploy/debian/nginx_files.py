"""Keeps the files of nginx of each release, so that a way back brings back its own.

    nginx_files.py        before a package is unpacked; its preinst runs this of the release that runs

The package manager has put those of the new version in place before it sets it up. So those of the release
that runs are kept in its folder. If the new one does not start, they come back, and those of the new one are
set aside in its own folder, until it is set up again, or another package is unpacked: the package manager has
to find the files that it has put there.
"""

import shutil
from pathlib import Path

import services
from releases import NGINX_UNIT, RELEASE, run

FILES = Path("/etc/nginx/conferencebox")


def kept_of(release: Path) -> Path:
    return release / "nginx-files"


def keep(release: Path, name: str = "nginx-files") -> None:
    shutil.rmtree(release / name, ignore_errors=True)
    shutil.copytree(FILES, release / name)


def before_unpacking() -> None:
    if not FILES.is_dir():
        # An operator has removed nginx with all its files, as on a host of docs/cluster.md.
        return
    running = services.CURRENT.resolve()
    keep(running, "nginx-files.new")
    for release in running.parent.iterdir():
        take_up(release, running)
    shutil.rmtree(kept_of(running), ignore_errors=True)
    (running / "nginx-files.new").rename(kept_of(running))


def come_again() -> None:
    """What was set aside when this release failed before."""
    take_up(RELEASE, services.CURRENT.resolve())


def take_up(release: Path, running: Path) -> None:
    """Not what an operator has changed since."""
    kept = kept_of(release)
    if release == running or not kept.is_dir():
        return
    for file in kept.iterdir():
        there, before = FILES / file.name, kept_of(running) / file.name
        if content_of(there) == content_of(before):
            shutil.copy2(file, there)
    shutil.rmtree(kept)


def content_of(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def go_back(previous: Path | None) -> None:
    """If the release before runs, and was installed with this program. nginx itself has not loaded others."""
    if not previous or services.CURRENT.resolve() != previous or not kept_of(previous).is_dir():
        return
    keep(RELEASE)
    for file in kept_of(previous).iterdir():
        shutil.copy2(file, FILES)
    for file in FILES.iterdir():
        if not (kept_of(previous) / file.name).exists():
            file.unlink()
    if NGINX_UNIT.exists():
        shutil.copy(previous / "deploy/debian/nginx.service.conf", NGINX_UNIT)
        run("systemctl", "daemon-reload")


if __name__ == "__main__":
    before_unpacking()
