"""Simulated time: what is due when, driven by a pump in a live simulator and by hand in tests."""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

Action: TypeAlias = Callable[[], None]


class Due:
    """Something planned; cancelling it is harmless at any time."""

    __slots__ = ("action", "is_cancelled")

    def __init__(self, action: Action) -> None:
        self.action = action
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Timeline:
    """Simulated seconds since the start.

    Stands still until `run` pumps it with the monotonic clock, `speed` simulated seconds per real one. `advance`
    jumps ahead and does what falls due on the way, at its own instant and in order, pumped or not.
    """

    def __init__(
        self,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.speed = speed
        self.started = wall_clock()
        """Unix seconds."""
        self._monotonic = monotonic
        self._passed = 0.0
        self._pumped_at: float | None = None
        self._doing: float | None = None
        self._target = 0.0
        self._plan: list[tuple[float, int, Due]] = []
        self._number = count()
        self._woken = asyncio.Event()

    @property
    def now(self) -> float:
        """Simulated seconds since the start; what falls due sees its own instant."""
        if self._doing is not None:
            return self._doing
        if self._pumped_at is None:
            return self._passed
        return self._passed + (self._monotonic() - self._pumped_at) * self.speed

    @property
    def wall(self) -> float:
        """Unix seconds; runs as fast as the timeline."""
        return self.started + self.now

    def after(self, seconds: float, action: Action) -> Due:
        """Do this in so many simulated seconds; 0 = as soon as the timeline moves."""
        due = Due(action)
        heapq.heappush(self._plan, (self.now + max(seconds, 0.0), next(self._number), due))
        self._woken.set()
        return due

    def every(self, seconds: float, action: Action) -> Due:
        """Do this again and again, first after one period; what a jump skips is not made up for."""
        outer = Due(action)

        def again() -> None:
            if not outer.is_cancelled:
                action()
                self.after(max(seconds, self._target - self.now), again)

        self.after(seconds, again)
        return outer

    def advance(self, seconds: float) -> None:
        """Jump ahead."""
        self._passed += seconds
        self._catch_up()

    async def run(self) -> None:
        """Keep pace with the monotonic clock until cancelled; the timeline then stands still again."""
        self._pumped_at = self._monotonic()
        try:
            while True:
                self._woken.clear()
                self._catch_up()
                try:
                    async with asyncio.timeout(self._until_next()):
                        await self._woken.wait()
                except TimeoutError:
                    continue
        finally:
            self._passed = self.now
            self._pumped_at = None

    def _until_next(self) -> float | None:
        """Real seconds until something is due; None where nothing is planned."""
        return max(self._plan[0][0] - self.now, 0.0) / self.speed if self._plan else None

    def _catch_up(self) -> None:
        self._target = self.now
        try:
            while self._plan and self._plan[0][0] <= self._target:
                self._doing, _, due = heapq.heappop(self._plan)
                if not due.is_cancelled:
                    due.action()
        finally:
            self._doing = None
