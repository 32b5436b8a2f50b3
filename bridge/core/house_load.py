"""Mains and draw come late, by different roads; this pairs them at one instant.

A telegram tells of the mains about a second ago. The charger tells of a change of its draw one to three seconds after
it. Between a change and its report nobody knows the draw, but it is bounded: by what was reported over the last few
seconds, and, while the car ramps up, by what it can have gained since.
"""

from collections import deque
from math import inf

from bridge.core.model import Instant
from bridge.core.phases import NOTHING, PerPhase

REPORT_LAG = 3.0
"""A report may belong to any instant of this many seconds before it arrived (measured: 1 to 3 s)."""
RAMP = 0.8
"""A car takes up what it is offered at about this many A/s (measured: 0.5 to 0.8)."""
RAMP_GAIN = RAMP * REPORT_LAG
STARTED = 1.0
"""Below this draw a phase has not been reported to start: it may take all it is offered before we are told, A."""
OBEYS_WITHIN = 12.0
"""A lower limit in force is followed, and the new draw reported, within this, s: car 5, fall 2, report 3, some more."""


class DrawHistory:
    """The draw of the circuit over the last seconds, on the mains phases, A."""

    __slots__ = ("_lowered_at", "_offered", "_past", "is_known", "moving_until", "newest", "rising_until")

    def __init__(self) -> None:
        self.newest: PerPhase = NOTHING
        self.is_known = False
        """Whether any draw was ever reported."""
        self._offered = 0.0
        self._lowered_at: Instant = -inf
        self.rising_until: Instant = 0.0
        """Until when the car may take more than it last reported."""
        self.moving_until: Instant = 0.0
        """Until when the draw may differ from the newest report in either direction."""
        self._past: deque[tuple[Instant, PerPhase]] = deque()

    def report(self, draw: PerPhase, now: Instant) -> None:
        """A draw was reported. The one before it held until now."""
        self.is_known = True
        if draw == self.newest:
            return
        self.forget_past(now)
        self._past.append((now, self.newest))
        self.expect_change(now + REPORT_LAG + 1.0)
        if draw[0] > self.newest[0] or draw[1] > self.newest[1] or draw[2] > self.newest[2]:
            self.rising_until = max(self.rising_until, now + REPORT_LAG + 1.0)
        self.newest = draw

    def offer(self, offered: float, now: Instant) -> None:
        """This is the most that the car is offered now, A."""
        if offered < self._offered:
            self._lowered_at = now
        self._offered = offered

    def expect_rise(self, until: Instant) -> None:
        """More was offered: the car may take it up until then."""
        self.rising_until = max(self.rising_until, until)
        self.expect_change(until)

    def expect_change(self, until: Instant) -> None:
        """The car is about to follow: until then a step in the mains may be the car's."""
        self.moving_until = max(self.moving_until, until)

    def forget_past(self, now: Instant) -> None:
        past = self._past
        while past and now - past[0][0] > REPORT_LAG:
            past.popleft()

    def bounds(self, index: int, now: Instant) -> tuple[float, float]:
        """Lowest and highest draw (A) that may belong to a telegram of now.

        What a car takes beyond its offer, when it has had the time to follow, counts as house load: it has to be made
        room for all the same.
        """
        offered = self._offered
        if not self.is_known:
            return 0.0, offered
        low = high = self.newest[index]
        for _, draw in self._past:
            low = min(low, draw[index])
            high = max(high, draw[index])
        if now < self.rising_until and high < offered:
            high = min(offered, high + RAMP_GAIN) if high >= STARTED else offered
        if now - self._lowered_at < OBEYS_WITHIN:
            return low, high
        return min(low, offered), min(high, offered)
