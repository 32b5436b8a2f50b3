"""Tells a motor that starts from a load that stays.

A compressor takes a multiple of its running current for a second. To lower the limit to that would cost two orders and
half a minute of charging, each time it starts. A house that does so is known after its first starts: of a rise that is
as large as those that fell again at once, only what stayed of them is believed until the next telegram.
"""

from collections import deque

RISE = 2.0
"""A rise from telegram to telegram that is remembered, A."""
STAYED = 0.75
"""It was an inrush if less than this share of it was left with the next telegram."""
ALIKE = 0.25
"""Rises that differ by no more than this share are alike."""
KEPT = 8
NEXT_WITHIN = 2.0
"""A slower meter gives no time to wait, s."""


class Inrush:
    """Remembers the rises of one phase."""

    __slots__ = ("_rise", "_rises")

    def __init__(self) -> None:
        self._rise: float | None = None
        self._rises: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def see(self, change: float, seconds: float, *, is_settled: bool) -> float:
        """Take the change of the house load (A) over so many seconds; how much of it is likely to fall again, A."""
        rise, self._rise = self._rise, None
        if seconds > NEXT_WITHIN:
            return 0.0
        if rise is not None:  # no order can have moved the car yet
            self._rises.append((rise, max(1.0 + change / rise, 0.0)))  # another load may have gone too
            return 0.0
        if not is_settled or change < RISE:
            return 0.0
        self._rise = change
        alike = [stayed for size, stayed in self._rises if abs(size - change) < ALIKE * change]
        inrushes = [stayed for stayed in alike if stayed < STAYED]
        if 2 * len(inrushes) <= len(alike):
            return 0.0
        return change * (1.0 - max(inrushes))
