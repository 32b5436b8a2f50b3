"""The matrix as a table, on the terminal and in docs/reliability.md."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.faults.matrix import GROUPS
from benchmarks.faults.measured import Measured
from benchmarks.faults.row import Row
from benchmarks.report import machine

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults -->", "<!-- end of faults -->"
HEADS = (
    "what goes wrong",
    "safe after",
    "bound",
    "back after",
    "orders lost",
    "calls",
    "the log says",
    "problem shown",
)
FIGURES = frozenset({"safe after", "back after", "orders lost", "calls"})
LONGEST_WORDS = 90
PORT = re.compile(r"(127\.0\.0\.1|localhost):\d+")
STATE = re.compile(r"/\S*/state\.")


def cells(row: Row, measured: Measured) -> tuple[str, ...]:
    """Give one line of the table, in the order of HEADS."""
    if measured.skipped:
        return (row.what, "–", row.bound, "–", "–", "–", f"SKIPPED: {measured.skipped}", "")
    if row.play is not None and measured.safe is None and measured.back is None:
        return (row.what, "–", "–", "–", str(measured.lost), "–", _words(measured.said), "")
    return (
        row.what,
        _seconds(measured.safe),
        f"{row.bound}",
        _seconds(measured.back),
        str(measured.lost),
        str(measured.calls) if row.play is None else "–",
        _words(measured.said),
        (row.problem or "").replace("_", " "),
    )


def markdown(rows: Sequence[Row], results: Mapping[str, Measured]) -> str:
    """Give the tables of all groups, with the command and the machine above them."""
    parts = [f"`scripts/faults` on {machine()}:"]
    for group, title in GROUPS.items():
        lines = [cells(row, results[row.key]) for row in rows if row.group == group]
        rules = ["---:" if head in FIGURES else "---" for head in HEADS]
        table = [HEADS, rules, *lines]
        parts.append(f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in table))
    return "\n\n".join(parts)


def write(rows: Sequence[Row], results: Mapping[str, Measured]) -> None:
    """Put the tables into the page, between its two marks."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{markdown(rows, results)}\n\n{END}{after}", encoding="utf-8")


def show(console: Console, rows: Sequence[Row], results: Mapping[str, Measured]) -> None:
    """Print what a terminal has room for, and everything that failed."""
    table = Table(box=None, pad_edge=False)
    for head in ("", "fault", "safe", "≤", "back", "≤", "lost"):
        table.add_column(head, justify="left" if head in {"", "fault"} else "right")
    for row in rows:
        measured = results[row.key]
        mark = "[yellow]–" if measured.skipped else "[green]✓" if measured.is_good else "[red]✗"
        limits = ("", "") if row.play else (f"{row.safe_within:.0f}", f"{row.back_within:.0f}")
        figures = (_seconds(measured.safe), limits[0], _seconds(measured.back), limits[1], str(measured.lost))
        table.add_row(mark, row.key, *figures)
    console.print(table)
    for row in rows:
        for failure in results[row.key].failures:
            console.print(f"[red]✗[/] {row.key}: {failure}", highlight=False)
        if results[row.key].note:
            console.print(f"[yellow]AGAIN[/] {row.key}: {results[row.key].note}", highlight=False)
        if results[row.key].skipped:
            console.print(f"[yellow]SKIPPED[/] {row.key}: {results[row.key].skipped}", highlight=False)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} s"


def _words(said: str) -> str:
    line = PORT.sub("host", said.replace("|", "\\|"))
    line = STATE.sub("state.", line)
    return line if len(line) <= LONGEST_WORDS else f"{line[:LONGEST_WORDS]}…"
