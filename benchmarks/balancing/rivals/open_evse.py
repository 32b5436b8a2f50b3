"""The current shaper of OpenEVSE (field notes 4.7): it guards the power of all phases together, not a phase."""

from math import exp

from benchmarks.balancing.rivals.rival import MINIMUM, NOMINAL, Clock, Rival
from bridge.simulator.closed_loop.controller import Site, Telegram

INTERVAL = 2.0
"""s."""
PAUSE = 300.0
"""s that a pause lasts at least."""
RESUME_MARGIN = 0.5
"""A over the minimum to start again."""
SMOOTHING = 60.0
"""Time constant of falling power while paused, s."""
STALE = 120.0
"""s without a telegram after which it pauses."""


class OpenEvse(Rival):
    """What the total leaves, shared by the phases."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._clock = Clock(INTERVAL)
        self._power = 0.0

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        if not self._clock.is_due(now):
            return None
        phases = len(self.site.to_mains)
        self._smooth(sum(telegram[place].power for place in self.site.to_mains))
        limit = (self.site.fuse * NOMINAL * phases - self._power) / (NOMINAL * phases) + self.taken()
        if now - self.told_at > STALE:
            return 0.0
        if self.limit:
            return limit if limit >= MINIMUM else 0.0
        may_resume = now - self.changed_at >= PAUSE and limit >= MINIMUM + RESUME_MARGIN
        return limit if may_resume else 0.0

    def _smooth(self, power: float) -> None:
        share = 1.0 - exp(-INTERVAL / SMOOTHING) if not self.limit and power < self._power else 1.0
        self._power += share * (power - self._power)
