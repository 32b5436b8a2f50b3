"""Tells a motor that starts from a load that stays.

A compressor takes a multiple of its running current for a second. To lower the limit to that would cost two orders and
half a minute of charging, each time it starts. A house that does so is known after its first starts: a rise that is as
large as those that fell again at once is given one more telegram.
"""

from collections import deque

RISE = 2.0
"""A rise from telegram to telegram that is remembered, A."""
FELL = 0.25
"""It was an inrush if this share of it was gone with the next telegram."""
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
        self._rises: deque[tuple[float, bool]] = deque(maxlen=KEPT)

    def see(self, change: float, seconds: float, *, is_settled: bool) -> bool:
        """Take the change of the house load (A) over so many seconds; whether it is likely to be an inrush."""
        rise, self._rise = self._rise, None
        if seconds > NEXT_WITHIN:
            return False
        if rise is not None:  # no order can have moved the car yet
            self._rises.append((rise, change < -FELL * rise))
            return False
        if not is_settled or change < RISE:
            return False
        self._rise = change
        alike = [fell for size, fell in self._rises if abs(size - change) < ALIKE * change]
        return bool(alike) and 2 * sum(alike) > len(alike)
