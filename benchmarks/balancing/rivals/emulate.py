"""The load balancer of Emulate as its published answers describe it (field notes 1); no source is public."""

from collections import deque

from benchmarks.balancing.rivals.rival import MINIMUM, Clock, Rival
from bridge.simulator.closed_loop.controller import Site, Telegram

INTERVAL = 15.0
"""s within which an overload is answered."""
KEPT_FREE = 2.0
"""A; with less left it reduces."""
SPACING = 300.0
"""s between two orders, and over which a raise must have been possible."""
RESTART_AFTER = 1200.0
"""s from a stop to a restart."""
WORTH = 1.0
"""A of a raise."""


class Emulate(Rival):
    """One order, then five minutes of nothing."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._clock = Clock(INTERVAL)
        self._free: deque[float] = deque(maxlen=int(SPACING / INTERVAL))

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        if not self._clock.is_due(now):
            return None
        free = self.site.fuse - self.house(telegram)
        self._free.append(free)
        if not self.limit:
            return self._restarted(free, now)
        if now - self.changed_at < SPACING:
            return None
        if self.site.fuse - self.mains(telegram) < KEPT_FREE:
            return min(free - KEPT_FREE if free - KEPT_FREE >= MINIMUM else self._least(free), self.limit)
        quiet = min(self._free) - KEPT_FREE
        is_raise = len(self._free) == self._free.maxlen and quiet >= self.limit + WORTH
        return quiet if is_raise else None

    def _least(self, free: float) -> float:
        return float(MINIMUM) if free >= MINIMUM else 0.0

    def _restarted(self, free: float, now: float) -> float | None:
        if now - self.changed_at < RESTART_AFTER or free < MINIMUM:
            return None
        return max(free - KEPT_FREE, float(MINIMUM))
