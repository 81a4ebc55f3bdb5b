#!/usr/bin/env python3
"""Who finds whom on one local network: ours, go-libp2p and js-libp2p, each in a network namespace
of its own on one bridge.

    tests/interop/mdns/run.py --ours build/release/bin/p2p_interop [--only pair]

Exit code 0: all passed (stacks that cannot be had here are left out and named); 1: something
failed; 77: no namespaces here (they need root and iproute2).
"""

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import stacks  # noqa: E402

SERVICE = "goop-mdns"
SKIPPED = 77
STOP_SECONDS = 10
START_SECONDS = 20     # of a stack on a busy machine
AT_ONCE_SECONDS = 1.0  # what the issue grants two of ours
FOUND_SECONDS = 15     # js asks every ten seconds
REPORT_GAP = 10        # an unchanged neighbour is reported that often at most
OVERSLEPT = 15         # ours notices that a tick came over five seconds late


class Failed(Exception):
    pass


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=20)


class Lan:
    """A bridge in a namespace of its own, and homes that are plugged into it."""

    def __init__(self):
        self.tag = f"goop-lan{os.getpid()}"
        self.spaces = []
        self.space(self.tag)
        ip("-n", self.tag, "link", "add", "lan", "type", "bridge", "mcast_snooping", "0",
           "forward_delay", "0")
        ip("-n", self.tag, "link", "set", "lan", "up")

    def space(self, name):
        ip("netns", "add", name)
        self.spaces.append(name)
        ip("-n", name, "link", "set", "lo", "up")

    def home(self):
        number = len(self.spaces)
        name = f"{self.tag}-{number}"
        self.space(name)
        ip("link", "add", "cable", "netns", name, "type", "veth", "peer", "name", f"p{number}",
           "netns", self.tag)
        ip("-n", self.tag, "link", "set", f"p{number}", "master", "lan", "up")
        ip("-n", name, "address", "add", f"10.78.0.{number}/24", "dev", "cable")
        try:
            ip("-n", name, "address", "add", f"fd78::{number}/64", "dev", "cable", "nodad")
        except subprocess.CalledProcessError:
            pass  # a kernel without IPv6
        ip("-n", name, "link", "set", "cable", "up")
        ip("-n", name, "route", "add", "default", "dev", "cable")  # js leaves the way to the system
        return Home(self, name, number)

    def close(self):
        for name in self.spaces:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, timeout=20)


class Home:
    def __init__(self, lan, name, number):
        self.lan, self.name, self.number = lan, name, number

    def plug(self, state):
        ip("-n", self.lan.tag, "link", "set", f"p{self.number}", state)

    def add_address(self):
        address = f"10.78.0.{100 + self.number}"
        ip("-n", self.name, "address", "add", f"{address}/24", "dev", "cable")
        return address


class Peer:
    """A running program; what it prints is remembered with the time it says."""

    def __init__(self, name, home, command):
        self.name, self.home, self.command = name, home, command
        self.process = None

    def start(self):
        self.found = []  # (milliseconds, peer id, addresses)
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.home.name, *self.command], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, args=(self.process, self.lines), daemon=True).start()
        first = self.line(START_SECONDS).split()
        if first[:1] != ["START"]:
            raise Failed(f"{self.name} did not start")
        self.started, self.id = int(first[1]), first[2]
        return self

    @staticmethod
    def read(process, lines):
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    def line(self, seconds):
        try:
            return self.lines.get(timeout=max(seconds, 0))
        except queue.Empty:
            return ""

    def wait_for(self, other, seconds, after=0, address=""):
        """When it found `other`, in milliseconds since 1970, not before `after`."""
        end = time.monotonic() + seconds
        while True:
            for at, who, addresses in self.found:
                if who == other.id and at >= after and address in addresses:
                    return at
            line = self.line(end - time.monotonic()).split()
            if not line:
                raise Failed(f"{self.name} did not find {other.name} {address}".rstrip())
            if line[0] == "FOUND":
                self.found.append((int(line[1]), line[2], line[3] if len(line) > 3 else ""))

    def signal(self, number):
        self.process.send_signal(number)  # `ip netns exec` has become the program itself

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.process.stdin.close()
        try:
            if self.process.wait(STOP_SECONDS) != 0:
                raise Failed(f"{self.name} ended with {self.process.returncode}")
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"{self.name} did not end") from None


def now():
    return int(time.time() * 1000)


def at_once(said, seconds, limit=AT_ONCE_SECONDS):
    print(f"  {said}: {seconds * 1000:.0f} ms")
    if seconds > limit:
        raise Failed(f"{said} took {seconds:.1f} s")


