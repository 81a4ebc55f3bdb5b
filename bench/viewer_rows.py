"""Peers with their viewers: files of the own and of another's site, start, memory.

Two `goop2 peer` processes on loopback; nginx serves the same folder for comparison, with one
worker process as ours has one loop. wrk makes the small requests, curl the large one.
"""

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from side_by_side import (BIN, Process, Row, alternate, free_port, output, until_answered)

GOOP2 = BIN / "goop2"
MIB = 2**20
LARGE_BYTES = 64 * MIB
SMALL_BYTES = 4096
WRK_SECONDS = 3
HOSTS = 100

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Peer(Process):
    """A peer in a folder of its own; `base` is the URL of its viewer."""

    def __init__(self, folder, *words):
        self.folder = Path(folder)
        if not self.folder.exists():
            output(GOOP2, "init", self.folder)
            self.port = free_port()
            (self.folder / "goop.json").write_text(json.dumps(
                {"viewer": {"http_addr": f"127.0.0.1:{self.port}"}}))
        else:
            config = json.loads((self.folder / "goop.json").read_text())
            self.port = int(config["viewer"]["http_addr"].rsplit(":", 1)[1])
        super().__init__(GOOP2, "--log", "error", "peer", self.folder, *words)
        self.base = f"http://127.0.0.1:{self.port}"

    def learn(self):
        """Reads the start-up lines; returns self."""
        self.id = self.line("Peer: ").split()[0]
        self.address = next(a for a in iter(lambda: self.line("Address: "), None)
                            if a.startswith("/ip4/127.0.0.1/"))
        return self


def wrk(url):
    text = output("wrk", "-c8", "-t1", f"-d{WRK_SECONDS}s", url)
    if "Non-2xx" in text:
        raise RuntimeError(f"{url}: {text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def curl(url):
    """Seconds to the first byte and to the last, and how many came."""
    text = output("curl", "-sf", "-o", "/dev/null", "-w",
                  "%{time_starttransfer} %{time_total} %{size_download}", url)
    first, total, size = (float(word) for word in text.split())
    if size != LARGE_BYTES:
        raise RuntimeError(f"{url}: {size} bytes came")
    return first, total


def rows(rounds):
    with tempfile.TemporaryDirectory(prefix="goop2-bench-") as temp, \
            contextlib.ExitStack() as stack:
        folder = Path(temp)
        os.chmod(folder, 0o755)  # nginx drops its rights
        yield start_row(folder / "start", rounds)
        owner = stack.enter_context(Peer(folder / "owner")).learn()
        site = folder / "owner" / "site"
        for path in (folder / "owner", site):
            os.chmod(path, 0o755)
        (site / "small.bin").write_bytes(os.urandom(SMALL_BYTES))
        (site / "large.bin").write_bytes(os.urandom(LARGE_BYTES))
        visitor = Peer(folder / "visitor", "--connect", owner.address)
        stack.enter_context(visitor).learn()
        until_answered(visitor.port, f"/p/{owner.id}/small.bin")
        yield from large_rows(owner, visitor, rounds)
        yield remote_row(owner, visitor, rounds)
        yield own_row(folder, owner, site, rounds, stack)
        yield from memory_rows(folder / "idle")


def start_row(folder, rounds):
    Peer(folder).__exit__()  # made, and started once

    def start():
        began = time.perf_counter()
        with Peer(folder) as peer:
            until_answered(peer.port)
            return 1000 * (time.perf_counter() - began)

    ours, _ = alternate(max(rounds, 5), start)
    return Row("start to first answered viewer request", f"{ours:.0f} ms", required="at most 80 ms",
               ok=ours <= 80)


def large_rows(owner, visitor, rounds):
    url = f"{visitor.base}/p/{owner.id}/large.bin"
    curl(url)  # the file is in the page cache, the windows have opened
    before = {peer: peer.kib("VmRSS") for peer in (owner, visitor)}
    for peer in before:
        peer.forget_peak()
    times = [curl(url) for _ in range(rounds)]
    more = max(peer.kib("VmHWM") - before[peer] for peer in before) / 1024
    first = 1000 * statistics.median(first for first, _ in times)
    rate = LARGE_BYTES / 1e6 / statistics.median(total for _, total in times)
    yield Row("64 MiB file through viewer and stream", f"{rate:,.0f} MB/s",
              required="500 MB/s", ok=rate >= 500)
    yield Row("  its first byte", f"{first:.1f} ms", required="within 5 ms", ok=first <= 5)
    yield Row("  the most memory it took, either peer", f"{more:.1f} MiB", required="under 8 MiB",
              ok=more < 8)


def remote_row(owner, visitor, rounds):
    ours, _ = alternate(rounds, lambda: wrk(f"{visitor.base}/p/{owner.id}/small.bin"))
    return Row("4 KiB file through viewer and stream", f"{ours:,.0f} /s", required="12,000 /s",
               ok=ours >= 12_000)


def own_row(folder, owner, site, rounds, stack):
    work = "4 KiB file from the own folder"
    url = f"{owner.base}/p/{owner.id}/small.bin"
    if not shutil.which("nginx"):
        return Row(work, f"{alternate(rounds, lambda: wrk(url))[0]:,.0f} /s", "nginx is not here")
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, root=site))
    stack.enter_context(Process("nginx", "-c", config, "-e", folder / "error.log"))
    until_answered(port, "/small.bin")
    ours, nginx = alternate(rounds, lambda: wrk(url),
                            lambda: wrk(f"http://127.0.0.1:{port}/small.bin"))
    return Row(work, f"{ours:,.0f} /s", f"nginx {nginx:,.0f} /s", ours / nginx, "0.7 × nginx",
               ours >= 0.7 * nginx)


def memory_rows(folder):
    with Peer(folder).learn() as peer:
        until_answered(peer.port)
        time.sleep(1)
        idle = peer.kib("VmRSS")
        yield Row("memory of an idle peer", f"{idle / 1024:.1f} MiB", required="at most 16 MiB",
                  ok=idle <= 16 * 1024)
        with Process(BIN / "hosts_load", peer.address, HOSTS) as hosts:
            hosts.line("connected")
            time.sleep(2)
            each = (peer.kib("VmRSS") - idle) / HOSTS
        yield Row("  more for each connected peer", f"{each:.0f} KiB", required="at most 60 KB",
                  ok=each * 1.024 <= 60)


def needed():
    return [name for name in ("wrk", "curl") if not shutil.which(name)] + \
        ([] if GOOP2.exists() else ["build/release/bin/goop2"])
