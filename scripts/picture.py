"""Draws the picture in the README from a real run of the demo.

In the checkout: `.venv/bin/python -m scripts.picture [SECONDS [FILE]]`, by default docs/demo.svg as the
demo looks 240 s after its start. Every cell becomes a shape or a text of fixed width, so that it looks the same
whatever fonts there are.
"""  # noqa: INP001 a script, not a package

import asyncio
import io
import sys
import time
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from rich.color import Color
from rich.console import Console, RenderableType
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from bridge.commands.demo_play import play
from bridge.commands.demo_show import scene
from bridge.commands.demo_stage import Stage
from bridge.commands.demo_truth import Witness
from bridge.commands.live.board import Board
from bridge.commands.live.screen import picture
from bridge.commands.live.showing import End

COLUMNS, ROWS = 104, 33
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.4, 19.0, 14
FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
EDGE, TITLE_HEIGHT = 14, 34
PAPER, INK = "#14171d", "#d8dce6"
THEME = TerminalTheme((0x14, 0x17, 0x1D), (0xD8, 0xDC, 0xE6), [(0, 0, 0)] * 8)
EIGHTHS: Final = {character: number for number, character in enumerate("▁▂▃▄▅▆▇█", 1)}
HALF_WIDTH, HALF_HEIGHT = CELL_WIDTH / 2, CELL_HEIGHT / 2
ROUND: Final = {"╭": (1, 1), "╮": (-1, 1), "╰": (1, -1), "╯": (-1, -1)}
"""Where the two arms of a corner go: right or left, down or up."""


class Pen(NamedTuple):
    """How a cell is drawn."""

    colour: str
    paper: str
    is_bold: bool


class Run(NamedTuple):
    """Cells of a row that are drawn alike."""

    x: float
    y: float
    text: str
    pen: Pen


def drawn(renderable: RenderableType, title: str) -> str:
    """Draw what a terminal of COLUMNS × ROWS would show."""
    width = COLUMNS * CELL_WIDTH + 2 * EDGE
    height = ROWS * CELL_HEIGHT + TITLE_HEIGHT + EDGE
    shapes = "\n".join(shape for run in _runs(renderable) for shape in _shapes(run))
    lights = "".join(
        f'<circle cx="{EDGE + 8 + 20 * place}" cy="18" r="6" fill="{colour}"/>'
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">
<rect width="{width:g}" height="{height:g}" rx="9" fill="{PAPER}"/>{lights}
<g font-family="{FONTS}" font-size="{FONT_SIZE}">
<text x="{width / 2:g}" y="23" text-anchor="middle" fill="#7c8394">{escape(title)}</text>
<g transform="translate({EDGE} {TITLE_HEIGHT})" shape-rendering="crispEdges">
{shapes}
</g>
</g>
</svg>
"""


def _runs(renderable: RenderableType) -> Iterator[Run]:
    console = Console(
        width=COLUMNS, height=ROWS, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False
    )
    for row, line in enumerate(console.render_lines(renderable, pad=True)[:ROWS]):
        cells = [(sign, _pen(part.style or Style())) for part in line for sign in part.text]
        column = 0
        for (_, pen), group in groupby(cells, key=_kind):
            text = "".join(sign for sign, _ in group)
            yield Run(column * CELL_WIDTH, row * CELL_HEIGHT, text, pen)
            column += len(text)


def _kind(cell: tuple[str, Pen]) -> tuple[str, Pen]:
    """Cells of one kind are drawn together: the same shape, or any text."""
    sign, pen = cell
    return (sign if sign in EIGHTHS or sign in ROUND or sign in "─│┃ " else "text", pen)


def _pen(style: Style) -> Pen:
    colour, paper = _hex(style.color, INK), _hex(style.bgcolor, PAPER)
    if style.reverse:
        colour, paper = paper, colour
    if style.dim:
        colour = _between(colour, paper)
    return Pen(colour, paper, bool(style.bold))


def _hex(colour: Color | None, otherwise: str) -> str:
    return otherwise if colour is None or colour.is_default else colour.get_truecolor(THEME).hex


def _between(one: str, other: str) -> str:
    pairs = [(int(one[place : place + 2], 16), int(other[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{(2 * here + there) // 3:02x}" for here, there in pairs)


def _shapes(run: Run) -> Iterator[str]:
    width, sign, pen = len(run.text) * CELL_WIDTH, run.text[0], run.pen
    if pen.paper != PAPER:
        yield _box(run.x, run.y, width, CELL_HEIGHT, pen.paper)
    if sign in EIGHTHS:
        height = CELL_HEIGHT * EIGHTHS[sign] / 8
        yield _box(run.x, run.y + CELL_HEIGHT - height, width, height, pen.colour)
    elif sign == "─":
        yield _box(run.x, run.y + HALF_HEIGHT - 0.5, width, 1, pen.colour)
    elif sign == "│":
        yield _box(run.x + HALF_WIDTH - 0.5, run.y, 1, CELL_HEIGHT, pen.colour)
    elif sign == "┃":
        yield _box(run.x + HALF_WIDTH - 1.5, run.y, 3, CELL_HEIGHT, pen.colour)
    elif sign in ROUND:
        yield _corner(run, *ROUND[sign])
    elif sign != " ":
        yield _text(run, width)


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>'


def _corner(run: Run, across: int, down: int) -> str:
    x, y = run.x + HALF_WIDTH, run.y + HALF_HEIGHT
    path = f"M{x + across * HALF_WIDTH:g} {y:g}Q{x:g} {y:g} {x:g} {y + down * HALF_HEIGHT:g}"
    return f'<path d="{path}" fill="none" stroke="{run.pen.colour}" shape-rendering="auto"/>'


def _text(run: Run, width: float) -> str:
    bold = ' font-weight="bold"' if run.pen.is_bold else ""
    place = f'x="{run.x:g}" y="{run.y + CELL_HEIGHT * 0.74:g}" textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {place} fill="{run.pen.colour}"{bold}>{escape(run.text)}</text>'


class Camera:
    """A show that nobody sees but the file."""

    def __init__(self, stage: Stage, seconds: float, file: Path) -> None:
        self._stage = stage
        self._seconds = seconds
        self._file = file

    async def run(self, board: Board, witness: Witness, end: End) -> None:
        while not end.is_there() and end.passed < self._seconds:
            now = time.time()
            witness.tick(now)
            board.tick(now)
            await end.next_look()
        shown = picture(scene(self._stage, board, witness, end, time.time()), COLUMNS, ROWS)
        self._file.write_text(drawn(shown, "ev-load-bridge demo"), encoding="utf-8")


def main(seconds: float = 240.0, file: str = "docs/demo.svg") -> int:
    return asyncio.run(play(None, 1, "127.0.0.1", lambda stage: Camera(stage, seconds, Path(file))))


if __name__ == "__main__":
    sys.exit(main(*(float(given) for given in sys.argv[1:2]), *sys.argv[2:3]))
