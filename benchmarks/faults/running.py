"""Rows side by side, each in a process of its own with its own speed of time."""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from benchmarks.faults.fast import FastLoop
from benchmarks.faults.measured import Measured
from benchmarks.faults.playing import play
from benchmarks.faults.row import Row

JOBS = 6
"""Rows at a time: they mostly wait."""
LONGEST = 480.0
"""Real s for one row."""
RESULT = "result.json"
PROGRAMS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
SLOWEST_FIRST = ("broker.flood", "ourselves.", "cloud.403", "cloud.login")


def run_here(row: Row, directory: Path) -> Measured:
    """Play one row in this process."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # a client that hangs up is part of the play
    os.environ["PATH"] = PROGRAMS
    with asyncio.Runner(loop_factory=lambda: FastLoop(row.plan().speed)) as runner:
        return runner.run(play(row, directory))


def run_apart(row: Row, keep: Path | None = None) -> Measured:
    """Play one row in a process of its own. `keep` is a directory for what it wrote, else thrown away."""
    missing = [program for program in row.needs if shutil.which(program, path=PROGRAMS) is None]
    if missing:
        return Measured(row.key, skipped=f"{', '.join(missing)} is not installed")
    with tempfile.TemporaryDirectory(prefix="ev-load-bridge-fault-") as name:
        directory = keep or Path(name)
        directory.mkdir(parents=True, exist_ok=True)
        command = (sys.executable, "-m", "benchmarks.faults", "--row", row.key, "--into", str(directory))
        try:
            ended = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603 ours
        except subprocess.TimeoutExpired:
            return Measured(row.key, failures=[f"did not end within {LONGEST:g} s"])
        result = directory / RESULT
        if not result.exists():
            return Measured(row.key, failures=[f"ended with {ended.returncode}: {ended.stderr.decode()[-2000:]}"])
        return Measured.load(result)


def start(
    rows: Sequence[Row],
    *,
    jobs: int = JOBS,
    keep: Path | None = None,
    done: Callable[[Measured], None] = lambda _: None,
) -> tuple[ThreadPoolExecutor, dict[str, Future[Measured]]]:
    """Start all rows, the slowest first. `done` is called from a thread of the pool; shut the pool down in the end."""
    pool = ThreadPoolExecutor(jobs)

    def one(row: Row) -> Measured:
        measured = run_apart(row, keep / row.key if keep else None)
        if not measured.is_good:  # once more: a machine that is busy with something else misses bounds
            first = "; ".join(measured.failures)
            measured = run_apart(row, keep / row.key / "again" if keep else None)
            measured.note = f"second try, the first: {first}"
        done(measured)
        return measured

    order = sorted(rows, key=lambda row: not row.key.startswith(SLOWEST_FIRST))
    return pool, {row.key: pool.submit(one, row) for row in order}
