"""One phase as a bar: the house's part, the car's part, what is over the fuse, and a mark at the fuse."""

from typing import NamedTuple

from rich.text import Text

from bridge.commands.live import colours
from bridge.commands.live.reading import PhaseReading

BEYOND_FUSE = 1.2
"""The bar ends at so many times the fuse."""
HOUSE, CAR, OVER = "▆▒!"
"""Shapes where there are no colours."""
MARK = "┃"


class Span(NamedTuple):
    """Where the parts of a mains current end, A."""

    house: float
    mains: float


def span(phase: PhaseReading) -> Span:
    """Split the mains current. Export and unknown count as nothing, and the car never takes more than flows."""
    mains = max(phase.mains or 0.0, 0.0)
    house = mains - (phase.car or 0.0) if phase.house is None else phase.house
    return Span(min(max(house, 0.0), mains), mains)


def bar(phase: PhaseReading, fuse: float, width: int, *, has_colours: bool, block: str = "▆") -> Text:
    """Draw it `width` cells wide; the scale runs from nothing to 1.2 times the fuse (A)."""
    house, mains = span(phase)
    cells = width / (fuse * BEYOND_FUSE)
    mark = min(round(fuse * cells), width - 1)
    text = Text(no_wrap=True)
    for place in range(width):
        middle = (place + 0.5) / cells
        if place == mark:
            text.append(MARK, colours.OVER if mains > fuse else colours.FUSE)
        elif middle >= mains:
            text.append(block if has_colours else " ", colours.TRACK)
        elif middle >= fuse:
            text.append(block if has_colours else OVER, colours.OVER)
        elif middle >= house:
            text.append(block if has_colours else CAR, colours.CAR)
        else:
            text.append(block if has_colours else HOUSE, colours.HOUSE)
    return text


def scale(fuse: float, width: int) -> Text:
    """Amperes above the bars: every five, and the fuse."""
    cells = width / (fuse * BEYOND_FUSE)
    mark = min(round(fuse * cells), width - 1)
    line = [" "] * width
    for amperes in range(0, int(fuse), 5 if width >= 30 else 10):  # noqa: PLR2004 narrower, the numbers would touch
        place = round(amperes * cells)
        label = str(amperes)
        if place + len(label) < mark - 1:
            line[place : place + len(label)] = label
    text = Text("".join(line), colours.QUIET, no_wrap=True)
    label = f"{fuse:g}"
    start = min(mark, width - len(label))
    text = text[:start] + Text(label, f"bold {colours.FUSE}") + text[start + len(label) :]
    return text[:width]
