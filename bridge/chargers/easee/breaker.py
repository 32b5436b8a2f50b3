"""When no call is allowed: after being told to stay away, and between failed log-ins."""

from bridge.chargers.easee.options import DEVICE
from bridge.errors import DeviceUnavailableError, RateLimitedError
from bridge.ports import Clock, Rest

_MINUTE, _HOUR = 60.0, 3600.0
_FIRST = 5 * _MINUTE
_REPEATED = _HOUR
_LONGEST = 24 * _HOUR
_FORGOTTEN_AFTER = _HOUR
"""A ban this long after the end of the last one counts as a first one again."""

_FIRST_LOGIN_WAIT = 2.0
_LONGEST_LOGIN_WAIT = 60.0


class Breaker:
    """Open for as long as the cloud wants to see no call at all: each try prolongs a ban."""

    def __init__(self, clock: Clock, rest: Rest | None = None) -> None:
        """`rest`: how long it is still open after a restart, and why."""
        self._clock = clock
        self._until = float("-inf")
        self._strikes = 0
        self._detail = ""
        if rest is not None and rest.seconds > 0:
            self._until, self._detail = clock() + rest.seconds, rest.why

    @property
    def remaining(self) -> float:
        """Seconds until a call is allowed; 0 while closed."""
        return max(self._until - self._clock(), 0.0)

    def check(self) -> None:
        """Raise RateLimitedError while open."""
        if self.remaining > 0:
            raise RateLimitedError(DEVICE, self._detail, self.remaining)

    def trip(self, status: int, told: float | None) -> RateLimitedError:
        """Open for the seconds told, else 5 min; an hour and more if it happens again."""
        now = self._clock()
        self._strikes = self._strikes + 1 if now - self._until < _FORGOTTEN_AFTER else 1
        usual = _FIRST if self._strikes == 1 else _REPEATED * 2.0 ** min(self._strikes - 2, 8)
        wait = min(usual if told is None else told, _LONGEST)
        self._until = now + wait
        self._detail = f"the cloud wants no calls (HTTP {status}): none for {_span(wait)}, since each prolongs the ban"
        return RateLimitedError(DEVICE, self._detail, wait)


class LoginPace:
    """Spaces log-ins and refreshes that fail, so that a struggling cloud does not see a storm of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_at = float("-inf")
        self._wait = _FIRST_LOGIN_WAIT

    def attempt(self) -> None:
        """Take one, which counts as failed until `succeeded`. Raises DeviceUnavailableError if it is too soon."""
        now = self._clock()
        if now < self._next_at:
            raise DeviceUnavailableError(DEVICE, f"logging in failed; next try in {self._next_at - now:.0f} s")
        self._next_at = now + self._wait
        self._wait = min(self._wait * 2, _LONGEST_LOGIN_WAIT)

    def succeeded(self) -> None:
        self._next_at = float("-inf")
        self._wait = _FIRST_LOGIN_WAIT


def _span(seconds: float) -> str:
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.0f} h"
