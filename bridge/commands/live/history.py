"""The last minutes of one phase as an area: the house below, the car on top, the fuse as a line."""

from collections import deque
from typing import NamedTuple

from rich.text import Text

from bridge.commands.live import colours
from bridge.commands.live.bars import Span, span
from bridge.commands.live.reading import PhaseReading

STEP = 2.0
"""Seconds that share one column, which shows the highest of them."""
COLUMNS = 400
EIGHTHS = " ▁▂▃▄▅▆▇█"
FULL = len(EIGHTHS) - 1
CAR_WITHOUT_COLOUR = "▒"
FUSE_LINE = "─"


class Column(NamedTuple):
    """The parts of L1 to L3 at one moment."""

    number: int
    """Which step of time."""
    phases: tuple[Span, Span, Span]


class History:
    """Columns of the last minutes, newest last."""

    def __init__(self) -> None:
        self._columns: deque[Column] = deque(maxlen=COLUMNS)

    def add(self, now: float, phases: tuple[PhaseReading, PhaseReading, PhaseReading]) -> None:
        """Take note of what flows now (s)."""
        number = int(now // STEP)
        seen = (span(phases[0]), span(phases[1]), span(phases[2]))
        if self._columns and self._columns[-1].number == number:
            before = self._columns.pop().phases
            seen = (_higher(before[0], seen[0]), _higher(before[1], seen[1]), _higher(before[2], seen[2]))
        self._columns.append(Column(number, seen))

    def of_phase(self, place: int, width: int) -> list[Span | None]:
        """The newest so many columns of a phase; None where nothing was seen. Grows from the left until full."""
        if not self._columns:
            return [None] * width
        first = max(self._columns[0].number, self._columns[-1].number - width + 1)
        by_number = {column.number: column.phases[place] for column in self._columns}
        return [by_number.get(number) for number in range(first, first + width)]


def _higher(one: Span, other: Span) -> Span:
    return Span(max(one.house, other.house), max(one.mains, other.mains))


def area(columns: list[Span | None], fuse: float, height: int, *, has_colours: bool) -> list[Text]:
    """Draw so many rows, top first. The fuse (A) lies in the middle of the top row."""
    per_row = fuse / (height - 0.5)
    rows = []
    for row in reversed(range(height)):
        text = Text(no_wrap=True)
        for column in columns:
            character, style = _cell(column, row * per_row, per_row, fuse, has_colours=has_colours)
            text.append(character, style)
        rows.append(text)
    return rows


def _cell(column: Span | None, floor: float, per_row: float, fuse: float, *, has_colours: bool) -> tuple[str, str]:
    """Character and style of the cell between `floor` and `floor + per_row` A."""
    house, mains = (0.0, 0.0) if column is None else column
    filled, below = _eighths(mains - floor, per_row), _eighths(house - floor, per_row)
    if filled == 0:
        is_at_fuse = floor < fuse < floor + per_row
        return (FUSE_LINE, colours.FUSE_LINE) if is_at_fuse else (" ", "")
    if mains > fuse and floor + per_row > fuse:
        # an eighth stays free below the phase above
        return EIGHTHS[min(filled, FULL - 1)], colours.OVER
    is_house = below * 2 >= filled
    if not has_colours:
        return EIGHTHS[filled] if is_house else CAR_WITHOUT_COLOUR, ""
    if filled == FULL and 0 < below < FULL:
        return EIGHTHS[below], f"{colours.HOUSE} on {colours.CAR}"
    return EIGHTHS[filled], colours.HOUSE if is_house else colours.CAR


def _eighths(amperes: float, per_row: float) -> int:
    """Of a row; a little is still seen."""
    if amperes <= 0:
        return 0
    return min(max(round(amperes / per_row * FULL), 1), FULL)
