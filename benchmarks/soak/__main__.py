"""Prints both tables; `--write` puts them into docs/bounded.md. Exit status 1 where something grows."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import machine, table
from benchmarks.soak import month, reconnecting

PAGE = Path(__file__).parents[2] / "docs" / "bounded.md"
BEGIN, END = "<!-- soak -->", "<!-- end of soak -->"
MAY_GROW = 1.0
"""MB from the first half to the end: what an allocator may not have given back."""
MAY_COUNT = 1.02
"""Objects, first half to end."""
OVERHEAD = 4
"""Descriptors and threads that come and go."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--period", type=float, default=10.0, help="s between telegrams, and between decisions at most")
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    looks = reconnecting.run(given.cuts)
    samples = month.run(given.days, given.period)
    text = "\n\n".join((_month(samples, given.period), _reconnecting(looks)))
    grown = [*_grown_month(samples), *_grown_process(looks)]
    print(text)
    print("\n".join(grown) or "Nothing grows.")
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        page = f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}"
        PAGE.write_text(page, encoding="utf-8")
    return 1 if grown else 0


def _month(samples: Sequence[month.Sample], period: float) -> str:
    heads = (
        "after",
        "resident",
        "objects",
        "tasks",
        "descriptors",
        "log lines",
        "log",
        "MQTT messages",
        "orders",
        "state file",
    )
    step = max(len(samples) // 4, 1)
    rows = [
        (
            f"{sample.day} days",
            f"{sample.resident:.1f} MB",
            f"{sample.objects}",
            f"{sample.tasks}",
            f"{sample.descriptors}",
            f"{sample.lines}",
            f"{sample.log_bytes / 1024:.0f} kB",
            f"{sample.messages}",
            f"{sample.orders}",
            f"{sample.state_bytes} B",
        )
        for sample in samples[step - 1 :: step]
    ]
    words = f"`python -m benchmarks.soak` on {machine()}; a telegram and a decision every {period:g} s:"
    return f"{words}\n\n{table(heads, rows)}"


def _reconnecting(looks: Sequence[reconnecting.Look]) -> str:
    heads = ("connections cut", "resident", "descriptors", "threads", "log lines")
    rows = [
        (f"{look.cuts}", f"{look.resident:.1f} MB", f"{look.descriptors}", f"{look.threads}", f"{look.lines}")
        for look in looks
    ]
    return table(heads, rows)


def _grown_month(samples: Sequence[month.Sample]) -> list[str]:
    half, end = samples[(len(samples) - 1) // 2], samples[-1]
    grown = []
    if end.resident > half.resident + MAY_GROW:
        grown.append(f"memory grew from {half.resident:.1f} to {end.resident:.1f} MB in the second half")
    if end.objects > half.objects * MAY_COUNT:
        grown.append(f"objects grew from {half.objects} to {end.objects}")
    if end.tasks > half.tasks + 1 or end.descriptors > half.descriptors + 1:
        grown.append(f"tasks {half.tasks} to {end.tasks}, descriptors {half.descriptors} to {end.descriptors}")
    if end.lines - half.lines > 1.5 * max(half.lines, 1):
        grown.append(f"the log grew faster: {half.lines} lines, then {end.lines - half.lines}")
    return grown


def _grown_process(looks: Sequence[reconnecting.Look]) -> list[str]:
    half, end = looks[len(looks) // 2], looks[-1]
    grown = []
    if end.resident > half.resident + MAY_GROW:
        grown.append(
            f"the process grew from {half.resident:.1f} to {end.resident:.1f} MB over the second half of the cuts"
        )
    if end.descriptors > half.descriptors + OVERHEAD or end.threads > half.threads + OVERHEAD:
        grown.append(f"descriptors {half.descriptors} to {end.descriptors}, threads {half.threads} to {end.threads}")
    return grown


if __name__ == "__main__":
    sys.exit(main())
