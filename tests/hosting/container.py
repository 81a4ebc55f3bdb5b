#!/usr/bin/env python3
"""packaging/Containerfile, as far as it can be judged without building it: what it copies and calls
is there, the build gets every folder that it needs, and the settings of a new volume are good ones for
the command that the unit uses too.

    tests/hosting/container.py --goop2 build/release/bin/goop2
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = "/var/lib/goop-rendezvous"


def instructions():
    """(word, rest) of each, continuation lines joined."""
    text = (ROOT / "packaging" / "Containerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]


def copied():
    """Paths of this tree that go into the container."""
    paths = []
    for word, rest in instructions():
        if word == "COPY" and "--from=" not in rest:
            paths += [path for path in rest.split()[:-1] if not path.startswith("--")]
    return paths


def wrongs(goop2):
    tracked = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                             cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    paths = copied()
    for path in paths:
        if not any(file == path or file.startswith(path + "/") for file in tracked):
            yield f"COPY {path}: there is no such file of the project"
    # All trees that CMake goes through, and what the program embeds or includes.
    trees = re.search(r"^foreach\(tree ([^)]+)\)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
    for needed in [*trees.split(), "cmake", "CMakeLists.txt", "CMakePresets.json"]:
        if needed not in paths:
            yield f"the build needs {needed}"
    for word, rest in instructions():
        for path in re.findall(r"\b(?:scripts|tools|packaging)/[\w/.]+", rest if word == "RUN" else ""):
            if not (ROOT / path).exists() or not any(path.startswith(p + "/") for p in paths):
                yield f"RUN calls {path}, which is not there"
    command = json.loads(next(rest for word, rest in instructions() if word == "CMD"))
    unit = (ROOT / "docs" / "goop-rendezvous.service").read_text()
    if re.search(r"^ExecStart=(.*)$", unit, re.M)[1].split() != command:
        yield f"CMD is {command}, the unit says otherwise"
    yield from start(goop2, command)


def start(goop2, command):
    with tempfile.TemporaryDirectory(prefix="goop-container-") as folder:
        shutil.copyfile(ROOT / "packaging" / "container.json", Path(folder) / "goop.json")
        checked = subprocess.run([goop2, "config", "check", folder], capture_output=True, text=True,
                                 check=False)
        if checked.returncode:
            yield f"container.json: {checked.stderr}"
        words = [str(goop2), *command[1:-1], "-h"]
        if command[-1] != STATE or subprocess.run(words, capture_output=True, check=False).returncode:
            yield f"CMD {command} is no command of goop2"
        settings = json.loads((Path(folder) / "goop.json").read_text())["presence"]
        exposed = next(rest for word, rest in instructions() if word == "EXPOSE")
        if settings["rendezvous_port"] != int(exposed) or settings["rendezvous_bind"] != "0.0.0.0":
            yield f"container.json: nobody reaches port {exposed}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", required=True, type=Path)
    found = list(wrongs(parser.parse_args().goop2.resolve()))
    print("\n".join("FAIL  " + wrong for wrong in found) or "ok    Containerfile")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
