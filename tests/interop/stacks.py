"""Getting the peer programs of the other stacks ready to run.

Everything is installed and built under build/interop; `command(name)` returns the argument list
that starts a peer. Unavailable says that a stack cannot be had here, which is no failure.
"""

import contextlib
import fcntl
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build" / "interop"

MIN_GO = (1, 25, 7)
MIN_CARGO = (1, 83)
MIN_NODE = (22,)
PREPARE_SECONDS = {"js": 240, "go": 900, "rust": 3600, "mdns-js": 240, "mdns-go": 900,
                   "goopref": 900}

# How package managers say that there is no way out to their registry.
NO_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|no such host|connection refused"
    r"|network is unreachable|i/o timeout|Could not resolve|Couldn't resolve|failed to download",
    re.I,
)


class Unavailable(Exception):
    """The tool chain of a stack, or the way to its packages, is missing."""


class PrepareFailed(Exception):
    """The tool chain is here, but its peer could not be built."""


def command(name):
    BUILD.mkdir(parents=True, exist_ok=True)
    with exclusive(name):
        return {"js": js, "go": go, "rust": rust, "mdns-js": mdns_js, "mdns-go": mdns_go,
                "goopref": goopref}[name]()


@contextlib.contextmanager
def exclusive(name):
    """Two test runs of one checkout must not install into the same folder at once."""
    with open(BUILD / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def js():
    return js_program("js", HERE / "js", "peer.mjs")


def mdns_js():
    return js_program("mdns-js", HERE / "mdns" / "js", "peer.mjs")


def js_program(name, source, program):
    need("npm")
    folder = BUILD / name
    folder.mkdir(exist_ok=True)
    lock = (source / "package-lock.json").read_text()
    installed = folder / "installed-lock.json"
    if not installed.exists() or installed.read_text() != lock:
        installed.unlink(missing_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copyfile(source / file, folder / file)
        run(name, ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        installed.write_text(lock)
    # The peer runs beside node_modules, since that is where its imports are looked up.
    replace(source / program, folder / program)
    return [node(folder), str(folder / program)]


def node(folder):
    """The Node that npm installed, or the system's where there is no package for this machine."""
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    own = folder / "node_modules" / f"node-linux-{arch}" / "bin" / "node"
    if own.exists():
        return str(own)
    need("node")
    require("node", ["node", "--version"], MIN_NODE)
    return "node"


def go():
    return go_program("go", HERE / "go", "gopeer")


def mdns_go():
    return go_program("mdns-go", HERE / "mdns" / "go", "gomdns")


def goopref():
    return go_program("goopref", HERE / "goopref", "goopref")


def go_program(name, source, program):
    need("go")
    require("go", ["go", "env", "GOVERSION"], MIN_GO)
    binary = BUILD / program
    run(name, ["go", "build", "-o", str(binary), "."], source, GOTOOLCHAIN="local")
    return [str(binary)]


def rust():
    need("cargo")
    require("cargo", ["cargo", "--version"], MIN_CARGO)
    target = BUILD / "rust"
    run("rust", ["cargo", "build", "--release", "--locked", "--quiet", "-j1",
                 "--target-dir", str(target)], HERE / "rust")
    return [str(target / "release" / "rustpeer")]


def need(program):
    if shutil.which(program) is None:
        raise Unavailable(f"{program} is not installed")


def require(program, version_command, minimum):
    env = {**os.environ, "GOTOOLCHAIN": "local"}
    done = subprocess.run(version_command, capture_output=True, text=True, env=env, timeout=60)
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    if found is None:
        raise Unavailable(f"{program} does not run: {done.stderr.strip()}")
    if tuple(map(int, found.group().split("."))) < minimum:
        raise Unavailable(f"{program} {found.group()} is older than "
                          f"{'.'.join(map(str, minimum))}")


def replace(source, target):
    """Copies in one step, since another run may be starting the old copy."""
    fresh = target.with_suffix(".new")
    shutil.copyfile(source, fresh)
    fresh.replace(target)


def run(name, arguments, folder, **variables):
    env = {**os.environ, **variables}
    try:
        done = subprocess.run(["nice", "-n", "10", *arguments], cwd=folder, env=env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PREPARE_SECONDS[name])
    except subprocess.TimeoutExpired as error:
        raise PrepareFailed(f"`{' '.join(arguments)}` took over {error.timeout} s") from error
    if done.returncode == 0:
        return
    if NO_NETWORK.search(done.stdout):
        raise Unavailable(f"`{arguments[0]}` cannot reach its registry")
    tail = "\n".join(done.stdout.splitlines()[-40:])
    raise PrepareFailed(f"`{' '.join(arguments)}` failed:\n{tail}")
