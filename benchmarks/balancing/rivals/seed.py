"""The Home Assistant integration ev_load_balancing and its blueprint, easee_load_balancing (field notes 4.1, 4.2).

Both add what the mains leave to the limit that the charger reports, phase by phase, from the meter's unsigned whole
amperes. That report is seconds old, so the same excess is taken off more than once.
"""

from collections import deque
from statistics import pstdev
from typing import TypeAlias

from benchmarks.balancing.rivals.rival import Rival, unsigned, whole
from bridge.simulator.closed_loop.controller import Limits, Order, Site, Telegram

DEBOUNCE = 1.0
"""s from the first changed current to the calculation."""
KEPT = 10
"""Samples of a phase that are kept whatever their age."""
SAMPLE_AGE = 120.0
"""s; older samples go once there are enough."""
ENOUGH = 5
"""So many samples and fewer have no standard deviation."""

Currents: TypeAlias = tuple[float, float, float]


class Blueprint(Rival):
    """Without the standard deviation. Acts a second after a changed current; calls even if nothing changes."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._seen: Currents | None = None
        self._due: float | None = None

    def pairs(self) -> tuple[int, ...]:
        """Place of the mains phase that each charger phase is held against."""
        return self.site.to_mains

    def margins(self, currents: Currents, now: float) -> Currents:
        """Return what is kept free beside the load, A on L1 to L3."""
        del currents, now
        return (0.0, 0.0, 0.0)

    def decide(self, now: float) -> Order | None:
        if self.telegram is None:
            return None
        currents = _currents(self.telegram)
        if self._due is None and currents != self._seen:
            self._due = now + DEBOUNCE
        if self._due is None or now < self._due:
            return None
        self._due, self._seen = None, currents
        return Order(self._limits(currents, self.margins(currents, now)))

    def _limits(self, currents: Currents, margins: Currents) -> Limits:
        most, limits = min(self.site.maximum, int(self.site.fuse)), [0, 0, 0]
        for position, place in enumerate(self.pairs()):
            left = self.site.fuse - currents[place] - margins[place]
            limits[position] = whole(self.in_force[position] + left, most)
        return limits[0], limits[1], limits[2]

    def wanted(self, telegram: Telegram, now: float) -> None:
        """Ask for no single limit: it orders three."""


class Seed(Blueprint):
    """With the standard deviation of the last two minutes as a margin, so that each step costs twice."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._history: deque[tuple[float, Currents]] = deque()

    def pairs(self) -> tuple[int, ...]:
        """Invert the owner's map, a fault that shows only on rotated wiring."""
        wiring = self.site.to_mains
        if sorted(wiring) != list(range(len(wiring))):
            return wiring
        return tuple(wiring.index(position) for position in range(len(wiring)))

    def margins(self, currents: Currents, now: float) -> Currents:
        history = self._history
        history.append((now, currents))
        while len(history) > KEPT and now - history[0][0] >= SAMPLE_AGE:
            history.popleft()
        if len(history) <= ENOUGH:
            return (0.0, 0.0, 0.0)
        one, two, three = zip(*(sample for _, sample in history), strict=True)
        return pstdev(one), pstdev(two), pstdev(three)


def _currents(telegram: Telegram) -> Currents:
    one, two, three = telegram
    return unsigned(one), unsigned(two), unsigned(three)
