#!/usr/bin/env python3
"""Runs our peer against the peer of another stack; README.md tells how and what."""

import argparse
import json
import os
import queue
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import stacks

MIB = 1 << 20
EXIT_FAILED, EXIT_SKIP = 1, 77
START_SECONDS = 20  # until a server prints its address
LEAVE_SECONDS = 10  # until a server has left
GRACE_SECONDS = 15  # a dialer ends by itself; this much later it is killed
STDERR_LINES, LINE_CHARS = 30, 400


@dataclass
class Scenario:
    name: str  # as shown
    steps: list = field(default_factory=list)  # dial arguments; default: the name alone
    seconds: int = 30  # the deadline that the contract gives a step
    fresh: bool = False  # wants a server that nobody has dialed yet
    serve: list = field(default_factory=list)  # further arguments of serve
    server: str = ""  # only with this stack as server
    beside: bool = False  # mostly waits: runs beside the others, with a server of its own


def scenarios(options):
    transfer = str((32 if options.quick else 256) * MIB)
    idle = str(options.idle_seconds)
    return [
        Scenario("idle", [["idle", idle]], options.idle_seconds + 30, beside=True),
        Scenario("ping"),
        Scenario("identify"),
        Scenario("push", fresh=True),
        Scenario("echo"),
        Scenario("half-close"),
        Scenario("half-close-await", [["half-close", "/echo-await/1.0.0"]], server="js"),
        Scenario("reset"),
        Scenario("sequential", [["sequential", "1000"]]),
        Scenario("parallel", [["parallel", "100"]]),
        Scenario("upload", [["upload", transfer]], 120),
        Scenario("download", [["download", transfer]], 120),
        Scenario("wrong-id"),
        Scenario("plain-muxer"),
        Scenario("plain-muxer-served", [["ping"], ["echo"]], fresh=True, serve=["--plain-muxer"]),
    ]


# What other stacks cannot do. (dialer, server, scenario) → why it is not run:
BIG_FRAMES = "js-libp2p sends yamux frames of over 1 MiB, which rust-yamux refuses"
NOT_RUN = {
    ("go", "js", "half-close-await"):
        "js-libp2p's stream iterator misses an end that comes with the protocol's name",
    ("js", "rust", "upload"): BIG_FRAMES,
    ("rust", "js", "download"): BIG_FRAMES,
}
# (stack, scenario) → ARG for the scenario's weaker form, whichever side that stack is on:
WEAKER = {("rust", "identify"): "no-record"}


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


class Child:
    """A process of ours; none outlives the harness."""

    alive = set()

    def __init__(self, arguments):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, start_new_session=True)
        Child.alive.add(self)

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        Child.alive.discard(self)

    def stderr(self):
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - 64 * 1024))
        return self.log.read().decode(errors="replace").splitlines()[-STDERR_LINES:]

    @staticmethod
    def kill_all():
        for child in list(Child.alive):
            child.kill()


class Server(Child):
    def __init__(self, peer, arguments):
        super().__init__([*peer.command, "serve", *arguments])
        self.address = self.first_address()

    def first_address(self):
        end = time.monotonic() + START_SECONDS
        text, quiet = b"", False
        while b"\n" not in text and not quiet:
            wait = max(0, end - time.monotonic())
            ready, _, _ = select.select([self.process.stdout], [], [], wait)
            chunk = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            text, quiet = text + chunk, not chunk
        words = text.split(b"\n")[0].decode(errors="replace").split()
        if not quiet and len(words) == 2 and words[0] == "ADDR":
            return words[1]
        if not ready or not quiet:
            self.kill()
            raise Failed(f"no ADDR line within {START_SECONDS} s, but {text!r}"
                         + shown("server", self.stderr()))
        code, stderr = self.wait(), self.stderr()
        if code == EXIT_SKIP:
            raise Skipped("; ".join(stderr) or "the server cannot do that")
        raise Failed(f"the server ended with {code} before its ADDR line" + shown("server", stderr))

    def wait(self):
        try:
            code = self.process.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            code = f"no end within {LEAVE_SECONDS} s"
        self.kill()
        return code

    def leave(self, how):
        """Ends the server the way the contract says, and tells what was wrong with it."""
        if self.process.poll() is not None:
            self.kill()
            return f"it had ended before, with {self.process.returncode}"
        if how == "SIGTERM":
            self.process.terminate()
        else:
            self.process.stdin.close()
        code = self.wait()
        return "" if code == 0 else f"after {how}: {code}" + shown("server", self.stderr())


