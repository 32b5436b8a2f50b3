"""The two framed pictures: what flows now, and what has flowed in the last minutes."""

from collections.abc import Iterable

from rich import box
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from bridge.commands.live import colours
from bridge.commands.live.bars import bar, scale
from bridge.commands.live.history import STEP, History, area
from bridge.commands.live.reading import PhaseReading, Reading
from bridge.core.phases import Phase

COLUMNS = (("mains", 6), ("house", 6), ("car", 6), ("headroom", 9), ("limit", 6), ("thermal", 8))
"""Headings of the numbers and their widths."""
LABEL_WIDTH = 3
EDGES = 4
"""Cells that a frame takes of the width: borders and padding."""
UNKNOWN = "–"
FUSE = "fuse"
HOT = 0.8
"""From this thermal load of the fuse on it is shown in red."""


def mains_panel(
    reading: Reading, fuse: float, width: int, thickness: int, *, has_colours: bool, mark: str = FUSE
) -> Panel:
    """The bars of L1 to L3, each so many rows thick, with their numbers. `mark` says what the line in them is."""
    cells = max(width - EDGES - LABEL_WIDTH - sum(wide for _, wide in COLUMNS), 1)
    head = Text(" " * LABEL_WIDTH, no_wrap=True)
    head.append_text(scale(fuse, cells))
    head.append("".join(f"{name:>{wide}}" for name, wide in COLUMNS), colours.QUIET)
    lines = [head]
    for phase in Phase:
        seen = reading.phases[phase.place]
        drawn = bar(seen, fuse, cells, has_colours=has_colours)
        lines.append(_label(str(phase)) + drawn + _numbers(seen, fuse))
        thick = bar(seen, fuse, cells, has_colours=has_colours, block="█")
        lines.extend(Text(" " * LABEL_WIDTH, no_wrap=True) + thick for _ in range(thickness - 1))
    return _framed(lines, "mains now, A", _legend(fuse, mark, has_colours=has_colours))


def history_panel(history: History, fuse: float, width: int, height: int, *, has_colours: bool) -> Panel:
    """The last minutes of L1 to L3, so many rows each."""
    cells = width - EDGES - LABEL_WIDTH
    lines = []
    for phase in Phase:
        rows = area(history.of_phase(phase.place, cells), fuse, height, has_colours=has_colours)
        for number, row in enumerate(rows):
            label = str(phase) if number == height // 2 else ""
            lines.append(_label(label) + row)
    minutes, seconds = divmod(round(cells * STEP), 60)
    return _framed(lines, f"the last {minutes} min {seconds} s", None)


def _label(text: str) -> Text:
    return Text(no_wrap=True).append(f"{text:<{LABEL_WIDTH}}", "bold")


def _numbers(seen: PhaseReading, fuse: float) -> Text:
    is_over, is_hot = (seen.mains or 0) > fuse, (seen.thermal or 0) >= HOT
    fields = (
        (_amperes(seen.mains), f"bold {colours.OVER}" if is_over else "bold"),
        (_amperes(seen.house), colours.HOUSE),
        (_amperes(seen.car), colours.CAR),
        (_amperes(seen.free), colours.OVER if (seen.free or 0) < 0 else ""),
        (UNKNOWN if seen.limit is None else f"{seen.limit:.0f}", ""),
        (UNKNOWN if seen.thermal is None else f"{seen.thermal:.0%}", colours.OVER if is_hot else colours.QUIET),
    )
    text = Text(no_wrap=True)
    for (value, style), (_, wide) in zip(fields, COLUMNS, strict=True):
        text.append(f"{value:>{wide}}", style)
    return text


def _amperes(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}".replace("-", "−")


def _legend(fuse: float, mark: str, *, has_colours: bool) -> Text:
    house, car, over = ("▆", "▆", "▆") if has_colours else ("▆", "▒", "!")
    text = Text()
    for sign, colour, word in (
        (house, colours.HOUSE, " house  "),
        (car, colours.CAR, " car  "),
        (over, colours.OVER, f" over the {mark}  "),
        ("┃", colours.FUSE, f" {mark} {fuse:g} A"),
    ):
        text.append(sign, colour)
        text.append(word, colours.QUIET)
    return text


def _framed(lines: Iterable[Text], title: str, legend: Text | None) -> Panel:
    return Panel(
        Group(*lines),
        box=box.ROUNDED,
        title=Text(title, colours.QUIET),
        title_align="left",
        subtitle=legend,
        subtitle_align="right",
        border_style=colours.TRACK,
    )
