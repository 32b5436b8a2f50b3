"""How often telegrams come, and from which age a phase is stale."""

from bridge.core.model import Instant

LEAST_AGE = 5.0
PERIODS = 3.5
"""So many missed telegrams make a phase stale: 5 s on a meter that sends each second, 35 s on one each ten."""
UNKNOWN_AGE = 35.0
"""Before the period is known: a slow meter sends every ten seconds."""
GRACE = 15.0
"""After the start a meter may be this silent before we call ourselves blind, s."""
LONGEST_PERIOD = 60.0
SMOOTHING = 0.2


class Freshness:
    """Observes the telegrams' period. Seconds."""

    __slots__ = ("_fixed", "max_age", "newest", "period", "started")

    def __init__(self, fixed: float | None, now: Instant) -> None:
        self._fixed = fixed
        self.started = now
        self.newest: Instant | None = None
        self.period: float | None = None
        self.max_age = fixed if fixed is not None else UNKNOWN_AGE

    def telegram(self, now: Instant) -> None:
        if self.newest is not None:
            gap = min(now - self.newest, LONGEST_PERIOD)
            if self.period is None:
                self.period = gap
            elif gap < 2 * self.period:
                self.period += SMOOTHING * (gap - self.period)
            if self._fixed is None:
                self.max_age = max(LEAST_AGE, PERIODS * self.period)
        self.newest = now

    def is_starting(self, now: Instant) -> bool:
        """Whether a phase that was never seen may still come."""
        return now - self.started < min(GRACE, self.max_age)
