"""Three servers, one board, 3,000 signed clients: all see all; a server is killed, then NATS."""
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from world import LOAD, Nats, Process, Town, Watcher, skip_without_nats, until

CLIENTS = 3_000
TTL, HEARTBEAT = 12, 4
QUITTERS = 5  # of each server: they do not come back when it dies


class Crowd(Process):
    def __init__(self, towns):
        ports = ",".join(str(town.port) for town in towns)
        self.start(LOAD, "crowd", ports, CLIENTS, HEARTBEAT, QUITTERS, stdin=subprocess.PIPE,
                   stdout=subprocess.PIPE)
        self.expect("published")

    def expect(self, line):
        said = self.child.stdout.readline().strip()
        assert said == line, said

    def go_on(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()


def step(text):
    print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)


def all_see(towns, count):
    return lambda: all(town.ready()["peers"] == count for town in towns)


def all_whole(towns):
    def holds():
        states = [town.ready() for town in towns]
        return all(state["backplane"] == "whole" and state["otherServers"] == len(towns) - 1
                   for state in states)
    return holds


def nobody_flapped(watchers, but=()):
    flaps = [(watcher.town.port, name) for watcher in watchers for _, name in watcher.left
             if name not in but]
    assert not flaps, f"{len(flaps)} times somebody went who was there: {flaps[:5]}"


def main(folder, held):
    nats = held.enter_context(Nats())
    towns = [held.enter_context(Town(folder / f"town{i}", ttl_seconds=TTL,
                                     backplane=f"nats://127.0.0.1:{nats.port}"))
             for i in range(3)]
    until("the servers found each other", all_whole(towns))
    crowd = held.enter_context(Crowd(towns))
    step(f"{CLIENTS} clients have published, a third to each server")
    until("every server shows every peer", all_see(towns, CLIENTS))
    crowd.go_on()
    crowd.expect("ready")
    watchers = [Watcher(town) for town in towns]
    step("all see all, and have proven sockets")
    assert all(len(watcher.here) == CLIENTS for watcher in watchers)
    time.sleep(TTL)
    nobody_flapped(watchers)
    step("nobody went within a TTL")

    died = time.monotonic()
    towns[0].kill()
    quitters = {f"Peer {i}" for i in range(0, 3 * QUITTERS, 3)}
    towns, watchers = towns[1:], watchers[1:]
    until("who came back is here, who did not is gone", all_see(towns, CLIENTS - QUITTERS), TTL + 8)
    step(f"one server was killed: its quitters were gone after {time.monotonic() - died:.1f} s")
    for watcher in watchers:
        gone = {name: at - died for at, name in watcher.left}
        assert set(gone) == quitters, gone
        assert min(gone.values()) > TTL - HEARTBEAT, gone
    until("the others are whole", all_whole(towns))
    nobody_flapped(watchers, quitters)

    nats.kill()
    until("NATS is missed", lambda: all(town.ready()["backplane"] == "away" for town in towns))
    assert all(town.ready()["ready"] for town in towns)
    time.sleep(TTL + 1)  # longer than a TTL: the others' rows cannot be refreshed
    assert all_see(towns, CLIENTS - QUITTERS)()
    nobody_flapped(watchers, quitters)
    step("NATS was away for longer than a TTL: nobody went")
    back = time.monotonic()
    nats.revive()
    until("all is whole again", all_whole(towns), 2 * HEARTBEAT)
    step(f"NATS is back: whole after {time.monotonic() - back:.1f} s")
    time.sleep(TTL + 1)
    assert all_see(towns, CLIENTS - QUITTERS)()
    nobody_flapped(watchers, quitters)
    step("and nobody went afterwards")


if __name__ == "__main__":
    skip_without_nats()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="goop2-backplane-") as place, ExitStack() as stack:
        main(Path(place), stack)