def shown(who, lines):
    return "".join(f"\n    {who}| {line[:LINE_CHARS]}" for line in lines)


def dial(peer, address, step, seconds):
    """Runs one dialer to its end; its report, or Failed / Skipped."""
    child = Child([*peer.command, "dial", address, *step])
    try:
        out, _ = child.process.communicate(timeout=seconds + GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        raise Failed(f"the dialer did not end within {seconds + GRACE_SECONDS} s"
                     + shown("dialer", child.stderr())) from None
    finally:
        child.kill()
    code = child.process.returncode
    try:
        report = json.loads(out)
        problems = [key for key in ("scenario", "ok", "detail", "millis") if key not in report]
    except ValueError:
        report, problems = {}, ["one line of JSON"]
    if code == EXIT_SKIP:
        raise Skipped(report.get("detail") or "; ".join(child.stderr()))
    if code == 0 and not problems and report["ok"]:
        return report
    raise Failed((report.get("detail") or f"exit code {code}, not in its output: {problems}")
                 + shown("dialer", child.stderr()))


@dataclass
class Peer:
    name: str
    command: list


@dataclass
class Outcome:
    scenario: str
    verdict: str  # PASS, FAIL, SKIP
    millis: float = 0
    note: str = ""


class Direction:
    """All scenarios between one dialer and one server."""

    def __init__(self, dialer, server, chosen):
        self.dialer, self.peer = dialer, server
        self.chosen = [s for s in chosen if s.server in ("", server.name)]
        self.server = None
        self.threads, self.beside = [], queue.Queue()
        self.left = []  # what was wrong when servers were asked to leave
        self.outcomes = []

    def title(self):
        return f"{self.dialer.name} -> {self.peer.name}"

    def start(self):
        """Starts what mostly waits; run() collects it."""
        for scenario in (s for s in self.chosen if s.beside):
            thread = threading.Thread(daemon=True,
                                      target=lambda s=scenario: self.beside.put(self.alone(s)))
            thread.start()
            self.threads.append(thread)

    def run(self):
        for scenario in (s for s in self.chosen if not s.beside):
            self.show(self.guarded(scenario, lambda s=scenario: self.shared(s)))
        if self.server is not None:
            self.left.append(self.server.leave("the end of its input"))
        for thread in self.threads:
            thread.join()
        while not self.beside.empty():
            self.show(self.beside.get())
        wrong = [problem for problem in self.left if problem]
        if self.left:
            verdict = "FAIL" if wrong else "PASS"
            self.show(Outcome("server-leaves", verdict, note="\n".join(wrong)))

    def shared(self, scenario):
        """With the server that the scenarios before it used, unless it wants another."""
        if self.server is not None and (scenario.fresh or self.server.process.poll() is not None):
            server, self.server = self.server, None
            self.left.append(server.leave("the end of its input"))
        if self.server is None:
            self.server = Server(self.peer, scenario.serve)
        server = self.server
        try:
            return self.steps(scenario, server)
        except Failed as error:  # the next one gets a clean start
            self.server = None
            server.kill()
            raise Failed(str(error) + shown("server", server.stderr())) from None
        finally:
            if scenario.serve and self.server is not None:
                server, self.server = self.server, None
                self.left.append(server.leave("the end of its input"))

    def alone(self, scenario):
        def with_own_server():
            server = Server(self.peer, scenario.serve)
            try:
                reports = self.steps(scenario, server)
            except Failed as error:
                server.kill()
                raise Failed(str(error) + shown("server", server.stderr())) from None
            self.left.append(server.leave("SIGTERM"))
            return reports

        return self.guarded(scenario, with_own_server)

    def steps(self, scenario, server):
        key = (self.dialer.name, self.peer.name, scenario.name)
        if key in NOT_RUN:
            raise Skipped(NOT_RUN[key])
        steps = scenario.steps or [[scenario.name]]
        weaker = [WEAKER[peer.name, scenario.name] for peer in (self.dialer, self.peer)
                  if (peer.name, scenario.name) in WEAKER]
        return [dial(self.dialer, server.address, [*step, *weaker[:1]], scenario.seconds)
                for step in steps]

    def guarded(self, scenario, work):
        start = time.monotonic()
        try:
            reports = work()
        except Skipped as error:
            return Outcome(scenario.name, "SKIP", note=str(error))
        except (Failed, OSError) as error:
            return Outcome(scenario.name, "FAIL", (time.monotonic() - start) * 1000, str(error))
        return Outcome(scenario.name, "PASS", sum(r["millis"] for r in reports), note(reports))

    def show(self, outcome):
        self.outcomes.append(outcome)
        millis = f"{outcome.millis:8.0f} ms" if outcome.millis else " " * 11
        print(f"{outcome.verdict} {self.title():<14} {outcome.scenario:<18} {millis}  "
              f"{outcome.note}".rstrip(), flush=True)


def note(reports):
    """The measured figures, for the reader."""
    units = {"mb_per_s": "MB/s", "per_second": "streams/s", "rtt_ms": "ms round trip"}
    parts = []
    for key, unit in units.items():
        values = [r[key] for r in reports if key in r]
        if values:
            parts.append(f"{statistics.median(values):g} {unit}")
    return ", ".join(parts + [r["agent"] for r in reports if "agent" in r])


def write_report(path, directions):
    lines = ["| dialer -> server | scenario | result | ms | |", "|---|---|---|--:|---|"]
    for direction in directions:
        for o in direction.outcomes:
            remark = o.note.splitlines()[0].replace("|", "\\|") if o.note else ""
            lines.append(f"| {direction.title()} | {o.scenario} | {o.verdict} | {o.millis:.0f} "
                         f"| {remark} |")
    Path(path).write_text("\n".join(lines) + "\n")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, metavar="PROGRAM",
                        help="our peer: a path, or js, go or rust")
    parser.add_argument("--other", required=True, choices=["js", "go", "rust", "self"])
    parser.add_argument("--direction", default="both", choices=["in", "out", "both"],
                        help="in: the other side dials ours (default: both)")
    parser.add_argument("--scenario", action="append", metavar="NAME",
                        help="only this one; may be given several times")
    parser.add_argument("--quick", action="store_true", help="32 MiB instead of 256")
    parser.add_argument("--idle-seconds", type=int, default=35,
                        help="how long the idle connection is kept (default: 35)")
    parser.add_argument("--report", metavar="FILE.md")
    return parser.parse_args()


