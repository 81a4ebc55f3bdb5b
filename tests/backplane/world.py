"""What the tests of the backplane share: NATS, servers of one board, and who watches them."""
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from ports import free_port

BUILD = Path(__file__).parents[2] / "build/release/bin"
GOOP2 = os.environ.get("GOOP2", str(BUILD / "goop2"))
LOAD = os.environ.get("RENDEZVOUS_LOAD", str(BUILD / "rendezvous_load"))
NATS = shutil.which("nats-server", path=os.environ.get("PATH", "") + ":/usr/sbin")
PATIENCE = 20  # seconds that nothing needs, however busy the machine is


def skip_without_nats():
    if not NATS:
        print("skipped: nats-server is not installed (scripts/setup does it)")
        sys.exit(77)


def until(what, holds, seconds=PATIENCE):
    """Waits until `holds()`; how long it took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


class Process:
    """Use it in a `with`: it is killed at the end, if it has not ended before."""

    def start(self, *words, **options):
        self.child = subprocess.Popen([str(word) for word in words], text=True, **options)
        return self.child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()

    def status(self, field):
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise AssertionError(field)


class Nats(Process):
    def __init__(self, *words, port=None):
        self.port, self.words = port or free_port(), words
        self.revive()

    def revive(self):
        self.start(NATS, "-a", "127.0.0.1", "-p", self.port, *self.words,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until("NATS listens", self.listens)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Town(Process):
    """A rendezvous server of the board."""

    def __init__(self, folder, env=None, **presence):
        self.folder, self.env, self.port = Path(folder), env, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder.mkdir()
        (self.folder / "goop.json").write_text(
            json.dumps({"presence": {"rendezvous_port": self.port} | presence}))
        self.revive()

    def revive(self):
        with open(self.folder / "log", "a") as log:
            self.start(GOOP2, "rendezvous", self.folder, stdin=subprocess.DEVNULL,
                       stdout=log, stderr=log, env=self.env)
        until("the server answers", self.answers)

    def answers(self):
        if self.child.poll() is not None:
            raise AssertionError(self.log())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        return (self.folder / "log").read_text()

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.read().decode()

    def ready(self):
        return json.loads(self.get("/readyz"))

    def publish(self, body):
        request = urllib.request.Request(self.url + "/publish", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status


class Watcher:
    """Reads the changes that a server tells: who is there by its word, and when it said somebody left."""

    def __init__(self, town):
        self.town, self.here, self.left, self.whole = town, {}, [], threading.Event()
        self.ended = False
        self.stream = urllib.request.urlopen(town.url + "/events?mode=delta", timeout=600)
        threading.Thread(target=self.read, daemon=True).start()
        assert self.whole.wait(PATIENCE), "no snapshot"

    def read(self):
        try:
            for line in self.stream:
                self.take(line)
        except OSError:
            pass
        self.ended = True

    def take(self, line):
        if line.startswith(b"event: ready"):
            self.whole.set()
        elif line.startswith(b"data: {\"type\""):
            message = json.loads(line[6:])
            peer = message["peerID"]
            if message["type"] == "offline":
                name = self.here.pop(peer, peer)
                self.left.append((time.monotonic(), name))
            else:
                self.here[peer] = message["content"]
