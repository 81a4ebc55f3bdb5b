#!/usr/bin/env python3
"""Gossip between our stack, go-libp2p-pubsub and js-libp2p's gossipsub, as README.md says.

  run.py --ours build/release/bin/gossip_interop [--pairs | --mesh] [--seed N]

Exit code 0: all passed; 1: something did not; 77: nothing can be run here (the reason is printed).
"""

import argparse
import os
import queue
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import stacks  # noqa: E402

PATIENCE = 40  # seconds, for anything that should happen soon
# go-libp2p-pubsub says nothing to a peer that is not in its mesh yet, and no gossip once it is.
MESH_SECONDS = 3
MESH = {"ours": 8, "go": 6, "js": 6}


def commands(ours):
    """The programs that can be had here: name -> argument list."""
    found = {"ours": [ours]}
    for name, prepare in (("go", go), ("js", js)):
        try:
            stacks.BUILD.mkdir(parents=True, exist_ok=True)
            with stacks.exclusive(f"gossip-{name}"):
                found[name] = prepare()
        except stacks.Unavailable as reason:
            print(f"skipped {name}: {reason}")
    return found


def go():
    stacks.need("go")
    stacks.require("go", ["go", "env", "GOVERSION"], stacks.MIN_GO)
    binary = stacks.BUILD / "gossippeer"
    stacks.run("go", ["go", "build", "-o", str(binary), "."], HERE / "go", GOTOOLCHAIN="local")
    return [str(binary)]


