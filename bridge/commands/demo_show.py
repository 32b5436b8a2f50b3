"""The two ways to show the demo: a live picture, or plain lines."""

import time
from typing import Protocol

from rich.console import Console
from rich.live import Live

from bridge.commands.demo_stage import Stage
from bridge.commands.demo_truth import Witness
from bridge.commands.lines import say
from bridge.commands.live.board import Board
from bridge.commands.live.news import clock
from bridge.commands.live.plain import status
from bridge.commands.live.screen import Scene, picture
from bridge.commands.live.showing import STATUS_EVERY, End, picture_console


class Show(Protocol):
    """Shows the board until the end."""

    async def run(self, board: Board, witness: Witness, end: End) -> None: ...


def show_on(stage: Stage) -> Show:
    """The live picture where standard output can show it, else plain lines."""
    console = picture_console()
    return PlainShow() if console is None else LiveShow(console, stage)


class LiveShow:
    """Redraws the whole picture a few times a second, on the terminal's other screen."""

    def __init__(self, console: Console, stage: Stage) -> None:
        self._console = console
        self._stage = stage
        self._has_colours = console.color_system is not None and not console.no_color

    async def run(self, board: Board, witness: Witness, end: End) -> None:
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            while not end.is_there():
                now = time.time()
                witness.tick(now)
                board.tick(now)
                shown = scene(self._stage, board, witness, end, now)
                size = self._console.size
                live.update(picture(shown, size.width, size.height, has_colours=self._has_colours), refresh=True)
                await end.next_look()


def scene(stage: Stage, board: Board, witness: Witness, end: End, now: float) -> Scene:
    """Put together what the picture shows at so many Unix seconds."""
    return Scene(
        reading=board.reading,
        history=board.history,
        news=board.news,
        fuse=board.fuse,
        title=f"demo · {board.reading.pace} pace · {end}",
        facts=witness.facts(),
        footer=stage.footer(),
        time=now,
    )


class PlainShow:
    """A line for each piece of news, and the numbers every few seconds."""

    async def run(self, board: Board, witness: Witness, end: End) -> None:
        told, next_status = 0, STATUS_EVERY
        while not end.is_there():
            now = time.time()
            witness.tick(now)
            for item in board.news.since(told):
                say(clock(item.at), item.text)
            told = board.news.count
            if end.passed >= next_status:
                next_status += STATUS_EVERY
                say(clock(now), status(board.reading))
            await end.next_look()
