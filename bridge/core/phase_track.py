"""What the engine remembers of one mains phase."""

from collections import deque
from math import inf

from bridge.core.model import Instant, PhaseReading
from bridge.core.thermal import FuseModel

BUCKET = 5.0
"""Seconds that share one maximum of the house load."""
LONGEST_WINDOW = 900.0
STEP = 3.0
"""A change of the house load from telegram to telegram that counts as a step, A."""
STEPS_KEPT = 600.0
RESTLESS_STEPS = 4
"""Two loads that came and went."""
LONGEST_HEATING = 60.0
"""A gap between telegrams is heated with the newest current for at most this long, s."""


class PhaseTrack:
    """Freshness, house load over time and the fuse's heat of one phase."""

    __slots__ = (
        "_bucket_start",
        "_buckets",
        "_settled",
        "_steps",
        "house",
        "house_high",
        "house_low",
        "mains",
        "measured_since",
        "model",
        "seen_at",
        "short_since",
        "theta",
        "whole_amperes",
    )

    def __init__(self, model: FuseModel, theta: float) -> None:
        self.model = model
        self.theta = theta
        self.mains = 0.0
        self.house = 0.0
        """The house load to show: moved no further than mains and draw force it to, A."""
        self.house_low = 0.0
        """Lowest house load that mains and draw allow: what a reduction is based on, A."""
        self.house_high = 0.0
        """Highest house load that mains and draw allow: what a raise is based on, A."""
        self.whole_amperes = False
        self.seen_at: Instant = -inf
        self.measured_since: Instant | None = None
        self.short_since: Instant | None = None
        """Since when the phase has left less than the minimum current."""
        self._buckets: deque[tuple[Instant, float]] = deque(maxlen=int(LONGEST_WINDOW / BUCKET) + 2)
        self._bucket_start = -inf
        self._settled = 0.0
        """House load when the draw was last known for certain, A: a moving car makes no steps."""
        self._steps: deque[Instant] = deque(maxlen=RESTLESS_STEPS)

    def forget(self) -> None:
        """The phase went stale: what was measured before says nothing of what comes."""
        self.measured_since = None
        self.short_since = None
        self._buckets.clear()
        self._bucket_start = -inf

    def see(self, reading: PhaseReading, draw: tuple[float, float], now: Instant, *, is_settled: bool = True) -> None:
        """Take a reading with the lowest and the highest draw (A) that may belong to its instant.

        `is_settled` says that the car is not moving, so that a step can only be the house's.
        """
        if self.seen_at > -inf:
            seconds = min(now - self.seen_at, LONGEST_HEATING)
            self.theta = self.model.heated(self.theta, reading.current, seconds)
        low, high = draw
        house = reading.current - high
        if self.measured_since is None:
            self.measured_since = now
            self._settled = self.house = house
        if is_settled and low == high:
            if abs(house - self._settled) >= STEP:
                self._steps.append(now)
            self._settled = house
        self.mains = reading.current
        self.house_low = house
        self.house_high = reading.current - low
        self.house = min(max(self.house, self.house_low), self.house_high)
        self.whole_amperes = reading.whole_amperes
        self.seen_at = now
        self._remember(self.house_high, now)

    def _remember(self, house: float, now: Instant) -> None:
        if now - self._bucket_start >= BUCKET:
            self._buckets.append((now, house))
            self._bucket_start = now
        elif house > self._buckets[-1][1]:
            self._buckets[-1] = (self._bucket_start, house)

    def is_restless(self, now: Instant) -> bool:
        """Whether the house load stepped four times in the last ten minutes."""
        return len(self._steps) == RESTLESS_STEPS and now - self._steps[0] <= STEPS_KEPT

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

    def loaded_until(self, load: float) -> Instant | None:
        """When the house load was last above that many A; None if never since it is measured."""
        for start, highest in reversed(self._buckets):
            if highest > load:
                return start + BUCKET
        return self.measured_since
