"""The smart mode of SmartEVSE-3.5 (field notes 4.5).

At home it drives the pilot wire and its own set-point stands for the car's current. Behind a cloud that would count
an order as done that is still under way, so it is given the car's true current here, which favours it.
"""

from benchmarks.balancing.rivals.rival import MINIMUM, Rival, Since
from bridge.simulator.closed_loop.controller import Site, Telegram

STEP_UP = 0.25
"""Share of a surplus that is taken a sample."""
HIGHEST = 80.0
"""A."""
SHORTAGES = 2
"""More samples on end without the minimum stop the car."""
STOP_AT = 2.0
"""Multiple of the fuse that stops it at once."""
CHARGE_DELAY = 60.0
"""s with room for the minimum before it starts again."""
STALE = 11.0
"""s without a telegram after which it stops."""


class SmartEvse(Rival):
    """Acts on each new sample: the whole of an excess down, a quarter of a surplus up."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._set_point = float(site.maximum)
        self._shortages = 0
        self._is_stopped = False
        self._room = Since()

    def wanted(self, telegram: Telegram, now: float) -> float:
        if now - self.told_at > STALE:
            self._stop()
        if self.is_fresh:
            self._sample(self.mains(telegram), self.site.fuse - self.house(telegram), now)
        return 0.0 if self._is_stopped else self._set_point

    def _sample(self, mains: float, room: float, now: float) -> None:
        left = self.site.fuse - mains
        raised = max(0.0, self._set_point + (left * STEP_UP if left > 0 else left))
        self._set_point = min(raised, room, HIGHEST, self.site.maximum)
        if self._is_stopped:
            waited = self._room.lasted(now, holds=room >= MINIMUM)
            self._is_stopped = waited < CHARGE_DELAY
            return
        if self._set_point >= MINIMUM:
            self._shortages = 0
        else:
            self._set_point = float(MINIMUM)
            self._shortages = self._shortages + 1 if room < MINIMUM else 0
        if self._shortages > SHORTAGES or mains > STOP_AT * self.site.fuse:
            self._stop()

    def _stop(self) -> None:
        self._is_stopped, self._shortages = True, 0
        self._room = Since()
