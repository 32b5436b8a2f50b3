"""The Home Assistant integration hass-evse-load-balancer (field notes 4.3), in both of its modes."""

from math import floor

from benchmarks.balancing.rivals.rival import NOMINAL, Rival
from bridge.simulator.closed_loop.controller import Shown, Site, Telegram

RISKS = ((0.13, 1), (0.40, 2), (1.0, 6))
"""Points a second for an excess of up to so large a share of the fuse."""
RISK_BEYOND = 60
RISK_LIMIT = 60
"""Points at which an overload is acted on."""
SETTLE = 15.0
"""s after an order in which the order counts, not what the charger reports."""
SPACING = 20.0
"""s between orders."""
RAISE_SPACING = 900.0
"""s between any order and a raise."""


class EvseLoadBalancer(Rival):
    """Looks once a second at floor(P/U) of each phase; the lowest phase decides.

    Conservative acts on what is available now. Optimised lets an overload collect points first. The conservative mode
    is the one that was mended in July 2026: before, it never cut.
    """

    def __init__(self, site: Site, *, is_optimised: bool) -> None:
        super().__init__(site)
        self._is_optimised = is_optimised
        self._available = [0, 0, 0]
        self._risk = [0, 0, 0]

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        for place in self.site.to_mains:
            self._weigh(place, telegram[place])
        last = min(self.in_force[: len(self.site.to_mains)])
        current = self.limit if now - self.changed_at < SETTLE else last
        limit = max(0, min(self._allocated(current, self._available[place]) for place in self.site.to_mains))
        wait = SPACING if limit < current else RAISE_SPACING
        return limit if limit != current and now - self.changed_at > wait else None

    def _weigh(self, place: int, shown: Shown) -> None:
        fuse, load = self.site.fuse, floor(shown.power / (shown.voltage or NOMINAL))
        available = floor(min(fuse, fuse - load))
        if self._is_optimised and available < 0:
            excess = -available / fuse
            self._risk[place] += next((points for share, points in RISKS if excess <= share), RISK_BEYOND)
            if self._risk[place] < RISK_LIMIT:
                return
            self._risk[place] = 0
        else:
            self._risk[place] = max(0, self._risk[place] - 1)
        self._available[place] = available

    def _allocated(self, current: int, available: int) -> int:
        if available < 0:
            return current + available
        return current + min(available, max(0, self.site.maximum - current))
