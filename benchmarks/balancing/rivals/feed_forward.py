"""The simplest law there is: what the house leaves, on each telegram."""

from benchmarks.balancing.rivals.rival import MINIMUM, Rival
from bridge.simulator.closed_loop.controller import Site, Telegram


class FeedForward(Rival):
    """No window, no dead time, no memory."""

    def __init__(self, site: Site, margin: float) -> None:
        """Take the margin in A."""
        super().__init__(site)
        self._margin = margin

    def wanted(self, telegram: Telegram, now: float) -> float | None:
        del now
        if not self.is_fresh:
            return None
        limit = self.site.fuse - self._margin - self.house(telegram)
        return limit if limit >= MINIMUM else 0.0
