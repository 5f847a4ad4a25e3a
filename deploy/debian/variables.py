"""The variables of the site, read as systemd reads them for its services."""

from pathlib import Path

FILE = Path("/etc/conferencebox.env")


def variables() -> dict[str, str]:
    """If a name occurs twice, the last one counts."""
    lines = [line.strip() for line in FILE.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith(("#", ";"))]
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def variable(name: str) -> str:
    return variables().get(name, "")


def host_of_site() -> str:
    return variable("ALLOWED_HOSTS").partition(",")[0].strip()
