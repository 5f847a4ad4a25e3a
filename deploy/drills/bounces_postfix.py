"""A postfix of its own that sends what it is given to one port, and opendkim, which signs it."""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.site.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
recipient_delimiter = +
relay_domains = site.example
transport_maps = inline:{{ {{ bounces@site.example = bounces: }} }}
default_transport = smtp:[127.0.0.1]:{receiver}
smtpd_milters = inet:127.0.0.1:{milter}
milter_default_action = tempfail
alias_maps =
local_recipient_maps =
notify_classes =
"""
MASTER = """
{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
bounces unix - n n - 2 pipe user=nobody:nogroup argv={pipe} ${{original_recipient}}
"""
SIGNER = """
Domain site.example
Selector drill
KeyFile {folder}/keys/drill.private
Mode s
Canonicalization relaxed/simple
Socket inet:{milter}@127.0.0.1
RequireSafeKeys false
Syslog false
"""


def python_of_others() -> tuple[str, list[str]]:
    """What the pipe's user can run: this Python, unless it is in root's home; and where its packages are."""
    if _may_be_run(sys.executable):
        return sys.executable, []
    debian = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    if not _may_be_run(debian):
        raise SystemExit(f"The user of the pipe can run neither {sys.executable} nor {debian}.")
    return debian, [sysconfig.get_path("purelib")]


def _may_be_run(python: str) -> bool:
    command = ["runuser", "-u", "nobody", "--", python, "-c", ""]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


class Domain(NamedTuple):
    """Its folder, and the ports of postfix, of opendkim and of the server of all recipients."""

    folder: Path
    smtp: int
    milter: int
    receiver: int

    def queued(self) -> Iterator[Path]:
        for name in ("incoming", "active", "deferred", "maildrop"):
            yield from (path for path in (self.folder / "queue" / name).glob("**/*") if path.is_file())


@contextmanager
def signer(domain: Domain) -> Iterator[None]:
    keys = domain.folder / "keys"
    keys.mkdir()
    subprocess.run(
        ["opendkim-genkey", "-b", "2048", "-s", "drill", "-d", "site.example", "-D", keys], check=True
    )
    configuration = domain.folder / "opendkim.conf"
    configuration.write_text(SIGNER.format(**domain._asdict()))
    process = subprocess.Popen(["opendkim", "-f", "-x", configuration])
    try:
        time.sleep(1)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def postfix(domain: Domain, pipe: str) -> Iterator[None]:
    """It leaves its processes in the background and is stopped by its own command."""
    configuration = domain.folder / "postfix"
    for folder in (configuration, domain.folder / "queue", domain.folder / "data"):
        folder.mkdir()
    subprocess.run(["chown", "postfix", domain.folder / "data"], check=True)
    (configuration / "main.cf").write_text(MAIN.format(**domain._asdict()))
    (configuration / "master.cf").write_text(MASTER.format(**domain._asdict(), pipe=pipe))
    command = ["postfix", "-c", str(configuration)]
    plain = {"PATH": os.environ["PATH"]}
    subprocess.run([*command, "start"], check=True, env=plain)
    try:
        yield
    except BaseException:
        print((domain.folder / "mail.log").read_text()[-6000:])
        raise
    finally:
        subprocess.run([*command, "stop"], check=False, env=plain)
