"""The programs of both sides, as the scenarios use them."""

import base64
import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))
from ports import free_port

PATIENCE = 20  # seconds, for anything that should happen soon
GONE_MILLIS = 200  # between a stop and the others' knowing of it
PASSWORD = "admin-of-the-test"
TOKEN = "token-that-nobody-must-see"
KEY = "zPFtQt4CI2OwzeGON6uLZuARrjgfznB2ZChkquP0xHc="


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def millis():
    return int(time.time() * 1000)


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
