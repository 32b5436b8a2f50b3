"""`scripts/faults`: play the fault matrix and print it as a table."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.faults import page
from benchmarks.faults.matrix import ROWS, chosen
from benchmarks.faults.measured import Measured
from benchmarks.faults.row import Row
from benchmarks.faults.running import JOBS, RESULT, run_here, start


def main() -> int:
    """Return 0 where every row holds, 1 where one does not."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description="Break one thing after the other and measure.")
    parser.add_argument("words", nargs="*", metavar="ROW", help="rows whose name begins so; all without any")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help=f"rows at a time, {JOBS} without it")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep logs, MQTT messages and state files there")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        run_here(ROWS[given.row], given.into).save(given.into / RESULT)
        return 0
    try:
        rows = chosen(given.words)
    except ValueError as error:
        parser.error(str(error))
    if given.list:
        print("\n".join(f"{row.key:<32}{row.what}" for row in rows))
        return 0
    if given.write and given.words:
        parser.error("--write needs all rows")
    results = _play(given, rows)
    page.show(Console(), rows, results)
    if given.write:
        page.write(rows, results)
    return 0 if all(measured.is_good for measured in results.values()) else 1


def _play(given: argparse.Namespace, rows: list[Row]) -> dict[str, Measured]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("faults", total=len(rows))

        def done(measured: Measured) -> None:
            if not measured.is_good:
                progress.console.print(f"[red]✗[/] {measured.key}: {measured.failures[0]}", highlight=False)
            progress.advance(task)

        pool, futures = start(rows, jobs=given.jobs, keep=given.keep, done=done)
        with pool:
            return {key: future.result() for key, future in futures.items()}


if __name__ == "__main__":
    sys.exit(main())
