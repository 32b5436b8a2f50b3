"""The dynamic load management of Tinkerforge's WARP chargers (field notes 4.8), one charger, one sample a second.

The owner has told no consumer above 0.4 × the fuse and no safety margin, so the whole fuse is the target.
"""

from collections import deque

from benchmarks.balancing.rivals.rival import MINIMUM, Clock, Rival, signed
from bridge.simulator.closed_loop.controller import Site, Telegram

AVERAGED = 10
"""s of the moving average, and of the highest that is blended in."""
CALM_BELOW, ALARM_ABOVE = 1.1, 1.2
"""Multiples of the target between which the highest is blended in."""
DOWN, UP, MOST_UP = 15 / 16, 1 / 2, 1 / 2
"""Share of an excess, of a surplus, and of the target, that one step corrects."""
ALLOCATION, SOONEST = 10.0, 5.0
"""s between two allocations; in an alarm."""
LOOKED_BACK = 240
"""s whose lowest limit decides on switching on."""
ON_MARGIN = 1.5
"""Multiple of the minimum that they must have left."""
HYSTERESIS = 210.0
"""s from switching off to switching on."""
STALE = 30.0
"""s without a telegram after which nothing is allocated: the chargers' own watchdog."""


class Warp(Rival):
    """A proportional controller on smoothed phase currents, allocated every 10 s."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._recent = {place: deque[float](maxlen=AVERAGED) for place in site.to_mains}
        self._lowest: deque[float] = deque(maxlen=LOOKED_BACK)
        self._clock = Clock(ALLOCATION)
        self._allocated_at = float("-inf")
        self._off_at = float("-inf")

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        if now - self.told_at > STALE:
            return 0.0
        currents = {place: signed(telegram[place]) for place in self.site.to_mains}
        limit = min(self._phase_limit(place, current) for place, current in currents.items())
        self._lowest.append(limit)
        is_alarm = max(currents.values()) > ALARM_ABOVE * self.site.fuse and now - self._allocated_at >= SOONEST
        if not self._clock.is_due(now) and not is_alarm:
            return None
        self._allocated_at = now
        return self._allocated(limit, now)

    def _phase_limit(self, place: int, current: float) -> float:
        """Return what the phase leaves for the car by now, A."""
        target, recent = self.site.fuse, self._recent[place]
        recent.append(current)
        average = sum(recent) / len(recent)
        share = min(max((current / target - CALM_BELOW) / (ALARM_ABOVE - CALM_BELOW), 0.0), 1.0)
        error = target - (average + share * (max(recent) - average) / 2)
        if not self.limit:
            return min(error, self.site.maximum)
        change = min(error * UP, target * MOST_UP) if error > 0 else error * DOWN
        return min(self.limit + change, self.site.maximum)

    def _allocated(self, limit: float, now: float) -> float:
        if self.limit:
            if limit >= MINIMUM:
                return limit
            self._off_at = now
            return 0.0
        has_room = len(self._lowest) == LOOKED_BACK and min(self._lowest) >= ON_MARGIN * MINIMUM
        return limit if has_room and now - self._off_at >= HYSTERESIS else 0.0
