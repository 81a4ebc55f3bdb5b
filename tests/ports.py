"""Ports of 127.0.0.1 that tests give to servers."""
import random
import socket

# Below the ports that a system gives out by itself, so that no connection or other server takes one
# between its choice and its use, or while its server is down.
RANGE = range(10_000, 30_000)


def free_port():
    while True:
        port = random.SystemRandom().choice(RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
