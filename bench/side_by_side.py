"""Measuring whole processes side by side: ours and another, alternating, medians.

Other work on the machine disturbs every figure, and more than it disturbs a ratio: what is
compared runs by turns, so that both sides meet the same weather.
"""

import re
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "build" / "release" / "bin"

STOP_SECONDS = 10


@dataclass
class Row:
    """One line of the table. `required` holds `ok` in words; other and ratio may be missing."""

    work: str
    ours: str
    other: str = ""
    ratio: float | None = None
    required: str = ""
    ok: bool = True

    def text(self):
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = "" if not self.required else "yes" if self.ok else "NO"
        return f"{self.work:<46} {self.ours:>14} {self.other:>22} {ratio:>6}  " \
               f"{self.required:<20} {verdict}"


HEADER = f"{'work':<46} {'ours':>14} {'other':>22} {'ratio':>6}  {'required':<20} held"


class Quiet:
    """Waits for a moment in which nobody else computes, as long as there is patience left."""

    patience = 90.0  # seconds, for everything that is measured in this run
    idle_share = 0.8
    look_seconds = 0.25

    @staticmethod
    def times():
        words = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        ticks = [int(word) for word in words]
        return ticks[3] + ticks[4], sum(ticks[:8])

    @classmethod
    def wait(cls):
        while cls.patience > 0:
            idle, total = cls.times()
            time.sleep(cls.look_seconds)
            cls.patience -= cls.look_seconds
            idle_now, total_now = cls.times()
            if idle_now - idle >= cls.idle_share * (total_now - total):
                return


def alternate(rounds, ours, other=None):
    """Medians of `rounds` measurements of each, by turns; other may be None."""
    own, others = [], []
    for _ in range(rounds):
        Quiet.wait()
        own.append(ours())
        if other:
            Quiet.wait()
            others.append(other())
    return statistics.median(own), statistics.median(others) if other else None


class Process:
    """A server of ours or theirs; ends with the `with` block."""

    def __init__(self, *words, **options):
        self.child = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                      **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.communicate()

    def line(self, start):
        """What follows `start` in the first line of the output that begins with it."""
        for line in self.child.stdout:
            if line.startswith(start):
                return line[len(start):].strip()
        raise RuntimeError(f"{self.child.args}: no line {start}…: {self.child.stderr.read()}")

    def kib(self, name):
        """A figure of /proc/PID/status: VmRSS (now) or VmHWM (the most so far)."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1])

    def forget_peak(self):
        Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")


def output(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
    return done.stdout


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def until_answered(port, path="/", within=10):
    """Waits until a server on the loopback interface answers 200 to a request."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=within) as link:
                link.sendall(request.encode())
                if link.recv(64).startswith(b"HTTP/1.1 200"):
                    return
        except ConnectionError:
            pass
        time.sleep(0.0005)
    raise RuntimeError(f"no answer on port {port}")
