"""The two that do not balance at all."""

from benchmarks.balancing.rivals.rival import Rival
from bridge.simulator.closed_loop.controller import Site, Telegram


class Fixed(Rival):
    """Orders one limit at the first telegram and leaves it there."""

    def __init__(self, site: Site, limit: int | None = None) -> None:
        """Take the limit in A; None = the charger's maximum, so that nothing is ever ordered."""
        super().__init__(site)
        self._fixed = site.maximum if limit is None else limit

    def wanted(self, telegram: Telegram, now: float) -> float:
        del telegram, now
        return float(self._fixed)
