"""Six networks, or another user of the computer, want every place of an HTTP server, in one rude way
after the other; an honest visitor of a seventh network, or the owner, is served meanwhile: within a
second, or within four times what it takes undisturbed, where the machine is busy with other things.
Where requests are sent without pause the processor is what is fought for: there within three seconds."""
import json
import subprocess
import sys
import time
from pathlib import Path

import world
from world import GOOP2, HERE, SERVED_WITHIN, Table, World, run

NETWORKS = 6
CONNECTIONS = 1500  # together; from one address as many once closed honest requests without an answer
SECONDS = 4         # of each attack; the honest one asks while all of it lasts
ASKS = 20
PORT, VIEWER_PORT = 8787, 8080
NOBODY, OWNER = 65534, 1000

# The seconds of each request, over a connection of its own; null for one that got no 200.
ASK = """
import http.client, json, sys, time
host, port, path, count = sys.argv[1:]
times = []
for _ in range(int(count)):
    begun = time.monotonic()
    try:
        line = http.client.HTTPConnection(host, int(port), timeout=5)
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        times.append(time.monotonic() - begun if answer.status == 200 else None)
        line.close()
    except (OSError, http.client.HTTPException):
        times.append(None)
    time.sleep(0.05)
print(json.dumps(times))
"""


def as_user(user, *words):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *words]


def ask(host, *words):
    """What the honest one got; `words`: ahead of the program, where it runs as somebody else."""
    *before, target, port, path = words
    done = run("ip", "netns", "exec", host.ns, *before, sys.executable, "-c", ASK, target, port, path, ASKS)
    return json.loads(done.stdout)


def besieged(table, title, attackers, honest, within):
    """`honest()` asks while the attackers, who have been started, are at it."""
    World.wait_ready(attackers)
    times = honest()
    ended = sum(int(attacker.communicate()[0].split()[-1]) for attacker in attackers)
    table.add(title, times, within, note=f"{ended} of theirs ended")


def wait_for(host, port):
    asking = ["ip", "netns", "exec", host.ns, "curl", "-sf", "-o", "/dev/null", f"http://127.0.0.1:{port}/healthz"]
    while subprocess.run(asking, check=False).returncode != 0:
        time.sleep(0.1)


def start(host, name, command, config):
    """A peer or server that runs as OWNER."""
    folder = host.world.folder / name
    run(GOOP2, "init", folder)
    (folder / "goop.json").write_text(json.dumps(config))
    run("chown", "-R", f"{OWNER}:{OWNER}", folder)
    # With so many files a server has 800 places for requests; a viewer has 1,024.
    host.start("prlimit", "--nofile=20000:20000", *as_user(OWNER, GOOP2, "--log", "error", command, folder))


def main():
    strength = world.arguments().strength
    table = Table()
    with World() as internet:
        internet.folder.chmod(0o755)
        server = internet.host("server")
        start(server, "town", "rendezvous", {"presence": {"rendezvous_bind": "0.0.0.0", "rendezvous_port": PORT}})
        start(server, "home", "peer", {"viewer": {"http_addr": f"127.0.0.1:{VIEWER_PORT}"},
                                       "p2p": {"mdns_tag": "goop-attacks-http"}})
        wait_for(server, PORT)
        wait_for(server, VIEWER_PORT)
        visitor = internet.host("visitor")
        rude = [internet.host(f"rude{number}") for number in range(NETWORKS)]
        each = strength * CONNECTIONS // NETWORKS
        undisturbed = [took for took in ask(visitor, server.v4, PORT, "/") if took]
        within = max([SERVED_WITHIN] + [4 * took for took in undisturbed])
        for kind in ("heads", "silent", "bodies", "unread", "floods"):
            attackers = [host.attack("http_siege.py", kind, server.v4, PORT, each, SECONDS) for host in rude]
            besieged(table, f"rendezvous server: {kind}", attackers, lambda: ask(visitor, server.v4, PORT, "/"),
                     3 * within if kind == "floods" else within)
        siege = Path(HERE / "http_siege.py")
        for kind in ("heads", "silent"):
            other_user = as_user(NOBODY, sys.executable, "-B", siege, kind, "127.0.0.1", VIEWER_PORT,
                                 strength * CONNECTIONS, SECONDS)
            attackers = [server.start(*other_user, nice=19, stdout=subprocess.PIPE)]
            besieged(table, f"viewer, another user: {kind}", attackers,
                     lambda: ask(server, *as_user(OWNER), "127.0.0.1", VIEWER_PORT, "/healthz"), within)
    return table.show()


if __name__ == "__main__":
    sys.exit(main())
