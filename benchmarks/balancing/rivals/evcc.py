"""The circuit of evcc (field notes 4.4): what the fullest phase leaves, every 30 s, or 10 s where the owner says so."""

from benchmarks.balancing.rivals.rival import MINIMUM, Clock, Rival
from bridge.simulator.closed_loop.controller import Site, Telegram

STALE = 60.0
"""s without a telegram after which the mains count as full."""


class Evcc(Rival):
    """No hysteresis and no memory: the limit is the car's current plus what is left, or the car is switched off."""

    def __init__(self, site: Site, interval: float) -> None:
        """Take the interval in s."""
        super().__init__(site)
        self._clock = Clock(interval)

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        if not self._clock.is_due(now):
            return None
        current, most = self.taken(), float(self.site.maximum)
        left = float("-inf") if now - self.told_at > STALE else self.site.fuse - self.mains(telegram)
        if max(0.0, most - current) > left:
            most = min(most, max(0.0, current + left))
        return most if most >= MINIMUM else 0.0
