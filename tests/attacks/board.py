"""A rendezvous server whose board attackers fill with signed identities and an hour's time to live.

Twelve /64s of one /48; then six networks, over IPv6 and IPv4. Each with `--strength` times as many.
Meanwhile a class of forty behind one address stays on the board, and newcomers from networks of
their own are taken at once.
"""
import json
import os
import subprocess
import sys
import time

from world import GOOP2, ROOT, Table, World, arguments, run

PRESENCE = os.environ.get("ATTACK_PRESENCE", str(ROOT / "build/release/bin/attack_presence"))
ROWS, PUPILS, NEWCOMERS = 2000, 40, 8
PASSWORD = "of-the-operator"
READ = f"""
import base64, sys, urllib.request
basic = base64.b64encode(b"admin:{PASSWORD}").decode()
request = urllib.request.Request(sys.argv[1] + "/peers.json",
                                 headers={{"Authorization": "Basic " + basic}})
print(urllib.request.urlopen(request, timeout=10).read().decode())
"""


class Server:
    def __init__(self, host, bind, address, port):
        self.host, self.address, self.port = host, address, port
        self.local = f"http://[::1]:{port}" if ":" in bind else f"http://127.0.0.1:{port}"
        folder = host.world.folder / f"server{port}"
        run(GOOP2, "init", folder)
        for key, value in (("presence.rendezvous_peers", ROWS), ("presence.rendezvous_port", port),
                           ("presence.admin_password", PASSWORD)):
            run(GOOP2, "config", "set", folder, key, value)
        self.process = host.start(GOOP2, "rendezvous", folder, "--bind", bind,
                                  stdout=subprocess.PIPE)
        assert self.process.stdout.readline(), "the server did not start"

    def labels(self):
        """Of the peers on the board."""
        done = run("ip", "netns", "exec", self.host.ns, sys.executable, "-c", READ, self.local)
        return [peer["content"] for peer in json.loads(done.stdout)]

    def at(self):
        return self.address, self.port


def newcomers(host, server):
    """Seconds until each of some new peers is taken; None: refused."""
    times = []
    for _ in range(NEWCOMERS):
        begin = time.monotonic()
        done = host.start(PRESENCE, *server.at(), 1, 1, stdout=subprocess.PIPE)
        taken = done.stdout.readline().startswith("taken 1 ")
        times.append(time.monotonic() - begin if taken else None)
        done.terminate()
    return times


def subnets(host, count):
    """Addresses in as many /64s of the host's /48."""
    first = host.v6.removesuffix("::1")
    added = [f"{first}:{i:x}::1" for i in range(1, count + 1)]
    for address in added:
        run("ip", "-n", host.ns, "addr", "add", address + "/48", "dev", "eth0", "nodad")
    return added


class Siege:
    """One server, a class that is there before the attackers come, and who comes meanwhile."""

    def __init__(self, server, school, visitor, table):
        self.server, self.visitor, self.table = server, visitor, table
        pupils = school.start("env", "LABEL=pupil", PRESENCE, *server.at(), PUPILS, 150,
                              stdout=subprocess.PIPE)
        said = pupils.stdout.readline()
        assert said.startswith(f"taken {PUPILS} refused 0"), said
        self.look("none")

    def look(self, what, least_rows=0):
        times = newcomers(self.visitor, self.server)
        labels = self.server.labels()
        here = labels.count("pupil")
        self.table.add(what, times, note=f"{len(labels)} rows, {here} of the class of {PUPILS}")
        if here < PUPILS:
            self.table.failures.append(f"{what}: {here} of the class of {PUPILS} are left")
        if len(labels) < least_rows:
            self.table.failures.append(f"{what}: the board was not filled")

    def under(self, what, floods, settle, least_rows):
        time.sleep(settle)
        self.look(what, least_rows)
        self.server.host.world.end_attacks(floods)


def main():
    strength = arguments().strength
    table = Table()
    with World() as world:
        machine, school, visitor = (world.host(name) for name in ("server", "school", "visitor"))
        mallories = [world.host(f"mallory {i}") for i in range(6 * strength)]
        sources = subnets(mallories[0], 12 * strength)
        for bind, address, port in ("::", machine.v6, 8787), ("0.0.0.0", machine.v4, 8788):
            server = Server(machine, bind, address, port)
            siege = Siege(server, school, visitor, table)
            if ":" in bind:
                flood = mallories[0].attack(PRESENCE, *server.at(), 200, 60, *sources)
                siege.under(f"{len(sources)} /64s of one /48, 200 identities each", [flood], 10, 1000)
            floods = [m.attack(PRESENCE, *server.at(), 600, 60) for m in mallories]
            what = "/48s" if ":" in bind else "/24s"
            siege.under(f"{len(floods)} {what}, 600 identities each", floods, 15, ROWS)
    return table.show()


sys.exit(main())
