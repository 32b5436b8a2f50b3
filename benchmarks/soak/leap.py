"""Virtual time: an event loop that leaps over every wait."""

import asyncio
import selectors


class LeapLoop(asyncio.SelectorEventLoop):
    """Its time moves only where everything waits, and then at once to the next timer."""

    def __init__(self) -> None:
        self.instant = 0.0
        super().__init__(_LeapSelector(self))

    def time(self) -> float:
        return self.instant


class _LeapSelector(selectors.DefaultSelector):
    def __init__(self, loop: LeapLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            self._loop.instant += timeout
        return ready
