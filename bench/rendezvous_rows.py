"""The rendezvous server: fan-out, subscribers in numbers, start and memory, the price of a publish.

`known` figures are those of the Goop2 server in Go on a two-core machine like this (issue text):
it cannot be run here, so they stand as they were measured.
"""

import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from side_by_side import BIN, Process, Row, alternate, free_port, output, until_answered

GOOP2 = BIN / "goop2"
LOAD = BIN / "rendezvous_load"
BENCH = BIN / "presence_publish_bench"

KNOWN_DELIVERIES = 75_000  # per CPU second, 1,000 event streams
KNOWN_STREAM_KIB = 12
STREAMS = 1_000
MANY_STREAMS = 19_000
FIRST_STREAMS = 200  # with them the code that serves a stream is in memory
PUBLISHERS = 200
PEERS = 10_000
BEAT = 5
SECONDS = 5
WARM_SECONDS = 20  # until buffers and tables have their size
STEADY_SECONDS = 600


def needed():
    return [str(program) for program in (GOOP2, LOAD, BENCH) if not program.exists()]


class Town(Process):
    def __init__(self, folder):
        self.port = free_port()
        folder.mkdir(exist_ok=True)
        (folder / "goop.json").write_text(
            json.dumps({"presence": {"rendezvous_port": self.port}}))
        super().__init__(GOOP2, "--log", "error", "rendezvous", folder)

    def cpu_seconds(self):
        words = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Load(Process):
    """A generator; constructed when all its connections stand."""

    def __init__(self, *words):
        super().__init__(LOAD, *words)
        self.line("ready")

    def result(self):
        out, err = self.child.communicate()
        if self.child.returncode:
            raise RuntimeError(err)
        return json.loads(out.strip().splitlines()[-1])


def fan_out(folder):
    """Deliveries per CPU second of the server, and its memory per stream in KiB."""
    with Town(folder) as town:
        until_answered(town.port, "/healthz")
        before = town.kib("VmRSS")
        with Load("read", town.port, STREAMS, 2 * SECONDS + 30) as readers:
            per_stream = (town.kib("VmRSS") - before) / STREAMS
            with Load("peers", town.port, PUBLISHERS, SECONDS, 1.1) as peers:
                began = town.cpu_seconds()
                delivered = deliveries(town)
                peers.result()
                spent = town.cpu_seconds() - began
                delivered = deliveries(town) - delivered
            readers.child.kill()
    return delivered / spent, per_stream


def metric(town, name):
    text = urlopen(f"http://127.0.0.1:{town.port}/metrics").read().decode()
    return int(re.search(rf"^goop_rendezvous_{name} (\d+)", text, re.M)[1])


def deliveries(town):
    return metric(town, "deliveries_total")


def many_streams(folder):
    """How many of MANY_STREAMS are held, memory of each in KiB, and the time of a publish."""
    with Town(folder) as town:
        until_answered(town.port, "/healthz")
        with Load("read", town.port, FIRST_STREAMS, 30) as first:
            before = town.kib("VmRSS")
            more = MANY_STREAMS - FIRST_STREAMS
            half = more // 2
            with Load("read", town.port, half, 20) as one, \
                    Load("read", town.port, more - half, 5) as other:
                per_stream = (town.kib("VmRSS") - before) / more
                held = other.result()["open"] + one.result()["open"]
            held += first.result()["open"]
    return held, per_stream


def crowd(folder):
    """The share of a core that PEERS heartbeating peers take, and how memory moved."""
    print(f"{PEERS:,} peers for {(WARM_SECONDS + STEADY_SECONDS) / 60:.0f} minutes …", file=sys.stderr)
    with Town(folder) as town:
        until_answered(town.port, "/healthz")
        with Load("peers", town.port, PEERS, WARM_SECONDS + STEADY_SECONDS, BEAT) as peers:
            time.sleep(WARM_SECONDS)
            before, began, at = town.kib("VmRSS"), town.cpu_seconds(), time.monotonic()
            taken = metric(town, "messages_total")
            result = peers.result()
            seconds = time.monotonic() - at
            share = (town.cpu_seconds() - began) / seconds
            grown = town.kib("VmRSS") - before
            result["rate"] = (metric(town, "messages_total") - taken) / seconds
    return share, grown / 1024, result


def publish_ratio():
    # By many short turns: what else the machine does meets all of them alike.
    text = output(BENCH, "--benchmark_format=json", "--benchmark_repetitions=60",
                  "--benchmark_min_time=0.1",
                  "--benchmark_enable_random_interleaving=true",
                  "--benchmark_report_aggregates_only=true")
    times = {one["name"]: one["cpu_time"] for one in json.loads(text)["benchmarks"]}
    alone = times["signature_check_alone_median"]
    return max(value for name, value in times.items()
               if name.startswith("publish/") and name.endswith("_median")) / alone, alone


def rows(rounds):
    with tempfile.TemporaryDirectory(prefix="goop2-bench-") as temp:
        folder = Path(temp)

        def start():
            began = time.perf_counter()
            with Town(folder / "idle") as town:
                until_answered(town.port, "/healthz")
                return 1000 * (time.perf_counter() - began)

        ours, _ = alternate(max(rounds, 5), start)
        yield Row("rendezvous: start to first answer", f"{ours:.0f} ms", "Go: 440 ms", 440 / ours,
                  "at most 60 ms", ours <= 60)
        with Town(folder / "idle") as town:
            until_answered(town.port, "/healthz")
            time.sleep(1)
            idle = town.kib("VmRSS") / 1024
        yield Row("  memory, idle", f"{idle:.1f} MiB", "Go: 51 MiB", 51 / idle, "at most 12 MiB",
                  idle <= 12)
        rate, per_stream = fan_out(folder / "fan")
        yield Row("  deliveries per CPU second, 1,000 streams", f"{rate:,.0f}",
                  f"Go: {KNOWN_DELIVERIES:,}", rate / KNOWN_DELIVERIES, "3 times",
                  rate >= 3 * KNOWN_DELIVERIES)
        held, each = many_streams(folder / "many")
        yield Row("  memory per stream", f"{each:.1f} KiB", f"Go: {KNOWN_STREAM_KIB} KiB",
                  KNOWN_STREAM_KIB / each, "at most 4 KiB", each <= 4)
        yield Row("  streams held by one process", f"{held:,}", "Go: 1,024", held / 1024,
                  f"{MANY_STREAMS:,}", held >= MANY_STREAMS)
        share, grown, result = crowd(folder / "crowd")
        ok = share < 1 and result["open"] == PEERS and result["rate"] > 0.9 * PEERS / BEAT
        yield Row("  10,000 peers, heartbeat 5 s, delta sockets", f"{100 * share:.0f} % of a core",
                  required="under one core", ok=ok)
        yield Row("  memory that grew in ten minutes of it", f"{grown:.1f} MiB", required="flat", ok=grown < 2)
        ratio, alone = publish_ratio()
        yield Row("  signed publish, of one signature check", f"{ratio:.2f}",
                  f"check: {alone / 1000:.0f} µs", ratio, "at most 1.3", ratio <= 1.3)
