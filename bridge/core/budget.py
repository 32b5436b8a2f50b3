"""How often the cloud may be called. Numbers: DESIGN §7; the cloud bans those who call too often."""

from collections import deque
from collections.abc import Iterable

from bridge.core.model import Cause, Instant, Spent

LOWER_EVERY = 5.0
"""Shortest time from one reduction to the next, s: a charger changes its pilot at most every 5 s (IEC 61851-1).

After a raise a reduction waits for nothing: it overtakes what has not reached the car yet.
"""
RAISE_EVERY = 30.0
LANDED_WITHIN = 15.0
"""A refresh still under way could land after the raise or refresh that follows it, and undo that; the cloud's tail is
10 s."""
PER_MINUTE = 10
PER_HOUR = 60
RAISES_STOP_AT = 30
"""Orders in an hour, refreshes apart, from which only reductions are left."""
KEPT_FROM_RAISES = 12
"""Orders of the hour's ceiling that raises leave to others."""
KEPT_FOR_REDUCTIONS = 6
"""Orders of the hour's ceiling that refreshes leave to reductions."""
SPARSE = ((40, 10), (20, 5))
"""From so many orders in an hour, refreshes included, an order lives for at least so many minutes, and is refreshed at
most each third of that."""
LONGEST_LEAST = max(minutes for _, minutes in SPARSE)
MINUTE = 60.0
HOUR = 3600.0


class Budget:
    """Counts orders by kind. Refreshes have a budget of their own, and nothing keeps a reduction from leaving."""

    __slots__ = ("_all", "_changes", "_newest")

    def __init__(self, spent: Iterable[Spent] = (), now: Instant = 0.0) -> None:
        """Begin with what was spent before a restart; what cannot be is left out."""
        self._all: deque[Spent] = deque()
        self._changes: deque[Spent] = deque()
        self._newest: dict[Cause, Instant] = {}
        recent = sorted((each for each in spent if now - HOUR < each.at <= now), key=lambda each: each.at)
        for cause, at in recent[-PER_HOUR:]:
            self.spend(cause, at)

    @property
    def spent(self) -> tuple[Spent, ...]:
        """The orders of the last hour, oldest first."""
        return tuple(self._all)

    def spend(self, cause: Cause, now: Instant) -> None:
        order = Spent(cause, now)
        self._all.append(order)
        if cause is not Cause.REFRESH:
            self._changes.append(order)
        self._newest[cause] = now
        for past in (self._all, self._changes):
            while past and now - past[0].at >= HOUR:
                past.popleft()

    def allows(self, cause: Cause, now: Instant) -> bool:
        if not self._is_under_ceiling(now):
            return False
        since_lower = self._since(Cause.LOWER, now)
        since_refresh = self._since(Cause.REFRESH, now)
        match cause:
            case Cause.LOWER:
                return since_lower >= LOWER_EVERY
            case Cause.RAISE:
                since_change = min(since_lower, self._since(Cause.RAISE, now))
                is_alone = since_change >= RAISE_EVERY and since_refresh >= LANDED_WITHIN
                return is_alone and self._has_raises_left(now)
            case Cause.REFRESH:
                is_spare = self.in_last_hour(now) < PER_HOUR - KEPT_FOR_REDUCTIONS
                return is_spare and since_refresh >= max(LANDED_WITHIN, self.least_minutes(now) * MINUTE / 3)

    def least_minutes(self, now: Instant, *, after: int = 0) -> int:
        """How long an order must live at least where refreshes are sparse, else 0, minutes; `after` so many more."""
        count = self.in_last_hour(now) + after
        return next((minutes for orders, minutes in SPARSE if count >= orders), 0)

    def in_last_hour(self, now: Instant) -> int:
        return self._within(self._all, HOUR, now)

    def _has_raises_left(self, now: Instant) -> bool:
        changes = self._within(self._changes, HOUR, now)
        return changes < RAISES_STOP_AT and self.in_last_hour(now) < PER_HOUR - KEPT_FROM_RAISES

    def _is_under_ceiling(self, now: Instant) -> bool:
        return self._within(self._all, MINUTE, now) < PER_MINUTE and self._within(self._all, HOUR, now) < PER_HOUR

    def _since(self, cause: Cause, now: Instant) -> float:
        return now - self._newest.get(cause, -HOUR)

    @staticmethod
    def _within(past: deque[Spent], seconds: float, now: Instant) -> int:
        count = 0
        for order in reversed(past):
            if now - order.at >= seconds:
                break
            count += 1
        return count
