"""The shipped web server as processes of their own, before a small application."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings

from confbox.kit.garbage import OBJECTS_BEFORE_A_LOOK
from confbox.tests.systemd import drain, notified
from confbox.tests.test_nginx import BOUND

pytestmark = pytest.mark.slow
START = """
import sys
sys.path.insert(0, "deploy")
import serve
serve.LOADS_WITHIN_SECONDS = 2
{changes}
sys.argv = ["serve.py", "--bind", "unix:{socket}", "--instances", "{instances}"]
sys.argv += ["confbox.tests.served_application:application"]
serve.main()
"""


# Writes down which sockets there are in the first two seconds; loading takes longer.
LOOK = """
def look():
    folder = serve.Path("{socket}").parent
    with (folder / "seen").open("w") as file:
        for _ in range(20):
            serve.time.sleep(0.1)
            print(*[found.name for found in folder.glob("web.sock*")], file=file)
serve.threading.Thread(target=look, daemon=True).start()
"""


class Server:
    def __init__(self, folder, process):
        self.folder, self.process = folder, process
        self.socket, self.journal = folder / "web.sock", folder / "journal"

    def connect(self, seconds=20):
        peer = http.client.HTTPConnection("localhost", timeout=seconds)
        peer.sock = socket.socket(socket.AF_UNIX)
        peer.sock.settimeout(seconds)
        peer.sock.connect(str(self.socket))
        return peer

    def get(self, path="/", **keywords):
        with closing(self.connect(**keywords)) as peer:
            peer.request("GET", path)
            answer = peer.getresponse()
            return answer.status, answer.read().decode()

    def raw(self, data):
        """The status line of the response to these bytes."""
        with closing(self.connect(5)) as peer:
            peer.sock.sendall(data)
            return peer.sock.recv(65536).partition(b"\r\n")[0].decode()

    def workers(self):
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in path.read_text().split()]

    def wait_for_workers(self, is_done):
        """Waits until both workers have answered and are as they should be."""
        for _ in range(300):
            found = set(self.workers())
            if len(found) == 2 and is_done(found) and found <= {int(self.get()[1]) for _ in range(40)}:
                return
            time.sleep(0.1)
        pytest.fail(self.journal.read_text())


@pytest.fixture
def serve():
    """Starts the server; `changes` is code that changes it."""
    with TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        running = []

        def start(changes="", instances=1, **variables):
            place = str(folder / "web.sock")
            code = START.format(socket=place, changes=changes.replace("{socket}", place), instances=instances)
            with notified(folder / "notify") as hears, (folder / "journal").open("w") as journal:
                known = os.environ | {"WEB_WORKERS": "2", "NOTIFY_SOCKET": str(folder / "notify")} | variables
                command = [*BOUND, sys.executable, "-c", code]
                where = {"cwd": settings.BASE_DIR, "env": known}
                running.append(
                    subprocess.Popen(command, stdout=journal, stderr=journal, umask=0o007, **where)
                )
                assert hears() == "READY=1", (folder / "journal").read_text()
            return Server(folder, running[-1])

        yield start
        for process in running:
            process.terminate()
            process.wait(20)


class Visitors:
    """They ask, each on a new connection, until the end of the block."""

    def __init__(self, server, count=4):
        self.server, self.answers, self.are_going = server, [], threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(count)]

    def ask(self):
        while not self.are_going.is_set():
            try:
                self.answers.append(self.server.get("/slow?seconds=0.05")[0])
            except OSError as error:
                self.answers.append(repr(error))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.are_going.set()
        for thread in self.threads:
            thread.join()


def is_running(number):
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(is_so, seconds=20):
    for _ in range(seconds * 10):
        if is_so():
            return True
        time.sleep(0.1)
    return False


def test_systemd_is_notified_once_both_workers_have_loaded_the_application(serve):
    began = time.monotonic()
    server = serve(LOADS_FOR_SECONDS="3")
    assert time.monotonic() - began > 3
    assert server.get(seconds=1)[0] == 200
    assert len(server.workers()) == 2


def test_socket_is_there_only_once_both_workers_have_loaded_the_application(serve):
    """While there is none, nginx asks another instance."""
    server = serve(LOOK, LOADS_FOR_SECONDS="3")
    assert set((server.folder / "seen").read_text().split()) == {"web.sock.unready"}


def test_garbage_collector_looks_seldom_and_not_through_what_is_loaded(serve):
    frozen, threshold = map(int, serve().get("/frozen")[1].split())
    assert frozen > 10_000
    assert threshold == OBJECTS_BEFORE_A_LOOK


def test_stop_answers_every_request_that_could_connect(serve):
    server = serve()
    answers, errors = [], []

    def ask():
        while not errors:
            try:
                peer = server.connect()
            except OSError:
                return
            with closing(peer):
                try:
                    peer.request("GET", "/slow?seconds=0.05")
                    answers.append(peer.getresponse().status)
                except (OSError, http.client.HTTPException) as error:
                    errors.append(repr(error))

    # More than there are threads, so that some wait to be accepted.
    threads = [threading.Thread(target=ask) for _ in range(60)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    server.process.terminate()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(answers) == {200}


@pytest.mark.parametrize(("of_the_host", "of_one"), [("4", 2), ("3", 2), ("2", 1), ("1", 1)])
def test_instances_share_the_workers(serve, of_the_host, of_one):
    assert len(serve(instances=2, WEB_WORKERS=of_the_host).workers()) == of_one


def test_watchdog_is_fed_while_a_worker_answers_and_starves_once_none_does(serve):
    server = serve("serve.HANGS_AFTER_SECONDS = 600")
    (server.folder / "notify").unlink()
    with notified(server.folder / "notify") as hears:
        os.kill(server.workers()[0], signal.SIGSTOP)
        time.sleep(2)
        assert [hears() for _ in range(4)] == ["WATCHDOG=1"] * 4
        os.kill(server.workers()[1], signal.SIGSTOP)
        time.sleep(2)
        drain(hears)
        fed = drain(hears, seconds=3)
    frozen = set(server.workers())
    for worker in frozen:
        os.kill(worker, signal.SIGKILL)
    server.wait_for_workers(lambda found: not found & frozen)
    assert fed == []


def test_reload_replaces_both_workers_and_no_request_fails(serve):
    server = serve()
    before = set(server.workers())
    with Visitors(server) as visitors:
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_workers(lambda found: not found & before)
    assert set(visitors.answers) == {200}
    assert len(visitors.answers) > 50


def test_killed_worker_is_replaced(serve):
    server = serve()
    killed = server.workers()[0]
    os.kill(killed, signal.SIGKILL)
    server.wait_for_workers(lambda found: killed not in found)


def freeze(server):
    number = server.workers()[0]
    os.kill(number, signal.SIGSTOP)
    return number


def test_worker_that_holds_the_interpreter_is_killed_and_replaced(serve):
    server = serve("serve.HANGS_AFTER_SECONDS = 3")
    before = set(server.workers())
    with suppress(TimeoutError):
        server.get("/hang", seconds=1)
    server.wait_for_workers(lambda found: found != before)
    assert "does not respond and is killed" in server.journal.read_text()


def test_frozen_worker_is_killed_and_replaced(serve):
    server = serve("serve.HANGS_AFTER_SECONDS = 3")
    frozen = freeze(server)
    server.wait_for_workers(lambda found: frozen not in found)


def test_without_the_watch_a_frozen_worker_stays(serve):
    server = serve("serve.HANGS_AFTER_SECONDS = 3; serve.Watch._kill_what_hangs = lambda self, heard: None")
    frozen = freeze(server)
    assert not wait_until(lambda: frozen not in server.workers(), 8)
    os.kill(frozen, signal.SIGCONT)
    server.wait_for_workers(lambda found: frozen in found)


def test_worker_that_is_busy_is_left_alone(serve):
    server = serve("serve.HANGS_AFTER_SECONDS = 3")
    before = set(server.workers())
    assert server.get("/slow?seconds=7")[0] == 200
    assert set(server.workers()) == before


def test_stop_lets_requests_finish_and_removes_the_socket(serve):
    server = serve()
    with ThreadPoolExecutor(4) as people:
        answers = [people.submit(server.get, "/slow?seconds=2") for _ in range(4)]
        time.sleep(0.5)
        server.process.terminate()
        assert [answer.result()[0] for answer in answers] == [200] * 4
    assert server.process.wait(10) == 0
    assert not server.socket.exists()


def test_stop_does_not_wait_for_a_worker_that_is_still_loading(serve):
    server = serve(LOADS_FOR_SECONDS="6")
    killed = server.workers()[0]
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: len(server.workers()) == 2 and killed not in server.workers())
    time.sleep(1)
    server.process.terminate()
    assert server.process.wait(4) == 0


def test_workers_end_with_the_main_process(serve):
    server = serve()
    workers = server.workers()
    server.process.kill()
    have_ended = wait_until(lambda: not any(map(is_running, workers)))
    for number in workers:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    assert have_ended


def test_next_start_replaces_the_socket_of_a_server_that_was_killed(serve):
    server = serve()
    server.process.kill()
    server.process.wait()
    (server.folder / "notify").unlink()
    assert server.socket.exists()
    assert serve().get()[0] == 200


def test_only_owner_and_group_may_use_the_socket(serve):
    assert serve().socket.stat().st_mode & 0o777 == 0o770


def test_log_shows_that_a_page_failed_and_no_url(serve):
    server = serve()
    assert server.get("/fail?token=very-secret")[0] == 500
    server.raw(b"GET /very-secret HTTP/1.1\r\nbroken\r\n\r\n")
    server.get("/environ?token=very-secret")
    journal = server.journal.read_text()
    assert "ValueError: This page fails." in journal
    assert "secret" not in journal
    assert "/fail" not in journal


def threads(server):
    return sum(len(list(Path(f"/proc/{number}/task").iterdir())) for number in server.workers())


def threads_after_a_crowd(serve, changes):
    """How many there are while sixteen people are served, and after all have been idle."""
    server = serve(f"serve.IDLE_THREAD_SECONDS = 5; {changes}")
    with ThreadPoolExecutor(16) as people:
        list(people.map(server.get, ["/slow?seconds=0.5"] * 16))
    most = threads(server)
    wait_until(lambda: threads(server) < most - 6, seconds=12)
    return most, threads(server)


def test_idle_threads_stay(serve):
    most, later = threads_after_a_crowd(serve, "")
    assert later == most


def test_otherwise_they_end(serve):
    most, later = threads_after_a_crowd(serve, "serve.keep_threads = lambda server: None")
    assert later < most - 6


HEAD = b"POST /environ HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "400"),
        (b"Content-Length : 5\r\n\r\nabcde", "400"),
        (b"Content-Length: +5\r\n\r\nabcde", "400"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400"),
        (b"X-A: b\r\n c\r\n\r\n", "400"),
        (b"X-A: %b\r\n\r\n" % (b"a" * 200_000), "431"),
        (b"".join(b"X%d: a\r\n" % n for n in range(200)) + b"\r\n", "431"),
        (b"X-A: %b\r\nContent-Length: 0\r\n\r\n" % (b"a" * 32_000), "200"),
    ],
)
def test_ambiguous_or_excessive_head_is_refused(serve, request_head, status):
    assert serve().raw(HEAD + request_head).split()[1] == status


def test_idle_connection_is_kept_as_long_as_the_setting_says(serve):
    server = serve("serve.IDLE_SECONDS = 4")
    with closing(server.connect()) as peer:
        for pause in (0, 3):
            time.sleep(pause)
            peer.request("GET", "/")
            assert peer.getresponse().read()
        assert peer.sock.recv(1) == b""


def test_healthz_is_answered_while_every_thread_waits(serve):
    server = serve(WEB_THREADS="1")
    with ThreadPoolExecutor(8) as pool:
        waits = [pool.submit(server.get, "/slow?seconds=2") for _ in range(8)]
        time.sleep(0.5)
        start = time.monotonic()
        assert [server.get("/healthz") for _ in range(8)] == [(200, "ok\n")] * 8
        assert time.monotonic() - start < 1
        assert not any(wait.done() for wait in waits)
