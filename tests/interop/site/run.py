#!/usr/bin/env python3
"""The site protocols as another implementation sees them: client.mjs, written on js-libp2p from
docs/dev/protocols/site.md alone, reads a site of `goop2 peer` and compares every byte.

    tests/interop/site/run.py --goop2 build/release/bin/goop2
    tests/interop/site/run.py --address MULTIADDR --folder SITE     (a peer that runs already)

Exit code 0: all passed; 1: something failed; 77: there is no Node, or no way to its packages.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import stacks  # noqa: E402

STOP_SECONDS = 10
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


def address_of(process):
    """The running peer's address on this machine, as it prints it."""
    for line in process.stdout:
        found = re.fullmatch(r"Address: (/ip4/127\.0\.0\.1/tcp/\d+/p2p/\w+)\n", line)
        if found:
            return found[1]
    raise Failed(f"`goop2 peer` ended with {process.wait()} and named no address on this machine")


def set_up(goop2, folder):
    subprocess.run([goop2, "init", folder], check=True, stdout=subprocess.DEVNULL)
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
        process = subprocess.Popen([goop2, "peer", folder], stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE)
        try:
            return run_client(address_of(process), site)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


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
