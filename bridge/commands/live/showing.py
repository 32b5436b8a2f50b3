"""What every show needs: when it is over, and whether this terminal can show a picture."""

import asyncio
import sys
import time

from rich.console import Console

FRAME = 0.25
"""s between two looks."""
STATUS_EVERY = 5.0
"""s between two lines of plain numbers."""


class End:
    """When the show is over: when `stop` is set, or its time is up (s; None = never)."""

    def __init__(self, stop: asyncio.Event, seconds: float | None) -> None:
        self.stop = stop
        self._seconds = seconds
        self._began = time.monotonic()

    def is_there(self) -> bool:
        return self.stop.is_set() or (self._seconds is not None and self.passed >= self._seconds)

    @property
    def passed(self) -> float:
        """Since the show began, s."""
        return time.monotonic() - self._began

    async def next_look(self) -> None:
        """Wait for the next frame, or for the end."""
        left = FRAME if self._seconds is None else min(FRAME, max(self._seconds - self.passed, 0.0))
        try:
            async with asyncio.timeout(left):
                await self.stop.wait()
        except TimeoutError:
            return

    def __str__(self) -> str:
        return _minutes(self.passed) + ("" if self._seconds is None else f" of {_minutes(self._seconds)}")


def picture_console() -> Console | None:
    """Standard output, where it can show a live picture."""
    console = Console(highlight=False)
    can = sys.stdout.isatty() and not console.is_dumb_terminal and console.encoding.startswith("utf")
    return console if can else None


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
