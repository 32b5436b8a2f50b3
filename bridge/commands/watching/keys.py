"""The keyboard during a view: q ends it."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

QUIT = b"qQ"


@contextmanager
def quit_key(stop: asyncio.Event) -> Iterator[None]:
    """Let q set `stop`, where there is a keyboard that is ours; it is as it was before, afterwards."""
    number = _keyboard()
    if number is None:
        yield
        return
    loop, before = asyncio.get_running_loop(), termios.tcgetattr(number)

    def read() -> None:
        pressed = os.read(number, 64)
        if not pressed or any(key in QUIT for key in pressed):
            loop.remove_reader(number)
            stop.set()

    tty.setcbreak(number)
    loop.add_reader(number, read)
    try:
        yield
    finally:
        loop.remove_reader(number)
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _keyboard() -> int | None:
    """None where there is none, or where it belongs to another program (we are in the background)."""
    try:
        number = sys.stdin.fileno()
        return number if os.isatty(number) and os.tcgetpgrp(number) == os.getpgrp() else None
    except (OSError, ValueError, AttributeError):
        return None
