"""Clients of the reference program and a peer of ours at one server of ours, for a while: nothing
that anybody sees of another one changes or goes away meanwhile."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from programs import Mira, Town, expect

SHOWN = ("label", "email", "avatarHash", "online", "activeTemplate")  # of a peer, by `goop2 peers`
TOLD = ("content", "email", "avatarHash", "activeTemplate")  # by a message


def nothing_flickers(seconds=15):
    with tempfile.TemporaryDirectory(prefix="goop-presence-") as root, Town() as town, \
            Mira(Path(root) / "mira", town.url) as mira, town.client("Ann") as ann, \
            town.client("Bob", None, "-heartbeat", "25s") as bob:
        clients = [ann, bob]
        first = {client.identity(): mira.sees(client.identity(), online=True) for client in clients}
        heard = [client.hears(mira.id, ("online", "update"), "ws") for client in clients]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rows = {row["peerID"]: row for row in peers_of(mira)}
            for who, row in first.items():
                expect(shown(rows.get(who, {})) == shown(row), f"{row} became {rows.get(who)}")
            board = town.ask("GET", "/peers.json", admin=True)[2]
            for who in [mira.id, *first]:
                expect(who in board, f"{who} is not on the board: {board}")
            time.sleep(1)
        for client, message in zip(clients, heard):
            for event in client.events():
                if event["event"] == "heard" and event["message"]["peerId"] == mira.id:
                    expect(event["message"]["type"] != "offline", f"it seemed to go: {event}")
                    expect(told(event) == told(message), f"{message} became {event}")


def peers_of(mira):
    listed = subprocess.run([Town.program, "peers", mira.folder, "--json"], check=True,
                            capture_output=True, text=True, timeout=20).stdout
    return json.loads(listed)["peers"]


def shown(row):
    return {key: row.get(key) for key in SHOWN}


def told(event):
    return {key: event["message"].get(key) for key in TOLD}


SCENARIOS = [nothing_flickers]
