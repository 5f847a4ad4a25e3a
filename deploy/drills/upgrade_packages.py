"""The packages of `upgrade.py`, made from the one in dist/."""

import re
import shutil
import subprocess
from pathlib import Path

MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voting", "{after}")]
    operations = [migrations.AddField("vote", "drill", models.IntegerField(null=True))]
"""


class Packages:
    """The first, the next with one more migration, and one whose web servers cannot load the application."""

    def __init__(self, built: Path, folder: Path) -> None:
        self.folder, self.root = folder, folder / "package"
        subprocess.run(["dpkg-deb", "-R", built, self.root], check=True)
        self.first = self.version()
        self.next, self.broken = f"{self.first}+next", f"{self.first}+next+broken"
        shutil.copy(built, folder / "first.deb")
        self.add_migration()
        self.build(self.first, self.next, "next")
        self.break_web_server()
        self.build(self.next, self.broken, "broken")
        self.files = [folder / f"{name}.deb" for name in ("first", "next", "broken")]

    def version(self) -> str:
        return re.findall(r"^Version: (.*)$", (self.root / "DEBIAN/control").read_text(), re.MULTILINE)[0]

    def add_migration(self) -> None:
        migrations = self.root / "usr/lib/conferencebox/package/voting/migrations"
        last = max(migrations.glob("0*.py")).stem
        (migrations / f"{int(last[:4]) + 1:04}_drill.py").write_text(MIGRATION.format(after=last))

    def break_web_server(self) -> None:
        """Nothing that is imported by commands, so that the migration succeeds."""
        code = self.root / "usr/lib/conferencebox/package/confbox"
        with (code / "wsgi.py").open("a") as file:
            file.write('raise RuntimeError("broken by the drill")\n')
        for compiled in (code / "__pycache__").glob("wsgi.*"):
            compiled.unlink()

    def build(self, old: str, new: str, name: str) -> None:
        for file in ("control", "postinst"):
            text = (self.root / "DEBIAN" / file).read_text()
            (self.root / "DEBIAN" / file).write_text(text.replace(old, new))
        target = self.folder / f"{name}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", self.root, target]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
