"""What the engine remembers of one mains phase."""

from collections import deque
from math import inf

from bridge.core.inrush import NEXT_WITHIN, Inrush
from bridge.core.model import Instant, PhaseReading
from bridge.core.quiet import Quiet
from bridge.core.thermal import FuseModel

BUCKET = 5.0
"""Seconds that share one maximum of the house load."""
LONGEST_WINDOW = 900.0
LONGEST_PERIOD = 10.0
"""No meter is meant to be slower, s."""
LONGEST_HEATING = 60.0
"""A gap between telegrams is heated with the newest current for at most this long, s."""


class PhaseTrack:
    """Freshness, house load over time and the fuse's heat of one phase."""

    __slots__ = (
        "_bucket_start",
        "_buckets",
        "_inrush",
        "cut_load",
        "house",
        "house_high",
        "house_low",
        "mains",
        "measured_since",
        "model",
        "period",
        "quiet",
        "seen_at",
        "short_since",
        "theta",
        "whole_amperes",
    )

    def __init__(self, model: FuseModel, theta: float, quiet: Quiet) -> None:
        self.model = model
        self.theta = theta
        self.quiet = quiet
        self.mains = 0.0
        self.house = 0.0
        """The house load to show: moved no further than mains and draw force it to, A."""
        self.house_low = 0.0
        """Lowest house load that mains and draw allow, A."""
        self.cut_load = 0.0
        """The same without a rise that is likely to be an inrush: what a reduction is based on, A."""
        self.house_high = 0.0
        """Highest house load that mains and draw allow: what a raise is based on, A."""
        self.whole_amperes = False
        self.seen_at: Instant = -inf
        self.period = LONGEST_PERIOD
        """From the telegram before the newest, s."""
        self.measured_since: Instant | None = None
        self.short_since: Instant | None = None
        """Since when the phase has left less than the minimum current."""
        self._buckets: deque[tuple[Instant, float]] = deque(maxlen=int(LONGEST_WINDOW / BUCKET) + 2)
        self._bucket_start = -inf
        self._inrush = Inrush()

    def forget(self) -> None:
        """The phase went stale: what was measured before says nothing of what comes."""
        self.measured_since = None
        self.short_since = None
        self._buckets.clear()
        self._bucket_start = -inf
        self.quiet.forget()

    def pair_anew(self, draw: tuple[float, float], now: Instant) -> None:
        """The draw (lowest and highest, A) is known for the first time: until now all of the mains was the house's."""
        self.forget()
        low, high = draw
        self.measured_since = now
        self.house = self.house_low = self.cut_load = self.mains - high
        self.house_high = self.mains - low
        self._remember(self.house_high, now)
        self.quiet.see(self.house, now)

    def see(self, reading: PhaseReading, draw: tuple[float, float], now: Instant, *, is_settled: bool = True) -> None:
        """Take a reading with the lowest and the highest draw (A) that may belong to its instant.

        `is_settled` says that the car is not moving, so that a step can only be the house's.
        """
        seconds = now - self.seen_at
        self.period = min(LONGEST_PERIOD, seconds)
        if self.seen_at > -inf:
            self.theta = self.model.heated(self.theta, reading.current, min(seconds, LONGEST_HEATING))
        low, high = draw
        before = self.house_low
        if self.measured_since is None:
            self.measured_since = now
            self.house = before = reading.current - high
        self.mains = reading.current
        self.house_low = reading.current - high
        self.house_high = reading.current - low
        self.house = min(max(self.house, self.house_low), self.house_high)
        inrush = self._inrush.see(self.house_low - before, seconds, is_settled=is_settled and low == high)
        self.cut_load = self.house_low - inrush
        self.whole_amperes = reading.whole_amperes
        self.seen_at = now
        self._remember(self.house_high, now)
        if not inrush:
            self.quiet.see(self.house, now)

    def _remember(self, house: float, now: Instant) -> None:
        if now - self._bucket_start >= BUCKET:
            self._buckets.append((now, house))
            self._bucket_start = now
        elif house > self._buckets[-1][1]:
            self._buckets[-1] = (self._bucket_start, house)

    def is_first_sign(self, now: Instant) -> bool:
        """Whether one telegram alone says that the minimum current is too much, and the next is about to come.

        A motor that starts takes a multiple of its current for a second; a pause for that costs minutes.
        """
        return self.period <= NEXT_WITHIN and self.short_since == self.seen_at and now - self.seen_at < NEXT_WITHIN

    def has_measured(self, seconds: float, now: Instant) -> bool:
        return self.measured_since is not None and now - self.measured_since >= seconds

    def highest_house_load(self, seconds: float, now: Instant) -> float:
        """Highest house load (A) over the last seconds, as far as measured."""
        since = now - seconds - BUCKET
        highest = self.house_high
        for start, load in reversed(self._buckets):
            if start < since:
                break
            highest = max(highest, load)
        return highest
