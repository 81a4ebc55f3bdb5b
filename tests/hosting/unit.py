#!/usr/bin/env python3
"""docs/goop-rendezvous.service, as systemd judges it: nothing that it does not understand, and a
service that is shut away as well as one with a network can be. 77: there is no systemd.

    tests/hosting/unit.py --goop2 build/release/bin/goop2
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "docs" / "goop-rendezvous.service"
MOST_EXPOSURE = 15  # tenths; 100 is a service without any protection, 14 what the network leaves


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", required=True, type=Path)
    arguments = parser.parse_args()
    if not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is not installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="goop-unit-") as folder:
        unit = Path(folder) / UNIT.name
        # A program that is not installed is what it would complain about.
        unit.write_text(UNIT.read_text().replace("/usr/bin/goop2", str(arguments.goop2.resolve())))
        failed = 0
        for words in (["verify"], ["security", "--offline=true", f"--threshold={MOST_EXPOSURE}"]):
            done = subprocess.run(["systemd-analyze", "--no-pager", *words, unit], text=True,
                                  capture_output=True, check=False)
            if done.returncode or (words == ["verify"] and done.stderr):
                failed = 1
                print(f"FAIL  systemd-analyze {words[0]}\n{done.stdout}{done.stderr}")
            else:
                print(f"ok    systemd-analyze {words[0]}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
