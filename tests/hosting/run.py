#!/usr/bin/env python3
"""`goop2 rendezvous` behind the reverse proxies whose settings we hand out: docs/Caddyfile.example
and docs/nginx.example.conf, with only names, ports and certificates replaced.

    tests/hosting/run.py --goop2 build/release/bin/goop2 [--only WORD]

Exit code 0: all passed; 1: something failed; 77: there is neither caddy nor nginx.
"""

import argparse
import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from ports import free_port

DOCS = Path(__file__).resolve().parents[2] / "docs"
PATIENCE = 20  # seconds, for anything that should happen soon
AT_ONCE = 1.0  # seconds; a proxy that collects what it passes on takes longer
TOO_MANY = 600  # malformed messages; a full budget of an address holds some 270
FRESH = 200  # are possible with a full budget only, and far more than come back meanwhile

PEERS = [  # ids that nobody has the key of
    "QmNLei78zWmzUdbeRB3CiUfAizWUrbeeZh5K1rhAQKCh51",
    "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
]


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


class Program:
    """A server beside the test: it is up when its port takes connections."""

    def __init__(self, command, port, **options):
        self.port, self.log = port, tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, **options)

    def __enter__(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
                return self
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise Failed(f"{self.process.args[0]} did not start: {self.said()}") from error
                time.sleep(0.05)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def said(self):
        self.log.seek(0)
        return self.log.read()[-2000:]


def replaced(text, *pairs):
    """With each pattern replaced; one that is not there is a change that the test must follow."""
    for pattern, fresh in pairs:
        text, count = re.subn(pattern, fresh, text, flags=re.M)
        expect(count > 0, f"the example has nothing like {pattern}")
    return text


def caddy(folder, port, upstream):
    example = replaced((DOCS / "Caddyfile.example").read_text(),
                       (r"^rendezvous\.example\.org \{", f"http://127.0.0.1:{port} {{"),
                       (r"127\.0\.0\.1:8787", f"127.0.0.1:{upstream}"))
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + example)
    home = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder)}
    return Program(["caddy", "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"],
                   port, env=home)


def nginx(folder, port, upstream):
    example = replaced((DOCS / "nginx.example.conf").read_text(),
                       (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
                       (r"^.*listen \[::\].*\n", ""), (r"^ *ssl_.*\n", ""),
                       (r"127\.0\.0\.1:8787", f"127.0.0.1:{upstream}"))
    (folder / "site.conf").write_text(example)
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr;\n"
        f"events {{ worker_connections 768; }}\n"
        f"http {{\n  access_log off;\n{temporary}  include {folder}/site.conf;\n}}\n")
    return Program(["nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"], port)


# --- a client behind the proxy, with an address of its own ---

def presence(peer, kind="online", label="x"):
    return json.dumps({"type": kind, "peerId": peer, "content": label,
                       "ts": int(time.time() * 1000)})


