#!/usr/bin/env python3
"""The site protocols as another implementation sees them: client.mjs, written on js-libp2p from
docs/dev/protocols/site.md alone, reads a site of `goop2 peer` and compares every byte.

    tests/interop/site/run.py --goop2 build/release/bin/goop2
    tests/interop/site/run.py --address MULTIADDR --folder SITE     (a peer that runs already)

Exit code 0: all passed; 1: something failed; 77: there is no Node, or no way to its packages.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import stacks  # noqa: E402

START_SECONDS = 20
RUN_SECONDS = 300


class Failed(Exception):
    pass


def make_site(site):
    """What the client expects to find; it compares with the files themselves."""
    for folder in ("a b", "blog", "lua"):
        (site / folder).mkdir(parents=True, exist_ok=True)
    (site / "index.html").write_text("<!doctype html><title>Home</title><p>Hello\n")
    (site / "blog" / "index.html").write_text("<!doctype html><title>Blog</title>\n")
    (site / "style.css").write_text("".join(f".c{i} {{ width: {i}px }}\n" for i in range(1000)))
    (site / "a b" / "été.txt").write_text("zomer\n")
    (site / "data.bin").write_bytes(bytes((i * 31 + (i >> 8)) & 255 for i in range(3_000_000)))
    (site / "lua" / "x.lua").write_text("-- private\n")
    (site / ".env").write_text("PRIVATE=1\n")
    link = site / "link"
    if not link.is_symlink():
        link.symlink_to("/etc/hostname")


def text_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    return done.stdout if done.returncode == 0 else ""


def address_of(goop2, folder, process):
    """A loopback address of the running peer, with its id."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Failed(f"`goop2 peer` ended with {process.returncode}")
        found = re.search(r"/ip4/127\.0\.0\.1/tcp/\d+(/p2p/\w+)?", text_of(goop2, "status", folder, "--json"))
        if found:
            peer = re.search(r"\b(12D3KooW|16Uiu2|Qm)\w+", text_of(goop2, "id", folder)).group()
            return found.group() if found.group(1) else f"{found.group()}/p2p/{peer}"
        time.sleep(0.1)
    raise Failed("`goop2 status` names no loopback address")


def set_up(goop2, folder):
    subprocess.run([goop2, "init", folder], check=True, stdout=subprocess.DEVNULL)
    config = Path(folder) / "goop.json"
    settings = json.loads(config.read_text())
    settings.setdefault("viewer", {})["http_addr"] = "off"
    settings.setdefault("p2p", {})["listen_port"] = 0
    config.write_text(json.dumps(settings, indent=2))
    site = Path(folder) / "site"
    make_site(site)
    return site


def run_client(address, site):
    node, program = stacks.command("js")
    client = Path(program).parent / "site_client.mjs"
    stacks.replace(HERE / "client.mjs", client)  # beside node_modules
    return subprocess.run([node, str(client), address, str(site)], timeout=RUN_SECONDS).returncode


def with_own_peer(goop2):
    with tempfile.TemporaryDirectory(prefix="goop-site-") as folder:
        site = set_up(goop2, folder)
        process = subprocess.Popen([goop2, "peer", folder], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)
        try:
            return run_client(address_of(goop2, folder, process), site)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", help="the program to start a peer with")
    parser.add_argument("--address", help="a peer that runs already")
    parser.add_argument("--folder", type=Path, help="that peer's site; made if it is not there")
    arguments = parser.parse_args()
    try:
        if arguments.address and arguments.folder:
            if not arguments.folder.exists():
                make_site(arguments.folder)
            return run_client(arguments.address, arguments.folder)
        if not arguments.goop2:
            parser.error("--goop2, or --address and --folder")
        return with_own_peer(str(Path(arguments.goop2).resolve()))
    except stacks.Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    except (Failed, stacks.PrepareFailed, subprocess.SubprocessError) as error:
        print(f"FAIL  {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
