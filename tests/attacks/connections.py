"""A peer whose places for connections are taken by attackers of several networks.

Silent TCP: three addresses in three /24s, 60 connections each. Idle proven connections: six
addresses with 58 identities each; the same, each of which asks for a file every 20 seconds. Each
with `--strength` times as many addresses. Meanwhile a class of forty behind one address stays
connected, and visitors whom nobody has seen before are served within a second, or within four times
what an undisturbed visit takes on a busy machine.
"""
import subprocess
import sys
import time

from world import IDENTITIES, SERVED_WITHIN, Table, World, arguments

VISITS = 8


def visits(host, peer):
    times = []
    for _ in range(VISITS):
        times.append(host.visit(peer.address))
        time.sleep(0.1)
    return times


def main():
    strength = arguments().strength
    table = Table()
    with World() as world:
        target = world.host("target")
        peer = target.peer("Olga")
        school = world.host("school")
        visitor = world.host("visitor")
        mallories = [world.host(f"mallory {i}") for i in range(6 * strength)]
        pupils = school.start(IDENTITIES, peer.address, 40, 120, 20, stdout=subprocess.PIPE)
        world.wait_ready([pupils])
        undisturbed = visits(visitor, peer)
        table.add("none", undisturbed)
        within = max([SERVED_WITHIN] + [4 * each for each in undisturbed if each])

        silent = [m.attack("silent_tcp.py", target.v4, peer.port, 60, 60)
                  for m in mallories[:3 * strength]]
        world.wait_ready(silent)
        table.add(f"silent TCP, {len(silent)} × 60", visits(visitor, peer), within)
        world.end_attacks(silent)

        for what, every in ("idle identities", []), ("identities that ask every 20 s", [20]):
            idle = [m.attack(IDENTITIES, peer.address, 58, 60, *every) for m in mallories]
            world.wait_ready(idle)
            table.add(f"{what}, {len(idle)} × 58", visits(visitor, peer), within)
            world.end_attacks(idle)
        pupils.terminate()
        lost = pupils.communicate(timeout=10)[0].strip()
        if lost != "lost 0":
            table.failures.append(f"connections of the class: {lost}")
    return table.show()


sys.exit(main())
