"""`scripts/fuzz`: a million spoilt inputs, and a table of what they broke."""

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import NamedTuple

from fuzz_state import FOLDER
from fuzz_targets import SHARES, TARGETS, Target
from mutator import Mutator
from promises import signature
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

CORPUS = Path(__file__).parent / "corpus"
SHARED_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 a disk is too slow
CHUNK = 1000
CASES = 1_000_000
TRIES = 3000
"""Runs that making a case small may take."""
KEPT_APART = 20
"""So many different crashes of one chunk are made small; more are the same bug, or too many to read."""


class Chunk(NamedTuple):
    """What became of some cases of one target."""

    name: str
    cases: int
    seconds: float
    crashers: dict[str, bytes]
    crashes: int


def played(name: str, seed: int, cases: int) -> Chunk:
    """Play so many cases. The same seed plays the same ones."""
    target = TARGETS[name]
    mutator = Mutator(target.seeds, target.tokens, target.separator, random.Random(f"{name} {seed}"))  # noqa: S311
    crashers: dict[str, bytes] = {}
    crashes, began = 0, time.process_time()
    for _ in range(cases):
        case = mutator.case()
        cause = broken(target, case)
        if cause is not None:
            crashes += 1
            if len(crashers) < KEPT_APART:
                crashers.setdefault(cause, case)
    seconds = time.process_time() - began
    return Chunk(name, cases, seconds, crashers, crashes)


def played_small(name: str, seed: int, cases: int) -> Chunk:
    """The same, and what breaks something is made small."""
    chunk = played(name, seed, cases)
    shrunk = {cause: small(TARGETS[name], case, cause) for cause, case in chunk.crashers.items()}
    return chunk._replace(crashers=shrunk)


def broken(target: Target, case: bytes) -> str | None:
    """What the case breaks, in a word that is the same for all cases with that cause."""
    try:
        target.run(case)
    except Exception as error:  # noqa: BLE001 that is what is looked for
        return signature(error)
    return None


def small(target: Target, case: bytes, cause: str) -> bytes:
    """The same crash from less: records first, then pieces of any size."""
    tries = TRIES
    records = case.split(target.separator)
    place = len(records) - 1
    while place >= 0 and tries and len(records) > 1:
        fewer = records[:place] + records[place + 1 :]
        tries -= 1
        if broken(target, target.separator.join(fewer)) == cause:
            records = fewer
        place -= 1
    case, size = target.separator.join(records), 1024
    while size and tries:
        at = 0
        while at < len(case) and tries:
            less = case[:at] + case[at + size :]
            tries -= 1
            if broken(target, less) == cause:
                case = less
            else:
                at += size
        size //= 2
    return case


def stored(name: str, case: bytes) -> Path:
    """Keep a crasher as a test."""
    path = CORPUS / name / f"new-{hashlib.sha256(case).hexdigest()[:8]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case)
    return path


def main() -> int:
    """Return 0 where nothing broke, 1 where something did."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Throw spoilt inputs at every border.")
    parser.add_argument("--cases", type=int, default=CASES, metavar="N", help=f"in all, {CASES:,} without it")
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="this border only; may be repeated")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="other cases; 1 without it")
    given = parser.parse_args()
    names = given.target or list(TARGETS)
    whole = sum(SHARES[name] for name in names)
    cases = {name: max(1, round(given.cases * SHARES[name] / whole)) for name in names}
    console = Console()
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=SHARED_MEMORY) as folder:
        os.environ[FOLDER] = folder
        results = _play(cases, given.seed)
    console.print(_table(results))
    crashers = [(name, cause, case) for name, chunks in results.items() for cause, case in _crashers(chunks).items()]
    for name, cause, case in crashers:
        path = stored(name, case)
        console.print(f"[red]✗[/] {name}: {cause}\n  {case[:100]!a} → {path}", highlight=False, markup=True)
    return 1 if crashers else 0


def _play(cases: dict[str, int], seed: int) -> dict[str, list[Chunk]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results: dict[str, list[Chunk]] = {name: [] for name in cases}
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(os.cpu_count(), initializer=os.nice, initargs=(5,)) as pool,
    ):
        bars = {name: progress.add_task(name, total=total) for name, total in cases.items()}
        pending: set[Future[Chunk]] = {
            pool.submit(played_small, name, seed * 1_000_000 + start, min(CHUNK, total - start))
            for name, total in cases.items()
            for start in range(0, total, CHUNK)
        }
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for chunk in (future.result() for future in done):
                results[chunk.name].append(chunk)
                progress.advance(bars[chunk.name], chunk.cases)
    return results


def _crashers(chunks: list[Chunk]) -> dict[str, bytes]:
    """The shortest case for each cause."""
    shortest: dict[str, bytes] = {}
    for cause, case in (item for chunk in chunks for item in chunk.crashers.items()):
        if cause not in shortest or len(case) < len(shortest[cause]):
            shortest[cause] = case
    return shortest


def _table(results: dict[str, list[Chunk]]) -> Table:
    table = Table("border", *(("cases", "CPU s", "cases/CPU s", "crashes", "causes")))
    for name, chunks in results.items():
        cases, seconds = sum(chunk.cases for chunk in chunks), sum(chunk.seconds for chunk in chunks)
        crashes = sum(chunk.crashes for chunk in chunks)
        table.add_row(
            name,
            f"{cases:,}",
            f"{seconds:.0f}",
            f"{cases / max(seconds, 1e-9):.0f}",
            f"{crashes:,}",
            str(len(_crashers(chunks))),
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
