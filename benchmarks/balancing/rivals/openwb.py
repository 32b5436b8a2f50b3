"""The load management of openWB 2 with one charging point (field notes 4.6): with one it is evcc's law, every 10 s."""

from benchmarks.balancing.rivals.rival import MINIMUM, NOMINAL, Clock, Rival, signed
from bridge.simulator.closed_loop.controller import Site, Telegram

INTERVAL = 10.0
"""s."""
STALE = 60.0
"""s without a telegram after which the fault case holds."""
FAULT_POWER = 7000.0
"""W over three phases."""
DRAWS = 0.5
"""A from which a phase counts as used."""


class OpenWb(Rival):
    """Takes off the car's own current first, phase by phase; the lowest phase that the car uses decides."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._clock = Clock(INTERVAL)
        self._used = site.to_mains

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        if not self._clock.is_due(now):
            return None
        drawing = tuple(place for place in self.site.to_mains if self.draw[place] > DRAWS)
        self._used = drawing or self._used
        left = min(self.site.fuse - (signed(telegram[place]) - self.draw[place]) for place in self._used)
        if now - self.told_at > STALE:
            left = FAULT_POWER / NOMINAL / 3
        return left if left >= MINIMUM else 0.0
