"""A small internet of network namespaces, for attacks on a real peer or server.

    with World() as world:
        target = world.host("target")                    # 5.0.0.1, 2a00:0:0::1
        peer = target.peer("Olga")                       # a running `goop2 peer`
        mallory = world.host("mallory")                  # in a /24 and a /48 of its own
        visitor = world.host("visitor")
        attack = [mallory.attack("silent_tcp.py", target.v4, peer.port, 60, 30)]
        world.wait_ready(attack)                         # each has printed "ready"
        times = [visitor.visit(peer.address) for _ in range(10)]
        table = Table(); table.add("silent TCP", times); table.show()

Every host has a namespace, an IPv4 /24 and an IPv6 /48 to itself, and reaches the others over a
router. Attackers run niced, so that what they cost the target is measured and not what they cost
the machine. Everything ends with the block.

Exit code 77: namespaces are not allowed here. GOOP2, ATTACK_IDENTITIES: the programs.
`--strength N` multiplies what an attack is made of; the tests run with 2.
"""
import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOOP2 = os.environ.get("GOOP2", str(ROOT / "build/release/bin/goop2"))
IDENTITIES = os.environ.get("ATTACK_IDENTITIES", str(ROOT / "build/release/bin/attack_identities"))
SERVED_WITHIN = 1.0  # seconds: what an honest visitor waits at most
SKIPPED = 77


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, **options)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=int, default=2, help="of the attack; 1 is as described")
    return parser.parse_args()


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


class Host:
    """One machine: a namespace with addresses of its own."""

    def __init__(self, world, name, number):
        self.world, self.name = world, name
        self.ns = f"{world.prefix}{number}"
        self.v4, self.v6 = f"5.0.{number}.1", f"2a00:0:{number:x}::1"
        outside = f"{self.ns}o"
        run("ip", "netns", "add", self.ns)
        world.namespaces.append(self.ns)
        run("ip", "link", "add", "eth0", "netns", self.ns, "type", "veth",
            "peer", "name", outside, "netns", world.router)
        for ns, link, last in (self.ns, "eth0", "1"), (world.router, outside, "fe"):
            run("ip", "-n", ns, "addr", "add", f"5.0.{number}.{int(last, 16)}/24", "dev", link)
            run("ip", "-n", ns, "addr", "add", f"2a00:0:{number:x}::{last}/48", "dev", link, "nodad")
            run("ip", "-n", ns, "link", "set", link, "up")
        run("ip", "-n", self.ns, "link", "set", "lo", "up")
        run("ip", "-n", self.ns, "route", "add", "default", "via", f"5.0.{number}.254")
        run("ip", "-n", self.ns, "-6", "route", "add", "default", "via", f"2a00:0:{number:x}::fe")

    def start(self, *words, nice=0, **options):
        """Starts a program here; it is ended with the world."""
        command = ["ip", "netns", "exec", self.ns, "nice", "-n", str(nice), *map(str, words)]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                   "stderr": subprocess.DEVNULL} | options
        process = subprocess.Popen(command, text=True, **options)
        self.world.processes.append(process)
        return process

    def attack(self, program, *words):
        """A Python program of this folder, or another program, niced. It prints "ready" once it
        does what it is for; World.wait_ready waits for that."""
        own = HERE / str(program)
        start = [sys.executable, "-B", own] if own.suffix == ".py" else [program]
        return self.start(*start, *words, nice=19, stdout=subprocess.PIPE)

    def peer(self, name, **settings):
        return Peer(self, name, settings)

    def visit(self, address, path="/", timeout=10):
        """Seconds that somebody never seen before waits for a file; None: it was refused."""
        begin = time.monotonic()
        done = subprocess.run(["ip", "netns", "exec", self.ns, GOOP2, "visit", address, path],
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout)
        return time.monotonic() - begin if done.returncode == 0 else None


class Peer:
    """A running `goop2 peer` with a front page, nobody else's neighbour."""

    def __init__(self, host, name, settings):
        self.host, self.folder = host, host.world.folder / name
        run(GOOP2, "init", self.folder)
        settings = {"p2p.mdns_tag": "goop-" + uuid.uuid4().hex[:16], "p2p.listen_port": 4001} | settings
        for key, value in settings.items():
            run(GOOP2, "config", "set", self.folder, key, value)
        self.id, self.port = run(GOOP2, "id", self.folder).stdout.strip(), settings["p2p.listen_port"]
        self.address = f"/ip4/{host.v4}/tcp/{self.port}/p2p/{self.id}"
        self.process = host.start(GOOP2, "peer", self.folder, stdout=subprocess.PIPE)
        for line in self.process.stdout:
            if line.startswith("Viewer:"):
                return
        raise AssertionError(f"{name} did not start")

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class World:
    def __init__(self):
        self.prefix = f"a{os.getpid() % 100_000}x"
        self.namespaces, self.processes, self.hosts = [], [], 0

    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("ip"):
            skip("needs root and ip")
        self.folder = Path(tempfile.mkdtemp(prefix="goop2-attack-"))
        self.router = self.prefix + "r"
        try:
            run("ip", "netns", "add", self.router)
        except subprocess.CalledProcessError as error:
            skip("network namespaces are not allowed here: " + error.stderr.strip())
        self.namespaces.append(self.router)
        for key in "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding":
            run("ip", "netns", "exec", self.router, "sysctl", "-qw", f"{key}=1")
        return self

    def host(self, name):
        self.hosts += 1
        return Host(self, name, self.hosts - 1)

    @staticmethod
    def wait_ready(attackers):
        for attacker in attackers:
            if attacker.stdout.readline().strip() != "ready":
                raise AssertionError("an attacker ended before it began")

    @staticmethod
    def end_attacks(processes):
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()
        for ns in self.namespaces:
            subprocess.run(["ip", "netns", "del", ns], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Table:
    """What was measured, as rows of docs/dev/protocols/resource-limits.md."""

    def __init__(self):
        self.rows, self.failures = [], []

    def add(self, attack, times, within=SERVED_WITHIN, note=""):
        """`times` of honest visitors, None for those refused; all have to be served in time."""
        served = sorted(t for t in times if t is not None)
        slowest = f"{served[-1] * 1000:.0f} ms" if served else "–"
        middle = f"{served[len(served) // 2] * 1000:.0f} ms" if served else "–"
        self.rows.append(f"| {attack} | {len(served)} of {len(times)} | {middle} | {slowest} | {note} |")
        if len(served) < len(times) or served[-1] > within:
            self.failures.append(f"{attack}: {len(served)} of {len(times)} served, slowest {slowest}")

    def show(self):
        """Prints it; the exit code for sys.exit."""
        print("| attack | visitors served | median | slowest | |\n|---|---|---|---|---|")
        print("\n".join(self.rows))
        for failure in self.failures:
            print("FAILED:", failure)
        return 1 if self.failures else 0