def js():
    node = stacks.command("js")[0]  # the Node that the other tests installed
    folder = stacks.BUILD / "gossip-js"
    folder.mkdir(exist_ok=True)
    lock = (HERE / "js" / "package-lock.json").read_text()
    installed = folder / "installed-lock.json"
    if not installed.exists() or installed.read_text() != lock:
        installed.unlink(missing_ok=True)
        for file in ("package.json", "package-lock.json"):
            stacks.replace(HERE / "js" / file, folder / file)
        stacks.run("js", ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        installed.write_text(lock)
    stacks.replace(HERE / "js" / "peer.mjs", folder / "peer.mjs")
    return [node, str(folder / "peer.mjs")]


class Peer:
    """One process of one stack, in a network namespace if one is given."""

    def __init__(self, name, stack, command, listen, namespace=None):
        self.name, self.stack = name, stack
        inside = ["ip", "netns", "exec", namespace] if namespace else []
        self.process = subprocess.Popen(inside + command + [listen], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        self.heard, self.answers, self.address = [], queue.Queue(), None
        self.ready = threading.Event()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "HEARD":
                self.heard.append(rest.partition(" ")[2])
            elif word == "ADDR":
                self.address = self.address or rest
                self.ready.set()
            else:
                self.answers.put((word, rest))

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.tell(line)
        return self.answers.get(timeout=PATIENCE)

    def dial(self, other):
        word, detail = self.ask(f"dial {other.address}")
        if word != "DIALLED":
            raise Failed(f"{self.name} cannot dial {other.name}: {detail}")

    def peers(self):
        return int(self.ask("peers")[1])

    def stop(self):
        if self.process.poll() is None:
            try:
                self.process.stdin.close()
                self.process.wait(10)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Failed(Exception):
    pass


def until(what, condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(0.1)


class World:
    """Starts peers and ends them all."""

    def __init__(self, programs, network):
        self.programs, self.network, self.alive, self.count = programs, network, [], 0

    def start(self, stack):
        self.count += 1
        namespace, ip = self.network.place() if self.network else (None, "127.0.0.1")
        peer = Peer(f"{stack}{self.count}", stack, self.programs[stack], f"/ip4/{ip}/tcp/0",
                    namespace)
        self.alive.append(peer)
        if not peer.ready.wait(PATIENCE):
            raise Failed(f"{peer.name} does not start")
        return peer

    def leave(self, peer, how):
        how(peer)
        self.alive.remove(peer)

    def all_hear(self, authors, mark):
        """Each author says one thing; everybody else hears it, once."""
        said = {f"{mark} of {author.name}": author for author in authors}
        for text, author in said.items():
            author.tell(f"say {text}")
        for text, author in said.items():
            for peer in self.alive:
                if peer is not author:
                    until(f"{peer.name} hears '{text}'", lambda: text in peer.heard)
        time.sleep(3)  # what comes twice comes by gossip, a few heartbeats later
        for text, author in said.items():
            for peer in self.alive:
                times = peer.heard.count(text)
                if times != (0 if peer is author else 1):
                    raise Failed(f"{peer.name} heard '{text}' {times} times")

    def end(self):
        for peer in self.alive:
            peer.kill()


# --- two processes ---

def pair(programs, stack, dialler):
    world = World(programs, None)
    try:
        a, b = world.start("ours"), world.start(stack)
        first, second = (a, b) if dialler == "ours" else (b, a)
        first.dial(second)
        until("both see each other subscribe", lambda: a.peers() == 1 and b.peers() == 1)
        time.sleep(MESH_SECONDS)
        for mark in ("first", "second"):
            world.all_hear([a, b], mark)
        until("it stays so", lambda: a.peers() == 1 and b.peers() == 1)
        world.leave(b, Peer.kill)
        until("ours notices the end", lambda: a.peers() == 0)
        c = world.start(stack)
        first, second = (a, c) if dialler == "ours" else (c, a)
        first.dial(second)
        until("the restarted one is seen", lambda: a.peers() == 1 and c.peers() == 1)
        time.sleep(MESH_SECONDS)
        world.all_hear([a, c], "after the restart")
        world.leave(c, Peer.stop)
        until("ours notices the orderly end", lambda: a.peers() == 0)
    finally:
        world.end()


# --- twenty, each at an address of its own (js-libp2p holds it against peers to share one) ---

class Namespaces:
    def __init__(self):
        self.bridge, self.made = f"gsp{os.getpid()}", []
        try:
            ip("netns", "add", self.bridge)
            ip("-n", self.bridge, "link", "add", "br0", "type", "bridge")
            ip("-n", self.bridge, "link", "set", "br0", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            raise stacks.Unavailable(f"no network namespaces: {error}") from error

    def place(self):
        number = len(self.made) + 1
        name, address = f"{self.bridge}-{number}", f"10.77.0.{number}"
        ip("netns", "add", name)
        self.made.append(name)
        ip("-n", self.bridge, "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0",
           "netns", name)
        ip("-n", self.bridge, "link", "set", f"v{number}", "master", "br0", "up")
        ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")
        return name, address

    def close(self):
        for name in [*self.made, self.bridge]:
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def mesh(programs, seed):
    chance = random.Random(seed)
    network = Namespaces()
    world = World(programs, network)

    def join(stack):
        others = list(world.alive)
        peer = world.start(stack)
        for other in chance.sample(others, min(5, len(others))):
            peer.dial(other)

    def settled():
        return all(peer.peers() >= 2 for peer in world.alive)

    try:
        stacks_in_turn = [name for name in programs for _ in range(MESH[name])]
        chance.shuffle(stacks_in_turn)
        for stack in stacks_in_turn:
            join(stack)
        until("everybody knows somebody", settled)
        time.sleep(MESH_SECONDS)
        world.all_hear(world.alive, "hello")

        gone = chance.sample(world.alive, 6)
        for number, peer in enumerate(gone):
            world.leave(peer, Peer.kill if number % 2 else Peer.stop)
        time.sleep(3)
        # Nobody may be left alone by those who left.
        for peer in world.alive:
            if peer.peers() < 2:
                for other in chance.sample([p for p in world.alive if p is not peer], 3):
                    peer.dial(other)
        until("those who stayed know somebody", settled)
        time.sleep(MESH_SECONDS)
        world.all_hear(world.alive, "some left")

        for peer in gone:
            join(peer.stack)
        until("those who came know somebody", settled)
        time.sleep(MESH_SECONDS)
        world.all_hear(world.alive, "back again")
    finally:
        world.end()
        network.close()


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--ours", required=True)
    options.add_argument("--pairs", action="store_true", help="only two processes at a time")
    options.add_argument("--mesh", action="store_true", help="only the twenty")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    try:
        programs = commands(given.ours)
    except stacks.PrepareFailed as error:
        print(error)
        return 1
    if len(programs) == 1:
        print("skipped: neither go nor js can be had here")
        return 77
    rows = []
    if not given.mesh:
        for stack in programs:
            for dialler in dict.fromkeys(("ours", stack)):
                rows.append((f"{stack}, {dialler} dials", lambda s=stack, d=dialler: pair(programs, s, d)))
    if not given.pairs:
        rows.append(("mesh", lambda: mesh(programs, given.seed)))
    failed = 0
    for name, run in rows:
        start = time.monotonic()
        try:
            run()
            outcome = "ok"
        except stacks.Unavailable as reason:
            outcome = f"skipped: {reason}"
        except (Failed, queue.Empty, OSError) as error:
            failed += 1
            outcome = f"FAILED: {error or type(error).__name__}"
        print(f"{name:24} {time.monotonic() - start:6.1f} s  {outcome}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
