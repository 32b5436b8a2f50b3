"""The Home Assistant integration cryptotomte/ev-load-balancer (field notes 4.9)."""

from benchmarks.balancing.rivals.rival import MINIMUM, Rival, Since
from bridge.simulator.closed_loop.controller import Site, Telegram

MARGIN = 2.0
"""A that are always kept free."""
RAISE_AFTER = 5.0
"""s from any order to a raise."""
PAUSE_AFTER = 15.0
"""s without the minimum."""
RESUME_AFTER = 30.0
"""s with enough to resume."""
RESUME_AT = 8.0
"""A."""


class Cryptotomte(Rival):
    """Lowers at once, to the minimum at least; raises and resumes by timers. Acts on each telegram."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._short = Since()
        self._enough = Since()

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        if not self.is_fresh:
            return None
        available = self.site.fuse - self.house(telegram) - MARGIN
        target = max(available, float(MINIMUM))
        if not self.limit:
            return target if self._enough.lasted(now, holds=available >= RESUME_AT) >= RESUME_AFTER else None
        self._enough.lasted(now, holds=False)
        # An order that lowers starts the wait for a pause anew.
        is_short = available < MINIMUM and self.limit == MINIMUM
        if self._short.lasted(now, holds=is_short) >= PAUSE_AFTER:
            self._short.lasted(now, holds=False)
            return 0.0
        if target < self.limit or now - self.changed_at >= RAISE_AFTER:
            return target
        return None