class Client:
    def __init__(self, port, address):
        self.port, self.address = port, address

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE,
                                          source_address=(self.address, 0))

    def publish(self, body, connection=None, **headers):
        with contextlib.closing(self.connection()) as own:
            connection = connection or own
            connection.request("POST", "/publish", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def events(self):
        connection = self.connection()
        connection.request("GET", "/events")
        answer = connection.getresponse()
        expect(answer.status == 200, f"/events: {answer.status}")
        expect(answer.headers["Content-Type"].startswith("text/event-stream"), "an event stream")
        return answer

    def streams(self):
        """How many event streams the server has open."""
        with contextlib.closing(self.connection()) as connection:
            connection.request("GET", "/readyz")
            return json.loads(connection.getresponse().read())["eventStreams"]

    def socket(self, query):
        return WebSocket(self.port, self.address, query)


class WebSocket:
    """As much of one as these tests need: short frames, none of them in pieces."""

    def __init__(self, port, address, query):
        self.stream = socket.create_connection(("127.0.0.1", port), PATIENCE, (address, 0))
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(f"GET /ws?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        self.input = self.stream.makefile("rb")
        self.status = int(self.input.readline().split()[1])
        while self.input.readline() not in (b"\r\n", b""):
            pass

    def read(self):
        """Kind and bytes of a frame; pings are left out."""
        while True:
            first, size = self.input.read(2)
            if size == 126:
                size = struct.unpack(">H", self.input.read(2))[0]
            data = self.input.read(size)
            if first & 15 != 9:
                return first & 15, data

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self.stream.sendall(b"\x81" + size + mask + masked)

    def close(self):
        self.input.close()
        self.stream.close()


def next_data(stream):
    while line := stream.readline():
        if line.startswith(b"data: "):
            return json.loads(line[6:])
    raise Failed("the stream ended")


# --- what has to hold behind each of them ---

def events_pass_at_once(port):
    reader, writer = Client(port, "127.0.0.2"), Client(port, "127.0.0.3")
    began = time.monotonic()
    with reader.events() as stream:
        expect(stream.read(6) == b": ok\n\n", "the first bytes of the stream")
        expect(time.monotonic() - began < AT_ONCE, "the stream begins at once")
        for label in ("one", "two"):
            began = time.monotonic()
            expect(writer.publish(presence(PEERS[0], label=label)) == 204, "a publish")
            while next_data(stream)["content"] != label:
                pass
            expect(time.monotonic() - began < AT_ONCE, f"{label} comes at once")


def sockets_pass(port):
    ann, bob = Client(port, "127.0.0.2"), Client(port, "127.0.0.3")
    probe = ann.socket("probe=1")
    expect(probe.status == 101, f"probe: {probe.status}")
    kind, data = probe.read()
    expect((kind, data) == (8, struct.pack(">H", 1000) + b"probe-ok"), f"probe: {kind} {data}")
    probe.close()
    early = ann.socket(f"peer_id={PEERS[1]}")
    expect(early.status == 425, f"too early: {early.status}")
    early.close()
    expect(ann.publish(presence(PEERS[1])) == 204, "a publish")
    open_socket = ann.socket(f"peer_id={PEERS[1]}")
    expect(open_socket.status == 101, f"a socket: {open_socket.status}")
    with bob.events() as stream:
        open_socket.send(presence(PEERS[1], "update", "by socket"))
        while next_data(stream)["content"] != "by socket":
            pass
        began = time.monotonic()
        open_socket.close()
        while next_data(stream)["type"] != "offline":
            pass
        expect(time.monotonic() - began < AT_ONCE, "its end is known at once")


def refused_after(client, most, **headers):
    """How many malformed messages it takes until the client is over its budget; None: more."""
    connection = client.connection()
    try:
        for count in range(most):
            if client.publish("nonsense", connection, **headers) == 429:
                return count
        return None
    finally:
        connection.close()


def clients_are_told_apart(port):
    loud, calm = Client(port, "127.0.0.4"), Client(port, "127.0.0.5")
    count = refused_after(loud, TOO_MANY)
    expect(count is not None, f"{TOO_MANY} malformed messages, and no 429")
    expect(count > FRESH, f"429 after {count} messages: others share this budget")
    expect(calm.publish(presence(PEERS[0])) == 204, "another client is not refused")
    for forged in ("203.0.113.9", "127.0.0.5", "127.0.0.1", "203.0.113.9, 127.0.0.1"):
        again = refused_after(loud, FRESH, **{"X-Forwarded-For": forged})
        expect(again is not None, f"an address of its own invention, {forged}, gives a new budget")


def who_leaves_is_let_go(port):
    client = Client(port, "127.0.0.2")
    with client.events() as stream:
        stream.read(6)
        expect(client.streams() == 1, f"one stream is open: {client.streams()}")
    end = time.monotonic() + AT_ONCE
    while client.streams() > 0:
        expect(time.monotonic() < end, "the proxy keeps the stream of a client that has left")
        time.sleep(0.05)


CHECKS = [events_pass_at_once, sockets_pass, clients_are_told_apart, who_leaves_is_let_go]


def behind(name, goop2):
    """How many of the checks fail behind that proxy."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="goop-hosting-") as root:
        folder, upstream, port = Path(root), free_port(), free_port()
        (folder / "town").mkdir()
        (folder / "town" / "goop.json").write_text(json.dumps({"presence": {
            "rendezvous_port": upstream, "rendezvous_host": True,
            "external_url": "https://rendezvous.example.org",
            "trusted_proxies": ["127.0.0.1/32", "::1/128"]}}))
        proxy = {"caddy": caddy, "nginx": nginx}[name](folder, port, upstream)
        with Program([goop2, "rendezvous", folder / "town"], upstream), proxy:
            for check in CHECKS:
                try:
                    check(port)
                    print(f"ok    {name}: {check.__name__}", flush=True)
                except (Failed, OSError, ValueError, http.client.HTTPException) as error:
                    failed += 1
                    print(f"FAIL  {name}: {check.__name__}: {error!r}\n{proxy.said()}", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", required=True, type=Path, help="our program")
    parser.add_argument("--only", default="", help="caddy or nginx")
    arguments = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    wanted = [name for name in ("caddy", "nginx") if arguments.only in name]
    present = [name for name in wanted if shutil.which(name)]
    for name in set(wanted) - set(present):
        print(f"skipped: {name} is not installed")
    if not present:
        return 77
    failed = 0
    for name in present:
        try:
            failed += behind(name, arguments.goop2.resolve())
        except Failed as error:
            failed += 1
            print(f"FAIL  {name}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
