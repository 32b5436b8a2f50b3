"""From the start of `ev-load-bridge run` to its READY, with all peers present and all absent; what imports cost.

`.venv/bin/python -m benchmarks.startup` takes about a minute.
"""

import asyncio
import re
import statistics
import sys
from collections import Counter
from typing import NamedTuple

from benchmarks.peers import Home, bridge, lively, nobody
from benchmarks.process import cpu_seconds
from benchmarks.report import publish, table

RUNS = 10
BUDGET = "≤ 3 s"
SHOWN = 12
IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\w+)", re.MULTILINE)
IMPORTED = "bridge.commands.run, bridge.service"


class Start(NamedTuple):
    """One start: s from the making of the process to READY, and s of CPU until then."""

    wall: float
    cpu: float


async def starts(home: Home) -> list[Start]:
    """Start it again and again; the first start only warms up the page cache."""
    measured = []
    for _ in range(1 + RUNS):
        async with bridge(home) as running:
            measured.append(Start(running.ready_after, cpu_seconds(running.process.pid)))
    return measured[1:]


def row(what: str, measured: list[Start]) -> tuple[str, ...]:
    walls, cpus = ([start[place] for start in measured] for place in (0, 1))
    figures = (statistics.median(walls), max(walls), statistics.median(cpus), max(cpus))
    return (what, *(f"{figure:.2f} s" for figure in figures), BUDGET)


async def imports() -> list[tuple[str, str]]:
    """Time spent in the modules of each package, ms, the costliest first; the median of all runs."""
    runs = [Counter[str]() for _ in range(RUNS)]
    for run in runs:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "importtime", "-c", f"import {IMPORTED}"), stderr=asyncio.subprocess.PIPE
        )
        _, told = await process.communicate()
        for microseconds, package in IMPORT.findall(told.decode()):
            run[package if package not in sys.stdlib_module_names else "Python's own"] += int(microseconds)
    medians = {package: statistics.median(run[package] for run in runs) / 1000 for package in runs[0]}
    shown = sorted(medians.items(), key=lambda item: -item[1])[:SHOWN]
    return [("all", f"{sum(medians.values()):.0f} ms"), *((name, f"{spent:.0f} ms") for name, spent in shown)]


async def main() -> None:
    async with lively() as (_, home):
        present = await starts(home)
    absent = await starts(nobody())
    heads = (f"start to READY, {RUNS} runs", "p50", "max", "CPU p50", "CPU max", "budget")
    rows = [row("all peers present", present), row("all peers absent", absent)]
    publish(table(heads, rows), table(("imports (with the cost of timing them)", "time"), await imports()))


if __name__ == "__main__":
    asyncio.run(main())
