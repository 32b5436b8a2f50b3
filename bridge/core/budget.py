"""How often the cloud may be called. Numbers: DESIGN §7; the cloud bans those who call too often."""

from collections import deque

from bridge.core.model import Cause, Instant

LOWER_EVERY = 5.0
"""Shortest time from any order to a lower one, s (a charger changes its pilot at most every 5 s, IEC 61851-1)."""
RAISE_EVERY = 30.0
PER_MINUTE = 10
PER_HOUR = 60
RAISES_STOP_AT = 30
"""Orders in an hour, refreshes apart, from which only reductions are left."""
MINUTE = 60.0
HOUR = 3600.0


class Budget:
    """Counts orders by kind. Refreshes have a budget of their own, below the hard ceiling."""

    __slots__ = ("_all", "_changes", "_newest")

    def __init__(self) -> None:
        self._all: deque[Instant] = deque()
        self._changes: deque[Instant] = deque()
        self._newest: dict[Cause, Instant] = {}

    def spend(self, cause: Cause, now: Instant) -> None:
        self._all.append(now)
        if cause is not Cause.REFRESH:
            self._changes.append(now)
        self._newest[cause] = now
        for past in (self._all, self._changes):
            while past and now - past[0] >= HOUR:
                past.popleft()

    def allows(self, cause: Cause, now: Instant) -> bool:
        if not self._is_under_ceiling(now):
            return False
        since_lower = self._since(Cause.LOWER, now)
        since_raise = self._since(Cause.RAISE, now)
        if cause is Cause.LOWER:
            return min(since_lower, since_raise) >= LOWER_EVERY
        if cause is Cause.RAISE:
            return (
                min(since_lower, since_raise) >= RAISE_EVERY and self._within(self._changes, HOUR, now) < RAISES_STOP_AT
            )
        return True

    def in_last_hour(self, now: Instant) -> int:
        return self._within(self._all, HOUR, now)

    def _is_under_ceiling(self, now: Instant) -> bool:
        return self._within(self._all, MINUTE, now) < PER_MINUTE and self._within(self._all, HOUR, now) < PER_HOUR

    def _since(self, cause: Cause, now: Instant) -> float:
        return now - self._newest.get(cause, -HOUR)

    @staticmethod
    def _within(past: deque[Instant], seconds: float, now: Instant) -> int:
        count = 0
        for instant in reversed(past):
            if now - instant >= seconds:
                break
            count += 1
        return count