def pair(world):
    """Two of ours: at the start, as a newcomer, after a pulled cable and after sleep."""
    anna, bob = world.peer("ours"), world.peer("ours")
    anna.start(), bob.start()
    since = max(anna.started, bob.started)
    at_once("two that start together", (max(anna.wait_for(bob, 5), bob.wait_for(anna, 5)) - since)
            / 1000)
    carl = world.peer("ours").start()
    met = max(each.wait_for(other, 5) for each, other in
              ((carl, anna), (carl, bob), (anna, carl), (bob, carl)))
    at_once("a newcomer", (met - carl.started) / 1000)

    bob.home.plug("down")
    time.sleep(REPORT_GAP)
    plugged = now()
    bob.home.plug("up")
    met = max(bob.wait_for(anna, 5, plugged), anna.wait_for(bob, 5, plugged))
    at_once("a cable that was out", (met - plugged) / 1000)

    bob.signal(signal.SIGSTOP)
    time.sleep(OVERSLEPT)
    awake = now()
    bob.signal(signal.SIGCONT)
    met = max(bob.wait_for(anna, 5, awake), anna.wait_for(bob, 5, awake))
    at_once("after sleep", (met - awake) / 1000)


def go(world):
    """With go-libp2p, both ways, whoever was there first, and when something changes."""
    ours, theirs = world.peer("ours").start(), world.peer("go").start()
    at_once("ours finds go, the newcomer", (ours.wait_for(theirs, FOUND_SECONDS) - theirs.started)
            / 1000)
    at_once("go finds ours", (theirs.wait_for(ours, FOUND_SECONDS) - theirs.started) / 1000)
    ours.stop()
    ours.start()
    at_once("go finds ours, started anew", (theirs.wait_for(ours, FOUND_SECONDS) - ours.started)
            / 1000)
    at_once("ours finds go", (ours.wait_for(theirs, FOUND_SECONDS) - ours.started) / 1000)
    since = now()
    address = ours.home.add_address()
    at_once("go hears of a new address",
            (theirs.wait_for(ours, FOUND_SECONDS, since, address) - since) / 1000)


def js(world):
    """With js-libp2p, both ways; js asks every ten seconds and announces nothing."""
    ours, theirs = world.peer("ours").start(), world.peer("js").start()
    since = theirs.started
    print(f"  js finds ours: {theirs.wait_for(ours, FOUND_SECONDS) - since} ms")
    print(f"  ours finds js: {ours.wait_for(theirs, FOUND_SECONDS) - since} ms")
    ours.stop()
    ours.start()
    at_once("js finds ours, started anew", (theirs.wait_for(ours, FOUND_SECONDS) - ours.started)
            / 1000)
    at_once("ours finds js", (ours.wait_for(theirs, FOUND_SECONDS) - ours.started) / 1000)


def everybody(world):
    """All on one network. go never finds js, whose answers have no SRV record."""
    names = ["ours", "ours", *(name for name in ("go", "js") if name in world.commands)]
    peers = [world.peer(name).start() for name in names]
    for each in peers:
        for other in peers:
            if each is not other and (each.name, other.name) != ("go", "js"):
                each.wait_for(other, FOUND_SECONDS)
    print(f"  {len(peers)} peers have found each other")


SCENARIOS = {"pair": (pair, []), "go": (go, ["go"]), "js": (js, ["js"]), "everybody": (everybody, [])}


class World:
    def __init__(self, commands):
        self.commands, self.peers, self.lan = commands, [], Lan()

    def peer(self, name):
        peer = Peer(name, self.lan.home(), self.commands[name])
        self.peers.append(peer)
        return peer

    def close(self):
        failures = []
        for peer in self.peers:
            try:
                peer.stop()
            except Failed as failure:
                failures.append(str(failure))
        self.lan.close()
        if failures:
            raise Failed("; ".join(failures))


def run(name, commands):
    scenario, wants = SCENARIOS[name]
    missing = [stack for stack in wants if stack not in commands]
    if missing:
        print(f"{name}: left out, no {missing[0]}")
        return True
    print(f"{name}:", flush=True)
    world = World(commands)
    try:
        try:
            scenario(world)
        finally:
            world.close()
    except Failed as failure:
        print(f"  FAILED: {failure}")
        return False
    return True


def no_namespaces():
    """Why there are none here, or nothing."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return "network namespaces need root and iproute2 (scripts/setup test installs it)"
    name = f"goop-try{os.getpid()}"
    try:
        for words in (["add", name], ["exec", name, "true"]):  # exec mounts: a bare chroot cannot
            done = subprocess.run(["ip", "netns", *words], capture_output=True, text=True,
                                  timeout=20)
            if done.returncode != 0:
                return f"no network namespaces here: {done.stderr.strip()}"
    finally:
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, timeout=20)
    return None


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--ours", required=True, metavar="P2P_INTEROP")
    options.add_argument("--only", choices=SCENARIOS)
    args = options.parse_args()
    if reason := no_namespaces():
        print(reason)
        return SKIPPED
    commands = {"ours": [args.ours, "mdns", SERVICE]}
    for stack in ("go", "js"):
        try:
            commands[stack] = [*stacks.command(f"mdns-{stack}"), SERVICE]
        except stacks.Unavailable as reason:
            print(f"{stack}: {reason}")
    scenarios = [args.only] if args.only else list(SCENARIOS)
    return 0 if all([run(name, commands) for name in scenarios]) else 1


if __name__ == "__main__":
    sys.exit(main())
