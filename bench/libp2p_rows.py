"""Two processes that speak libp2p over loopback: ours, and go-libp2p where it is here.

Both are the peers of tests/interop, whose contract names the scenarios.
"""

import contextlib
import json
import sys

from side_by_side import BIN, ROOT, Process, Row, alternate, output

sys.path.insert(0, str(ROOT / "tests" / "interop"))
import stacks  # noqa: E402

OURS = BIN / "p2p_interop"

# scenario, ARG, field of its report, unit, required ratio
SCENARIOS = [
    ("perf, one stream, to the dialler", "download", 10**9, "mb_per_s", "MB/s", 2),
    ("perf, one stream, from the dialler", "upload", 10**9, "mb_per_s", "MB/s", 2),
    ("echo streams one after another", "sequential", 4000, "per_second", "/s", 3),
    ("connect + identify + close", "connects", 400, "per_second", "/s", 2),
]


def go_peer():
    try:
        return stacks.command("go")
    except (stacks.Unavailable, stacks.PrepareFailed) as reason:
        print(f"go-libp2p is not measured: {reason}", file=sys.stderr)
        return None


def rows(rounds):
    go = go_peer()
    with contextlib.ExitStack() as stack:
        sides = []
        for command in [[OURS]] + ([go] if go else []):
            server = stack.enter_context(Process(*command, "serve"))
            sides.append((command, server.line("ADDR ")))
        for work, scenario, arg, field, unit, required in SCENARIOS:
            def run(side):
                command, address = side
                report = json.loads(output(*command, "dial", address, scenario, arg))
                return report[field]

            ours, theirs = alternate(rounds, lambda: run(sides[0]),
                                     (lambda: run(sides[1])) if go else None)
            row = Row(work, f"{ours:,.0f} {unit}", required=f"{required} × go")
            if go:
                row.other = f"go {theirs:,.0f} {unit}"
                row.ratio = ours / theirs
                row.ok = row.ratio >= required
            else:
                row.required = ""
            yield row


def pipe_row():
    """The ratio that secure_pipe_bench prints, its median."""
    lines = [line.split() for line in output(BIN / "secure_pipe_bench").splitlines()[1:]]
    ours, other, ratio = sorted(([float(word) for word in line[-3:]] for line in lines),
                                key=lambda line: line[2])[len(lines) // 2]
    return Row("Noise + yamux over an in-memory pipe", f"{ours:,.0f} MB/s",
               f"OpenSSL {other:,.0f} MB/s", ratio, "0.6 × OpenSSL", ratio >= 0.6)
