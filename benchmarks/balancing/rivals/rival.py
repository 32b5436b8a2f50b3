"""What the rivals have in common: the newest telegram, the newest report, whole amperes."""

from abc import ABC, abstractmethod
from math import copysign, floor

from bridge.simulator.closed_loop.controller import Limits, Order, Report, Shown, Site, Telegram

MINIMUM = 6
"""Below this a charger offers nothing (IEC 61851-1), A."""
NOMINAL = 230.0
"""V."""
HAIR = 1e-6
"""So that 16 A that went through sums and differences is still 16, A."""


def signed(shown: Shown) -> float:
    """Current with the sign of the power, A, import + / export −: exact where the meter is."""
    return copysign(shown.current, shown.power)


def unsigned(shown: Shown) -> float:
    """Whole A as a Dutch meter sends them: truncated, and export looks like import."""
    return float(int(shown.current))


def whole(limit: float, maximum: int) -> int:
    """Limit as a charger takes it: rounded down to whole A, never negative, never above its maximum."""
    return max(0, min(floor(limit + HAIR), maximum))


class Clock:
    """Tells when an interval (s) is over, from the first question on."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = 0.0

    def is_due(self, now: float) -> bool:
        if now < self._due:
            return False
        self._due = now + self._interval
        return True


class Since:
    """For how long something has been so, s."""

    def __init__(self) -> None:
        self._start: float | None = None

    def lasted(self, now: float, *, holds: bool) -> float:
        """Take over whether it is so now. Return for how long, −1 = it is not."""
        if not holds:
            self._start = None
            return -1.0
        if self._start is None:
            self._start = now
        return now - self._start


class Rival(ABC):
    """Keeps the newest of everything, unaligned. Loads and draws are in A on L1 to L3."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.telegram: Telegram | None = None
        self.told_at = 0.0
        self.is_fresh = False
        """Whether a telegram came since the last decision."""
        self.in_force: Limits = (site.maximum, site.maximum, site.maximum)
        self.draw = [0.0, 0.0, 0.0]
        self.limit = site.maximum
        """The newest that was ordered, A."""
        self.changed_at = float("-inf")

    def told(self, telegram: Telegram, now: float) -> None:
        self.telegram, self.told_at, self.is_fresh = telegram, now, True

    def reported(self, report: Report, now: float) -> None:
        del now
        self.in_force = report.in_force
        for position, place in enumerate(self.site.to_mains):
            self.draw[place] = report.draw[position]

    def answered(self, now: float, *, is_taken: bool) -> None:
        """Do nothing: none of them looks at the answer."""
        del now, is_taken

    def decide(self, now: float) -> Order | None:
        """Order one limit for all phases, when it changes."""
        if self.telegram is None:
            return None
        wanted = self.wanted(self.telegram, now)
        self.is_fresh = False
        limit = self.limit if wanted is None else whole(wanted, self.site.maximum)
        if limit == self.limit:
            return None
        self.limit, self.changed_at = limit, now
        return Order((limit, limit, limit))

    @abstractmethod
    def wanted(self, telegram: Telegram, now: float) -> float | None:
        """Return the limit to have now, A; None = as before."""

    def mains(self, telegram: Telegram) -> float:
        """Highest current of the phases that the charger hangs on, A."""
        return max(signed(telegram[place]) for place in self.site.to_mains)

    def house(self, telegram: Telegram) -> float:
        """Highest load without the car, A: newest telegram − newest draw, of whatever instants."""
        return max(signed(telegram[place]) - self.draw[place] for place in self.site.to_mains)

    def taken(self) -> float:
        """What the car takes on its highest phase, A."""
        return max(self.draw)
