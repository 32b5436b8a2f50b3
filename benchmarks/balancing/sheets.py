"""The tables: once as data, shown in a terminal and in Markdown."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isnan
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.balancing.contestants import NORMAL, OURS, SKETCHES
from benchmarks.balancing.results import AT, BELOW, Curves, Result, Results, limit
from benchmarks.balancing.rivals import RIVALS
from benchmarks.balancing.running import Outcome
from benchmarks.report import table

GOOD_ENERGY = 93.0
"""%: rivals with less are no rivals."""
NEAREST = 4
"""So many of the others stand beside ours where there is not room for all."""


class Column(NamedTuple):
    figure: str
    head: str
    short: str
    """For terminals."""
    digits: int


ENERGY = Column("energy", "energy %", "E%", 1)
OVERLOAD = Column("overload", "A·s/h over", "A·s", 0)
SET_POINTS = Column("set_points", "set-points/h", "set", 1)
PAUSES = Column("pauses", "pauses/h", "pause", 2)
COLUMNS: Final = (
    ENERGY,
    OVERLOAD,
    Column("heavy", "s/h over 1.13 ×", ">1.13", 1),
    Column("longest", "longest s", "long", 0),
    Column("highest", "highest A", "max", 1),
    Column("thermal", "thermal % (house)", "θ/house", 0),
    SET_POINTS,
    Column("calls", "calls/h", "calls", 1),
    PAUSES,
    Column("restore", "restore s", "rest", 0),
    Column(BELOW, "below the curve", "below", 1),
)
FEW: Final = (ENERGY, OVERLOAD, SET_POINTS, PAUSES)


class Sheet(NamedTuple):
    """One table. The first `texts` columns are text, the others figures."""

    title: str
    heads: tuple[str, ...]
    shorts: tuple[str, ...]
    rows: list[tuple[str, ...]]
    texts: int = 1


def number(value: float, digits: int) -> str:
    """`–` where there is none. No negative zero."""
    return "–" if isnan(value) else f"{round(value, digits) + 0.0:.{digits}f}"


def means(title: str, found: Results) -> Sheet:
    """One row a controller."""
    columns = _columns(found)
    rows = [(name, *(_mean(result, column) for column in columns)) for name, result in found.items()]
    return Sheet(title, ("controller", *(each.head for each in columns)), _shorts(columns), rows)


def worst(title: str, found: Results, named: Callable[[Outcome], str]) -> Sheet:
    """One row a controller: each figure of its own worst day, and which one it is for energy and overload."""
    columns = _columns(found)
    rows = [
        (
            name,
            *(_worst(result, column) for column in columns),
            f"{named(result.worst_day('energy'))} / {named(result.worst_day('overload'))}",
        )
        for name, result in found.items()
    ]
    heads = ("controller", *(each.head for each in columns), "house of the least energy / most A·s")
    return Sheet(title, heads, (*_shorts(columns), "houses"), rows)


def _columns(found: Results) -> list[Column]:
    has_curve = any(result.curves for result in found.values())
    return [column for column in COLUMNS if column.figure != BELOW or has_curve]


def _shorts(columns: Sequence[Column]) -> tuple[str, ...]:
    return ("controller", *(column.short for column in columns))


def _mean(result: Result, column: Column) -> str:
    shown = number(result.mean(column.figure), column.digits)
    return f"{shown}/{number(result.mean('thermal_house'), 0)}" if column.figure == "thermal" else shown


def _worst(result: Result, column: Column) -> str:
    shown = number(result.worst(column.figure), column.digits)
    if column.figure != "thermal":
        return shown
    return f"{shown}/{number(result.worst_day('thermal').figures.thermal_house, 0)}"


def nearest(found: Results) -> list[str]:
    """Ours, the sketches, and of the rivals of enough energy those that overload the least."""
    good = [result for name, result in found.items() if name in RIVALS and result.mean("energy") >= GOOD_ENERGY]
    good.sort(key=lambda result: result.mean("overload"))
    names = (*OURS.values(), *SKETCHES, *(result.contestant for result in good[:NEAREST]))
    return [name for name in names if name in found]


def groups(title: str, head: str, parts: Iterable[tuple[str, Results]], names: Sequence[str]) -> Sheet:
    """A few figures of a few controllers, group by group."""
    rows = [
        (name, part, *(_mean(found[name], column) for column in FEW))
        for part, found in parts
        for name in names
        if name in found
    ]
    heads = ("controller", head, *(column.head for column in FEW))
    return Sheet(title, heads, ("controller", head, *(column.short for column in FEW)), rows, texts=2)


def curve(title: str, known: Curves) -> Sheet:
    """The clairvoyant's curve: one row."""
    heads = ("set-points/h", *(f"{at:g}" for at in AT))
    return Sheet(title, heads, heads, [("energy %", *(number(energy, 1) for _, energy in limit(known)))])


def markdown(sheet: Sheet) -> str:
    """Set it with ours in bold."""
    lines = table(sheet.heads, [tuple(_bold(row)) for row in sheet.rows]).split("\n")
    lines[1] = "| " + " | ".join(["---"] * sheet.texts + ["---:"] * (len(sheet.heads) - sheet.texts)) + " |"
    return "\n".join(lines)


def _bold(row: Sequence[str]) -> Iterator[str]:
    return (f"**{cell}**" if row[0] == NORMAL else cell for cell in row)


def show(console: Console, sheet: Sheet) -> None:
    """Print it. Names wrap where it is narrow, figures do not."""
    shown = Table(title=sheet.title, title_justify="left", box=None, padding=(0, 1, 0, 0), title_style="bold")
    for place, head in enumerate(sheet.shorts):
        is_text = place < sheet.texts
        shown.add_column(head, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
    for row in sheet.rows:
        style = "bold green" if row[0] == NORMAL else "green" if row[0] in OURS.values() else None
        shown.add_row(*row, style=style)
    console.print()
    console.print(shown)
