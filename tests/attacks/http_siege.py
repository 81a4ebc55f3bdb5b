"""http_siege.py KIND HOST PORT COUNT SECONDS: keeps COUNT connections to an HTTP server open, in one of
several rude ways, and opens a new one for each that is ended, at most 1,000 a second.

Prints "ready" when COUNT were opened once, and at its end how many were opened and ended."""

import resource
import selectors
import socket
import sys
import time

RATE = 1000  # new connections a second
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
KINDS = {
    "silent": b"",
    "heads": HEAD,
    "idle": HEAD + b"\r\n",
    "bodies": HEAD.replace(b"GET /", b"POST /publish") + b"Content-Length: 9000\r\n\r\n{",
    "unread": b"".join([HEAD.replace(b"GET /", b"GET /docs/") + b"\r\n"] * 100),
    "floods": b"".join([HEAD + b"\r\n"] * 100),
}


class Siege:
    def __init__(self, kind, target):
        self.kind, self.target = kind, target
        self.words = KINDS[kind].replace(b"%d", str(target[1]).encode())
        self.ready = selectors.DefaultSelector()
        self.held, self.opened, self.ended, self.deaf = 0, 0, 0, []

    def open(self):
        one = socket.socket()
        one.setblocking(False)
        if self.kind == "unread":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect_ex(self.target)
        self.ready.register(one, selectors.EVENT_WRITE)
        self.held += 1
        self.opened += 1

    def close(self, one):
        self.ready.unregister(one)
        one.close()
        self.held -= 1
        self.ended += 1

    def turn(self):
        for key, mask in self.ready.select(0.01):
            one = key.fileobj
            try:
                if mask & selectors.EVENT_WRITE:
                    if self.words:
                        one.send(self.words)
                    if self.kind == "unread":
                        self.ready.unregister(one)
                        self.deaf.append(one)  # open, and nobody looks at it
                    else:
                        self.ready.modify(one, selectors.EVENT_READ)
                elif one.recv(65536) == b"":
                    self.close(one)
                elif self.kind == "floods":
                    one.send(self.words)
            except BlockingIOError:
                pass
            except OSError:
                self.close(one)

    def run(self, connections, seconds):
        start = last = time.monotonic()
        ready = False
        while (now := time.monotonic()) - start < seconds:
            for _ in range(min(connections - self.held, int((now - last) * RATE) + 1)):
                self.open()
            last = now
            self.turn()
            if not ready and self.opened >= connections:
                print("ready", flush=True)
                ready = True
        print(f"opened {self.opened}, ended by the server {self.ended}", flush=True)


def main():
    kind, host, port, connections, seconds = sys.argv[1:]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 20_000), most))
    Siege(kind, (host, int(port))).run(int(connections), float(seconds))


if __name__ == "__main__":
    main()