def find_peers(options):
    named = options.ours in ("js", "go", "rust")
    if not named and not os.access(options.ours, os.X_OK):
        raise stacks.PrepareFailed(f"{options.ours} is not a program")
    ours = Peer(options.ours if named else "ours",
                stacks.command(options.ours) if named else [os.path.abspath(options.ours)])
    if options.other == "self":
        return ours, ours
    return ours, Peer(options.other, stacks.command(options.other))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_FAILED))
    options = parse_options()
    chosen = scenarios(options)
    if options.scenario:
        unknown = set(options.scenario) - {s.name for s in chosen}
        if unknown:
            sys.exit(f"unknown scenario {', '.join(unknown)}; there are: "
                     + ", ".join(s.name for s in chosen))
        chosen = [s for s in chosen if s.name in options.scenario]
    try:
        ours, other = find_peers(options)
    except stacks.Unavailable as error:
        print(f"SKIP {options.other}: {error}")
        return EXIT_SKIP
    except stacks.PrepareFailed as error:
        print(f"FAIL {options.other}: {error}")
        return EXIT_FAILED

    directions = []
    if options.direction in ("in", "both"):
        directions.append(Direction(other, ours, chosen))
    if options.direction in ("out", "both") and not (directions and other is ours):
        directions.append(Direction(ours, other, chosen))
    try:
        for direction in directions:
            direction.start()
        for direction in directions:
            direction.run()
    except KeyboardInterrupt:
        return EXIT_FAILED
    finally:
        Child.kill_all()
    if options.report:
        write_report(options.report, directions)
    failed = [o for d in directions for o in d.outcomes if o.verdict == "FAIL"]
    return EXIT_FAILED if failed else 0


if __name__ == "__main__":
    sys.exit(main())
