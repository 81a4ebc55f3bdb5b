"""Our peer at the reference program's server, and beside the reference program as a neighbour."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from programs import GONE_MILLIS, PATIENCE, Goopref, Mira, Process, Town, expect

SITE_TEXT = "<!doctype html><title>From the other side</title>\n"


# --- at a server ---

def our_peer_at_their_server():
    with tempfile.TemporaryDirectory(prefix="goop-presence-") as root, \
            Goopref("server", "0") as town:
        url = town.event("listening")["url"]
        with Mira(Path(root) / "mira", url) as mira, \
                Goopref("client", "-label", "Ann", "-heartbeat", "1s", url) as ann:
            town.event("too early", peerId=mira.id)
            town.event("socket opened", peerId=mira.id)
            took = [e for e in town.events() if e["event"] == "took" and e["message"]["peerId"] == mira.id]
            expect(took[0]["via"] == "post" and took[0]["message"]["ts"] > 0, f"introduction: {took}")
            heard = ann.hears(mira.id, ("online", "update"), "ws")
            expect(heard["message"]["content"] == "Mira", f"label: {heard}")
            expect("email" not in heard["message"], f"an e-mail that nobody shared: {heard}")
            mira.sees(ann.identity(), label="Ann", online=True)
            who = ann.identity()
            ann.stop()
            mira.sees(who, online=False)


def our_peer_where_there_are_no_websockets():
    with tempfile.TemporaryDirectory(prefix="goop-presence-") as root, \
            Goopref("server", "-refuse-ws", "404", "0") as town:
        url = town.event("listening")["url"]
        with Mira(Path(root) / "mira", url) as mira, \
                Goopref("client", "-label", "Ann", "-heartbeat", "1s", url) as ann:
            for status in (404, 501, 403):
                since = len(town.lines)
                if status != 404:
                    town.tell(f"refuse-ws {status}")
                    town.event("refusing", status=status)
                told_by(town, since, mira.id, "post")
                mira.sees(ann.identity(), online=True)
                since = len(town.lines)
                town.tell("refuse-ws 0")
                told_by(town, since, mira.id, "ws")
            ann.event("ws", status=101)
            at = mira.stop()
            gone = ann.hears(mira.id, ("offline",), "ws")["at"] - at
            expect(gone <= GONE_MILLIS, f"the stop was known after {gone} ms")


def told_by(town, since, who, via):
    """Waits until the server is told of that peer by socket or by POST, in lines after `since`."""
    end = time.monotonic() + PATIENCE
    while True:
        for line in list(town.lines)[since:]:
            event = json.loads(line)
            if event["event"] == "took" and (event["message"]["peerId"], event["via"]) == (who, via):
                return
        expect(time.monotonic() < end, f"{who} told nothing by {via}:\n" + "\n".join(town.lines[-9:]))
        time.sleep(0.05)


# --- on the same network ---

def neighbours():
    with tempfile.TemporaryDirectory(prefix="goop-presence-") as root:
        site, ours = Path(root) / "site", Path(root) / "ours"
        site.mkdir()
        (site / "index.html").write_text(SITE_TEXT)
        subprocess.run([Town.program, "init", ours], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([Town.program, "config", "set", ours, "profile.label", "Mira"], check=True,
                       stdout=subprocess.DEVNULL)
        with Process([Town.program, "peer", ours]) as mira, \
                Goopref("peer", "-label", "Nora", "-site", site, "-fetch", "/index.html",
                        "-listen", "/ip4/127.0.0.1/tcp/0", "-heartbeat", "1s") as nora:
            mira.find(lambda line: line if line.startswith("Viewer:") else None, "a start")
            at = mira.find(lambda line: line.removeprefix("Address: ")
                           if line.startswith("Address: /ip4/127.0.0.1/") else None, "an address")
            who = at.rpartition("/")[2]
            nora.tell(f"dial {at}")
            heard = nora.hears(who, ("online", "update"), "gossip")
            expect(heard["message"]["content"] == "Mira", f"label: {heard}")
            for secret in ("verificationToken", '"email"'):
                expect(secret not in heard["raw"], f"{secret} in gossip: {heard['raw']}")
            expect(nora.event("content", peerId=who).get("label") == "Mira", "/goop/content/1.0.0")
            page = (ours / "site" / "index.html").read_text()
            fetched = nora.event("fetched", peerId=who)
            expect(fetched.get("text") == page[:4096] and fetched["mime"].startswith("text/html"),
                   f"the page: {fetched}")
            visits(nora, ours)
            stopped = mira.stop()
            gone = nora.hears(who, ("offline",), "gossip")["at"] - stopped
            expect(gone <= GONE_MILLIS, f"the stop was known after {gone} ms")


def visits(nora, ours):
    """Ours reads the other's site, and knows its name from its presence."""
    address = nora.event("address")["address"]
    visited = subprocess.run([Town.program, "visit", address, "index.html"], capture_output=True,
                             text=True, timeout=PATIENCE, check=False)
    expect(visited.stdout == SITE_TEXT, f"goop2 visit: {visited}")
    end = time.monotonic() + PATIENCE
    while True:
        status = subprocess.run([Town.program, "status", ours, "--json"], capture_output=True,
                                text=True, timeout=PATIENCE, check=True).stdout
        labels = [one["label"] for one in json.loads(status)["connections"]]
        if "Nora" in labels:
            return
        expect(time.monotonic() < end, f"goop2 status names nobody: {labels}")
        time.sleep(0.2)


SCENARIOS = [our_peer_at_their_server, our_peer_where_there_are_no_websockets, neighbours]
