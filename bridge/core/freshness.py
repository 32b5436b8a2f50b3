"""How often telegrams come, and from which age a phase is stale."""

from collections import deque

from bridge.core.model import Instant

LEAST_AGE = 5.0
PERIODS = 3.5
"""So many missed telegrams make a phase stale: 5 s on a meter that sends each second, 35 s on one each ten."""
UNKNOWN_AGE = 35.0
"""Before the period is known: a slow meter sends every ten seconds."""
GRACE = 15.0
"""After the start a meter may be this silent before we call ourselves blind, s."""
LONGEST_PERIOD = 10.0
"""No meter is meant to be slower; one that is lacks telegrams, and its owner may fix the age, s."""
GAPS_KEPT = 5
GAPS_NEEDED = 3
"""From so many gaps the period is believed: a burst on connecting is no period."""


class Freshness:
    """Observes the telegrams' period. Seconds."""

    __slots__ = ("_fixed", "_gaps", "max_age", "newest", "period", "started")

    def __init__(self, fixed: float | None, now: Instant) -> None:
        self._fixed = fixed
        self._gaps: deque[float] = deque(maxlen=GAPS_KEPT)
        self.started = now
        self.newest: Instant | None = None
        self.period: float | None = None
        """The median of the newest gaps: a lost telegram does not change it, another rhythm does."""
        self.max_age = fixed if fixed is not None else UNKNOWN_AGE

    def telegram(self, now: Instant) -> None:
        if self.newest is not None:
            self._gaps.append(min(now - self.newest, LONGEST_PERIOD))
            self.period = sorted(self._gaps)[len(self._gaps) // 2]
            if self._fixed is None and len(self._gaps) >= GAPS_NEEDED:
                self.max_age = max(LEAST_AGE, PERIODS * self.period)
        self.newest = now

    def is_starting(self, now: Instant) -> bool:
        """Whether a phase that was never seen may still come."""
        return now - self.started < min(GRACE, self.max_age)
