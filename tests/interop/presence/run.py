#!/usr/bin/env python3
"""Who is here, together with the reference program: its stand-in goopref (../goopref/README.md) is
the client of `goop2 rendezvous`, and the server and a neighbour of `goop2 peer`.

    tests/interop/presence/run.py --goop2 build/release/bin/goop2 [--only WORD] [--minutes N]

Exit code 0: all passed; 1: something failed; 77: there is no Go, or no way to its modules.
"""

import argparse
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import our_peer  # noqa: E402
import our_server  # noqa: E402
import side_by_side  # noqa: E402
import stacks  # noqa: E402
from programs import Failed, Goopref, Town  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", required=True, help="our program")
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--minutes", type=float,
                        help="run that long side by side, and nothing else")
    arguments = parser.parse_args()
    Town.program = str(Path(arguments.goop2).resolve())
    try:
        Goopref.program = stacks.command("goopref")
    except stacks.Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    scenarios = our_server.SCENARIOS + our_peer.SCENARIOS + side_by_side.SCENARIOS
    if arguments.minutes:
        def nothing_flickers():
            side_by_side.nothing_flickers(arguments.minutes * 60)
        scenarios = [nothing_flickers]
    failed = 0
    for scenario in scenarios:
        if arguments.only not in scenario.__name__:
            continue
        began = time.monotonic()
        try:
            scenario()
            print(f"ok    {scenario.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # one failure must not hide the others
            failed += 1
            print(f"FAIL  {scenario.__name__}: {error}", flush=True)
            if not isinstance(error, Failed):
                traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
