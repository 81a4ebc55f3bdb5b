"""The reference program's client at our server."""

import json
import re
import signal
import socket

from programs import GONE_MILLIS, KEY, PATIENCE, TOKEN, Gate, Goopref, Town, expect


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


SCENARIOS = [first_a_publish_then_the_socket, two_see_each_other_and_one_leaves,
             one_that_is_killed_leaves_with_its_socket, proxies_without_websockets,
             event_stream_as_it_is_known, tokens_stay_with_the_server, answers_as_they_are_known]
