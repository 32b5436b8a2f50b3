"""Time that runs faster: an event loop whose seconds are short, with real sockets in it.

Every timer of asyncio and of the libraries on top of it goes by `loop.time`, so all of them agree. What the machine
itself needs (a start, a packet, a disk) seems slower by the same factor: figures made so are never too good.
"""

import asyncio
import selectors
import time


class FastLoop(asyncio.SelectorEventLoop):
    """`speed` of its seconds pass in each real one."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        super().__init__(_FastSelector(speed))

    def time(self) -> float:
        return self._began + (time.monotonic() - self._began) * self._speed


class _FastSelector(selectors.DefaultSelector):
    """Waits shorter by the same factor."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None or timeout <= 0 else timeout / self._speed)
