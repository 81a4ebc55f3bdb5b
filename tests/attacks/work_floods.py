"""One neighbour floods a peer with one kind of work after the other; a visitor of another network
is served meanwhile, and the peer's processor time stays far below the wall's."""
import os
import sys
import time

from world import ROOT, Table, World, arguments

FLOOD_PEER = os.environ.get("FLOOD_PEER", str(ROOT / "build/release/bin/flood_peer"))
KINDS = ["requests", "gossip", "control", "pushes", "streams", "pings"]
SECONDS = 10     # of each flood
CPU_MOST = 0.5   # of a core, all of the peer's threads together, visits included


def measure(world, kind, peer, mallories, visitor, table):
    attack = [mallory.attack(FLOOD_PEER, peer.address, kind, SECONDS) for mallory in mallories]
    world.wait_ready(attack)
    before, begin, times = peer.cpu_seconds(), time.monotonic(), []
    while any(one.poll() is None for one in attack):
        times.append(visitor.visit(peer.address))
        time.sleep(0.5)
    share = (peer.cpu_seconds() - before) / (time.monotonic() - begin)
    table.add(f"flood of {kind}", times, note=f"{share:.2f} of a core")
    if share > CPU_MOST * len(mallories):
        table.failures.append(f"flood of {kind}: {share:.2f} of a core")


def main():
    strength = arguments().strength
    table = Table()
    with World() as world:
        peer = world.host("target").peer("Olga")
        visitor = world.host("visitor")
        mallories = [world.host(f"mallory {n}") for n in range(strength)]
        for kind in KINDS:
            measure(world, kind, peer, mallories, visitor, table)
    return table.show()


if __name__ == "__main__":
    sys.exit(main())
