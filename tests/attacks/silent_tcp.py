"""silent_tcp.py HOST PORT COUNT SECONDS: keeps COUNT connections open and says nothing on them.

Prints "ready" when all were opened once; those that are closed are opened again."""
import selectors
import socket
import sys
import time

host, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
end = time.monotonic() + seconds
selector = selectors.DefaultSelector()
held, ready = 0, False
while time.monotonic() < end:
    while held < count:
        connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        connection.settimeout(2)
        try:
            connection.connect((host, port))
        except OSError:
            connection.close()
            break
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
        held += 1
    if not ready and held == count:
        print("ready", flush=True)
        ready = True
    for key, _ in selector.select(0.1) if held else []:
        try:
            if key.fileobj.recv(1024):
                continue  # what the other side offers
        except BlockingIOError:
            continue
        except OSError:
            pass
        selector.unregister(key.fileobj)
        key.fileobj.close()
        held -= 1
    time.sleep(0.1)
