"""The files and the runbook of a cluster. `deploy/drills/cluster.py` shows that they work."""

import re
import shutil
import subprocess

import pytest
from django.conf import settings

CLUSTER = settings.BASE_DIR / "deploy/cluster"
DRILLS = settings.BASE_DIR / "deploy/drills"
NGINX = settings.BASE_DIR / "deploy/nginx/conferencebox.conf"
HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
UPSTREAM = re.compile(r"^upstream (\w+)", re.MULTILINE)
COMMANDS = re.compile(r"^#+ ([^\n]*)$|^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_drill_follows_every_part_of_the_runbook():
    text = (settings.BASE_DIR / "docs/cluster.md").read_text()
    found, heading = set(), ""
    for name, commands in COMMANDS.findall(text):
        heading = name or heading
        found |= {heading} if commands else set()
    drill = "".join(file.read_text() for file in DRILLS.glob("cluster*.py"))
    assert [name for name in sorted(found) if f'"{name}"' not in drill] == []


def test_nginx_has_the_same_upstreams_as_without_a_cluster():
    ours = UPSTREAM.findall((CLUSTER / "upstreams.conf").read_text())
    assert ours == UPSTREAM.findall(NGINX.read_text())


def packets(text):
    """What HAProxy sends to MariaDB, and how many bytes it says that are."""
    sent = re.findall(r"^    tcp-check send-binary (\w+)$", text, re.MULTILINE)
    query = re.search(r'^    tcp-check send "(.*)"$', text, re.MULTILINE)[1]
    login, head, leave = (bytes.fromhex(hexed) for hexed in sent)
    return [login, head + query.encode(), leave]


def test_check_of_haproxy_sends_whole_packets():
    for packet in packets((CLUSTER / "haproxy.cfg").read_text()):
        assert int.from_bytes(packet[:3], "little") == len(packet) - 4


def test_haproxy_logs_in_as_the_user_of_the_runbook():
    login, *_ = packets((CLUSTER / "haproxy.cfg").read_text())
    user = login[36:-2].decode()
    assert f"CREATE USER {user}@" in (settings.BASE_DIR / "docs/cluster.md").read_text()
    assert f"NOT LIKE '{user}@%'" in (CLUSTER / "galera.cnf").read_text()


def test_one_node_at_a_time_is_written_to():
    servers = re.findall(r"^    server db\d .*$", (CLUSTER / "haproxy.cfg").read_text(), re.MULTILINE)
    assert [line.endswith(" backup") for line in servers] == [False, True, True]


@pytest.mark.skipif(HAPROXY is None, reason="needs haproxy")
@pytest.mark.parametrize("host", ["app1", "app2"])
def test_haproxy_accepts_its_file_on_both_app_hosts(host):
    done = subprocess.run(
        [HAPROXY, "-c", "-q", "-L", host, "-f", CLUSTER / "haproxy.cfg"], check=False, capture_output=True
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")


@pytest.mark.parametrize("unit", ["web@", "heavy"])
def test_ports_are_all_that_a_unit_of_an_app_host_changes(unit):
    def command(file):
        return re.search(r"^ExecStart=(/.*) --bind \S+$", file.read_text(), re.MULTILINE)[1]

    shipped = settings.BASE_DIR / f"deploy/systemd/conferencebox-{unit}.service"
    assert command(CLUSTER / f"{unit}-port.conf") == command(shipped)
