#!/usr/bin/env python3
"""Who is here, together with the reference program: its stand-in goopref (../goopref/README.md) is
the client of `goop2 rendezvous`, and the server and a neighbour of `goop2 peer`.

    tests/interop/presence/run.py --goop2 build/release/bin/goop2 [--only WORD]

Exit code 0: all passed; 1: something failed; 77: there is no Go, or no way to its modules.
"""

import argparse
import base64
import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import stacks  # noqa: E402

PATIENCE = 20  # seconds, for anything that should happen soon
GONE_MILLIS = 200  # between a stop and the others' knowing of it
PASSWORD = "admin-of-the-test"
TOKEN = "token-that-nobody-must-see"
KEY = "zPFtQt4CI2OwzeGON6uLZuARrjgfznB2ZChkquP0xHc="
SITE_TEXT = "<!doctype html><title>From the other side</title>\n"


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def millis():
    return int(time.time() * 1000)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program beside the test, and the lines that it printed."""

    def __init__(self, command):
        self.process = subprocess.Popen([*map(str, command)], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=1)
        self.lines, self.news = [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def find(self, choose, what, patience=PATIENCE):
        """The first result of `choose` over all lines that is not None."""
        end, seen = time.monotonic() + patience, 0
        with self.news:
            while True:
                for line in self.lines[seen:]:
                    found = choose(line)
                    if found is not None:
                        return found
                seen = len(self.lines)
                if not self.news.wait(end - time.monotonic()):
                    raise Failed(f"waited for {what}; it said\n" + "\n".join(self.lines[-20:]))

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def stop(self, number=signal.SIGTERM):
        """Unix milliseconds at which it was told to stop."""
        at = millis()
        self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE)
        return at


class Goopref(Process):
    program = None

    def __init__(self, mode, *words):
        super().__init__([*self.program, mode, *words])

    def events(self):
        return [json.loads(line) for line in list(self.lines) if line.startswith("{")]

    def event(self, name, patience=PATIENCE, **fields):
        def choose(line):
            event = json.loads(line) if line.startswith("{") else {}
            fits = event.get("event") == name and all(event.get(k) == v for k, v in fields.items())
            return event if fits else None
        return self.find(choose, f"{name} {fields}", patience)

    def hears(self, who, kind, via, patience=PATIENCE):
        def choose(line):
            event = json.loads(line) if line.startswith("{") else {}
            fits = (event.get("event") == "heard" and event["via"] == via and
                    event["message"]["peerId"] == who and event["message"]["type"] in kind)
            return event if fits else None
        return self.find(choose, f"{kind} of {who} via {via}", patience)

    def identity(self):
        return self.event("identity")["peerId"]


class Town:
    """A `goop2 rendezvous` in a folder of its own."""

    program = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="goop-presence-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (Path(self.folder) / "goop.json").write_text(json.dumps({"presence": {
            "rendezvous_host": True, "rendezvous_port": self.port, "admin_password": PASSWORD,
            "peer_db_path": "peers.db"}}))
        self.server = Process([self.program, "rendezvous", self.folder, "--log", "trace"])
        self.server.find(lambda line: line if line.startswith("Connections:") else None, "a start")
        return self

    def __exit__(self, *_):
        with self.server:
            self.server.stop()
        shutil.rmtree(self.folder)

    def client(self, label, port=None, *words):
        return Goopref("client", "-label", label, "-addrs", f"/ip4/10.9.0.1/tcp/54{len(label):02}",
                       "-public-key", KEY, "-token", TOKEN, "-email", "ann@example.org",
                       "-heartbeat", "1s", *words, f"http://127.0.0.1:{port or self.port}")

    def ask(self, method, path, body=None, admin=False):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        basic = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        connection.request(method, path, body, {"Authorization": f"Basic {basic}"} if admin else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


class Gate:
    """A way to a server that takes no WebSockets, as some proxies do, until `open` is set."""

    def __init__(self, port, status):
        self.to, self.status, self.open = port, status, False
        self.accepting = socket.create_server(("127.0.0.1", 0))
        self.port = self.accepting.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.accepting.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            head = client.recv(65536)
            if head.startswith(b"GET /ws") and not self.open:
                client.sendall(f"HTTP/1.1 {self.status} No\r\nContent-Length: 0\r\n"
                               "Connection: close\r\n\r\n".encode())
                return
            with socket.create_connection(("127.0.0.1", self.to)) as server:
                server.sendall(head)
                threading.Thread(target=self.copy, args=(client, server), daemon=True).start()
                self.copy(server, client)

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.accepting.close()


# --- the reference program's client at our server ---

def first_a_publish_then_the_socket():
    with Town() as town, town.client("Ann") as ann:
        ann.event("ws", status=101)
        told = [(e["event"], e.get("status")) for e in ann.events() if e["event"] in ("ws", "published")]
        expect(told[:3] == [("ws", 425), ("published", 204), ("ws", 101)], f"425, 204, 101: {told}")


def two_see_each_other_and_one_leaves():
    with Town() as town, town.client("Ann") as ann, town.client("Bob") as bob:
        heard = bob.hears(ann.identity(), ("update",), "ws")
        ann.hears(bob.identity(), ("online", "update"), "ws")
        message = heard["message"]
        expect(message["verified"] and message["videoDisabled"] and message["encryptionSupported"],
               f"flags: {message}")
        expect(message["goopClientVersion"] == "3.0.1" and message["publicKey"] == KEY,
               f"texts: {message}")
        expect(message["addrs"] == ["/ip4/10.9.0.1/tcp/5403"], f"addresses: {message}")
        expect(re.search(r'"ts":\d+[,}]', heard["raw"]), f"ts is no integer: {heard['raw']}")
        who = ann.identity()
        at = ann.stop()
        gone = bob.hears(who, ("offline",), "ws")["at"] - at
        expect(gone <= GONE_MILLIS, f"the stop was known after {gone} ms")


def one_that_is_killed_leaves_with_its_socket():
    with Town() as town, town.client("Ann") as ann, town.client("Bob") as bob:
        bob.hears(ann.identity(), ("update",), "ws")
        who = ann.identity()
        at = ann.stop(signal.SIGKILL)
        gone = bob.hears(who, ("offline",), "ws")["at"] - at
        expect(gone <= 1000, f"the end was known after {gone} ms")


def proxies_without_websockets():
    with Town() as town, town.client("Bob") as bob:
        bob.event("ws", status=101)
        gates = [Gate(town.port, status) for status in (404, 501, 403)]
        clients = [town.client("Anna", gate.port) for gate in gates]
        try:
            for gate, ann in zip(gates, clients):
                ann.event("ws", status=gate.status)
                ann.event("sse", status=200)
                ann.event("published", via="post", status=204)
                ann.hears(bob.identity(), ("online", "update"), "sse")
                bob.hears(ann.identity(), ("online", "update"), "ws")
                gate.open = True
            for ann in clients:
                probe = ann.event("probe", status=101)
                expect((probe["code"], probe["reason"]) == (1000, "probe-ok"), f"probe: {probe}")
                ann.event("ws", status=101)
                ann.hears(bob.identity(), ("online", "update"), "ws")
                who = ann.identity()
                at = ann.stop()
                gone = bob.hears(who, ("offline",), "ws")["at"] - at
                expect(gone <= GONE_MILLIS, f"the stop was known after {gone} ms")
        finally:
            for each in gates:
                each.close()
            for ann in clients:
                with ann:
                    pass


def open_stream(town, path="/events"):
    stream = socket.create_connection(("127.0.0.1", town.port), timeout=PATIENCE)
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {town.url[7:]}\r\n\r\n".encode())
    return stream


def read_until(stream, text, so_far=b""):
    while text not in so_far:
        data = stream.recv(65536)
        expect(data, f"the stream ended before {text}: {so_far[-300:]}")
        so_far += data
    return so_far


def event_stream_as_it_is_known():
    with Town() as town, open_stream(town) as stream:
        head, _, body = read_until(stream, b": ok\n\n").partition(b"\r\n\r\n")
        for field in (b"HTTP/1.1 200 ", b"text/event-stream", b"no-cache", b"X-Accel-Buffering: no"):
            expect(field in head, f"{field} in {head}")
        expect(body.startswith(b": ok\n\n"), f"first bytes: {body[:20]}")
        with town.client("Ann") as ann:
            body = read_until(stream, ann.identity().encode(), body)
            body = read_until(stream, b"}\n\n", body)
            lines = [line for line in body.decode().split("\n") if line]
            expect(all(line.startswith((":", "data: {")) for line in lines), f"lines: {lines}")


def tokens_stay_with_the_server():
    with Town() as town, open_stream(town) as stream, town.client("Bob") as bob:
        with town.client("Ann") as ann:
            bob.hears(ann.identity(), ("update",), "ws")
            pages = town.ask("GET", "/peers.json", admin=True), town.ask("GET", "/logs.json", admin=True)
            expect(all(status == 200 for status, _, _ in pages), f"admin's pages: {pages}")
            expect(ann.identity() in pages[0][2], f"/peers.json: {pages[0][2]}")
            who = ann.identity()
            ann.stop()
        told = read_until(stream, b'"offline"').decode()
        bob.hears(who, ("offline",), "ws")
        town.server.stop()
        places = {"the event stream": told, "a socket": "\n".join(bob.lines),
                  "/peers.json": pages[0][2], "/logs.json": pages[1][2],
                  "the log": "\n".join(town.server.lines)}
        for place, text in places.items():
            expect(TOKEN not in text and "verificationToken" not in text, f"a token in {place}")


ANSWERS = [  # method, path, body, status, a word in the answer; @ is a peer id
    ("POST", "/publish", "x", 400, ""),
    ("POST", "/publish", "{}", 400, ""),
    ("POST", "/publish", '{"type":"punch","peerID":"@","target":"@"}', 400, "type"),
    ("POST", "/publish", '{"type":"online","peerID":"@","ts":1.5}', 400, "ts"),
    ("POST", "/publish", '{"type":"online","PEERID":"@","Content":"any case","ts":0}', 204, ""),
    ("GET", "/publish", None, 405, ""),
    ("GET", "/ws", None, 400, "peer_id"),
    ("GET", "/ws?peer_id=nobody", None, 425, "publish"),
    ("GET", "/ws?peer_id=@", None, 400, ""),
    ("GET", "/ws?probe=1", None, 400, ""),
    ("GET", "/relay", None, 404, ""),
    ("GET", "/healthz", None, 200, "ok\n"),
    ("GET", "/nope", None, 404, ""),
    ("GET", "/peers.json", None, 401, ""),
]


def answers_as_they_are_known():
    with Town() as town, Goopref("client", "http://127.0.0.1:1") as somebody:
        peer = somebody.identity()
        for method, path, body, status, word in ANSWERS:
            got, _, text = town.ask(method, path.replace("@", peer), body and body.replace("@", peer))
            expect(got == status and word in text, f"{method} {path} {body}: {got} {text!r}")
        status, _, text = town.ask("GET", "/api/capabilities")
        expect(status == 200 and sorted(json.loads(text)) == [
            "bridge", "credits", "encryption", "registration", "relay", "templates"], text)
        expect(town.ask("GET", "/peers.json")[1]["WWW-Authenticate"].startswith("Basic "), "Basic")


# --- our peer at the reference program's server ---

class Mira(Process):
    """A `goop2 peer` that uses the server at `url`."""

    def __init__(self, folder, url):
        subprocess.run([Town.program, "init", folder], check=True, stdout=subprocess.DEVNULL)
        for key, value in (("profile.label", "Mira"), ("presence.heartbeat_seconds", "1"),
                           ("presence.rendezvous_wan", url)):
            subprocess.run([Town.program, "config", "set", folder, key, value], check=True,
                           stdout=subprocess.DEVNULL)
        super().__init__([Town.program, "peer", folder])
        self.folder = folder
        self.id = self.find(lambda line: line.split()[1] if line.startswith("Peer: ") else None, "id")

    def sees(self, who, **fields):
        """Waits until `goop2 peers` says so of that peer."""
        end = time.monotonic() + PATIENCE
        while True:
            listed = subprocess.run([Town.program, "peers", self.folder, "--json"], check=False,
                                    capture_output=True, text=True, timeout=PATIENCE).stdout
            rows = [row for row in json.loads(listed or "{}").get("peers", []) if row["peerID"] == who]
            if rows and all(rows[0].get(key) == value for key, value in fields.items()):
                return rows[0]
            expect(time.monotonic() < end, f"goop2 peers does not show {who} {fields}: {listed}")
            time.sleep(0.1)


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


# --- the reference program as a neighbour of our peer ---

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


SCENARIOS = [first_a_publish_then_the_socket, two_see_each_other_and_one_leaves,
             one_that_is_killed_leaves_with_its_socket, proxies_without_websockets,
             event_stream_as_it_is_known, tokens_stay_with_the_server, answers_as_they_are_known,
             our_peer_at_their_server, our_peer_where_there_are_no_websockets, neighbours]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", required=True, help="our program")
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    arguments = parser.parse_args()
    Town.program = str(Path(arguments.goop2).resolve())
    try:
        Goopref.program = stacks.command("goopref")
    except stacks.Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    failed = 0
    for scenario in SCENARIOS:
        if arguments.only not in scenario.__name__:
            continue
        began = time.monotonic()
        try:
            scenario()
            print(f"ok    {scenario.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # one failure must not hide the others
            failed += 1
            print(f"FAIL  {scenario.__name__}: {error}", flush=True)
            if not isinstance(error, Failed):
                traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
