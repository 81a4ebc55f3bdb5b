#!/usr/bin/env python3
"""The table of what has a figure to hold: ours, the other side, the ratio, all from one run.

  bench/table_bench.py [libp2p] [viewer] [pipe] [rendezvous] [--rounds N]

What each figure means and what limits it is in docs/dev/benchmarks.md. Exit code 1: a figure was
missed. A busy machine misses figures that it would hold when idle; the load is printed.
"""

import argparse
import os
import sys

import libp2p_rows
import rendezvous_rows
import viewer_rows
from side_by_side import HEADER


def rows(parts, rounds):
    if "pipe" in parts:
        yield libp2p_rows.pipe_row()
    if "libp2p" in parts:
        yield from libp2p_rows.rows(rounds)
    if "viewer" in parts:
        if missing := viewer_rows.needed():
            print(f"the viewer is not measured: missing {', '.join(missing)}", file=sys.stderr)
        else:
            yield from viewer_rows.rows(rounds)
    if "rendezvous" in parts:
        if missing := rendezvous_rows.needed():
            print(f"rendezvous is not measured: missing {', '.join(missing)}", file=sys.stderr)
        else:
            yield from rendezvous_rows.rows(rounds)


def main():
    every = ["pipe", "libp2p", "viewer", "rendezvous"]
    options = argparse.ArgumentParser(description="Measures side by side.")
    options.add_argument("parts", nargs="*", choices=[*every, []], default=every)
    options.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    given = options.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(HEADER)
    held = True
    for row in rows(given.parts or every, given.rounds):
        print(row.text(), flush=True)
        held = held and row.ok
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
