#!/usr/bin/env python3
"""The Debian package, from installing to purging, on this machine's own Debian: everything happens
in an overlay over its files, in a mount and a network namespace of its own, and is gone afterwards.
There is no systemd in there; the unit's command is run as its user, with its environment.

    tests/hosting/package.py --goop2 build/release/bin/goop2

Exit code 0: all passed; 1: something failed; 77: not root, or overlays may not be mounted here.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "packaging" / "deb" / "build"
PATIENCE = 20
STATE = "var/lib/goop-rendezvous"
SETTINGS = "etc/default/goop-rendezvous"
UNIT = "lib/systemd/system/goop-rendezvous.service"
USER = "goop-rendezvous"


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def run(*words, **options):
    done = subprocess.run([*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, check=False, **options)
    expect(done.returncode == 0, f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}")
    return done.stdout


class Layer:
    """This machine's files with a layer of tmpfs over them. Only inside a mount namespace."""

    def __init__(self, at):
        run("mount", "-t", "tmpfs", "tmpfs", at)
        self.upper, self.root = Path(at) / "upper", Path(at) / "root"
        for folder in (self.upper, Path(at) / "work", self.root):
            folder.mkdir()
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir=/,upperdir={self.upper},workdir={at}/work", self.root)
        for folder in ("proc", "dev"):
            run("mount", "--rbind", f"/{folder}", self.root / folder)

    def run(self, *words):
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return run("chroot", self.root, *words,
                   env={"PATH": path, "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"})

    def accounts(self):
        return [(self.root / "etc" / name).read_text() for name in ("passwd", "group")]

    def left(self):
        """What of ours is in the layer; whiteouts hide what is below and are no files."""
        return [str(path.relative_to(self.upper)) for path in self.upper.rglob("*goop*")
                if not path.is_char_device()]


def unit_says(layer, key):
    return re.search(rf"^{key}=-?(.*)$", (layer.root / UNIT).read_text(), re.M)[1]


def as_user(*words):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "--no-new-privs",
            "--bounding-set=-all", *words]


def runs_as_its_user(layer):
    environment = layer.root / unit_says(layer, "EnvironmentFile").lstrip("/")
    variables = re.findall(r"^(\w+=.*)$", environment.read_text(), re.M)
    expect(unit_says(layer, "User") == USER, "the unit's user")
    command = ["chroot", str(layer.root), *as_user("env", "-i", *variables),
               *unit_says(layer, "ExecStart").split()]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    try:
        wait_for_health(server)
        owner = (layer.root / STATE).stat().st_uid
        expect(oct((layer.root / STATE).stat().st_mode & 0o777) == "0o700", "the folder's mode")
        config = (layer.root / STATE / "goop.json").stat()
        expect((config.st_uid, oct(config.st_mode & 0o777)) == (owner, "0o600"), "goop.json's mode")
        expect(owner != 0, "it must not run as root")
        server.send_signal(signal.SIGTERM)
        expect(server.wait(PATIENCE) == 0, "it ends well when told to")
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def wait_for_health(server):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen("http://127.0.0.1:8787/healthz", timeout=PATIENCE) as answer:
                expect(answer.read() == b"ok\n", "/healthz")
                return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > end:
                server.kill()
                raise Failed(f"the unit's command: {server.stdout.read()}") from error
            time.sleep(0.05)


def inside(package, at):
    run("ip", "link", "set", "lo", "up")
    layer = Layer(at)
    before = layer.accounts()

    layer.run("dpkg", "-i", package)
    expect("goop2 " in layer.run("goop2", "version"), "goop2 runs")
    entry = layer.run("getent", "passwd", USER).strip().split(":")
    expect(entry[5] == f"/{STATE}" and entry[6].endswith("nologin"), f"the user: {entry}")
    expect(layer.run("dpkg", "--verify", "goop2") == "", "files as in the package")
    runs_as_its_user(layer)
    print("ok    installed, and its command runs as its user")

    layer.run(*as_user("goop2", "config", "set", f"/{STATE}", "presence.external_url",
                       "https://rendezvous.example.org"))
    (layer.root / SETTINGS).write_text("PORT=8787\n# of the operator\n")
    layer.run("dpkg", "-i", package)
    expect("of the operator" in (layer.root / SETTINGS).read_text(), "an upgrade keeps settings")
    runs_as_its_user(layer)
    print("ok    upgraded, settings kept")

    layer.run("goop2", "config", "set", f"/{STATE}", "presence.admin_password", "of root")
    runs_as_its_user(layer)
    print("ok    root may change a setting, too")

    layer.run("dpkg", "-r", "goop2")
    expect(not (layer.root / "usr/bin/goop2").exists(), "the program is removed")
    expect("rendezvous.example.org" in (layer.root / STATE / "goop.json").read_text(), "goop.json stays")
    expect((layer.root / SETTINGS).exists(), "settings stay")
    layer.run("dpkg", "-P", "goop2")
    expect(not layer.left(), f"left after a purge: {layer.left()}")
    expect(layer.accounts() == before, "the user is gone, and nobody else")
    print("ok    removed and purged")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--goop2", type=Path)
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)  # package, mount point
    arguments = parser.parse_args()
    try:
        if arguments.inside:
            inside(*arguments.inside)
            return 0
        return outside(arguments.goop2.resolve())
    except Failed as error:
        print(f"FAIL  {error}")
        return 1


def outside(goop2):
    for program in ("dpkg-shlibdeps", "unshare", "setpriv", "adduser"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
            print(f"skipped: {program} is not installed")
            return 77
    with tempfile.TemporaryDirectory(prefix="deb-") as folder:
        package = run(BUILD, goop2, folder).splitlines()[-1]
        print(f"ok    built {Path(package).name}")
        separate = ["unshare", "--mount", "--net", "--propagation", "private"]
        trial = "mount -t tmpfs t {0} && mkdir {0}/u {0}/w {0}/m && " \
                "mount -t overlay o -o lowerdir=/,upperdir={0}/u,workdir={0}/w {0}/m".format(folder)
        tried = subprocess.run([*separate, "sh", "-c", trial], capture_output=True, text=True,
                               check=False)
        if tried.returncode:
            print(f"skipped: no overlay may be mounted here: {tried.stderr.strip()}")
            return 77
        at = Path(folder) / "layer"
        at.mkdir()
        return subprocess.run([*separate, sys.executable, "-B", __file__, "--inside", package,
                               str(at)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
