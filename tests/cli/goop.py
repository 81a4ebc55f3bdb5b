"""What the tests of the command line share: running `goop2`, and peers that run beside the test."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import uuid
from pathlib import Path

PROGRAM = os.environ.get("GOOP2", str(Path(__file__).parents[2] / "build/release/bin/goop2"))
PATIENCE = 20  # seconds that no command needs, however busy the machine is


def clean_environment(**more):
    env = {key: value for key, value in os.environ.items()
           if key not in ("DISPLAY", "WAYLAND_DISPLAY", "JOURNAL_STREAM")}
    return env | more


def goop2(*words, env=None, timeout=PATIENCE):
    """Runs it to its end; stdout and stderr as text."""
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, env=env or clean_environment())


def keep_apart(folder):
    """Gives the peer an mDNS name of its own, so that no peer of another test finds it."""
    config = folder / "goop.json"
    if not config.exists():
        goop2("init", folder)
    if "mdns_tag" not in config.read_text():
        goop2("config", "set", folder, "p2p.mdns_tag", "goop-" + uuid.uuid4().hex[:16])


class Peer:
    """A `goop2 peer` beside the test: use it in a `with`; it is up when the block begins.

    Nobody finds it by mDNS but who is given its `p2p.mdns_tag`, unless it is `apart=False`.
    """

    def __init__(self, folder, *words, env=None, apart=True):
        self.folder, self.words, self.env = Path(folder), words, env or clean_environment()
        self.apart = apart

    def __enter__(self):
        if self.apart:
            keep_apart(self.folder)
        self.process = subprocess.Popen([PROGRAM, "peer", str(self.folder), *self.words], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=self.env)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Viewer:"):
                break
        else:
            raise AssertionError("the peer did not start: " + self.process.stderr.read())
        self.id = self.value("Peer").split()[0]
        self.address = next(a for a in self.values("Address") if a.startswith("/ip4/127.0.0.1/"))
        self.url = self.value("Viewer").rstrip("/")
        if self.url.startswith("http"):
            self.lines.append(self.process.stdout.readline().rstrip("\n"))  # how to log in
        return self

    def new_link(self):
        """A link that logs a browser in."""
        done = goop2("open", self.folder)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def values(self, name):
        return [line.split(": ", 1)[1] for line in self.lines if line.startswith(name + ": ")]

    def value(self, name):
        return self.values(name)[0]

    def stop(self, number=signal.SIGTERM):
        """The exit code, and what else it printed."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        if self.apart:  # what it says of the tag that keep_apart gave it
            err = "".join(line for line in err.splitlines(True) if "p2p.mdns_tag" not in line)
        return self.process.returncode, out, err

    def control(self):
        return json.loads((self.folder / "data/control.json").read_text())


class Case(unittest.TestCase):
    """A test in a folder of its own."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="goop2-cli-"))
        self.addCleanup(shutil.rmtree, self.root)

    def fine(self, *words, **options):
        done = goop2(*words, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def refused(self, code, pattern, *words, **options):
        """Ends with `code`, says why on stderr in a way that matches, and nothing else."""
        done = goop2(*words, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertRegex(done.stderr, re.compile(pattern, re.S))
        self.assertTrue(done.stderr.startswith("goop2: "), done.stderr)
        return done

    def mode(self, path):
        return oct((self.root / path).stat().st_mode & 0o777)
