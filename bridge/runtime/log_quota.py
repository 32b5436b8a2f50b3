"""How many lines the log may have, so that no fault that comes and goes fills a disk."""

import logging
import re
import time

from bridge.core.model import Instant
from bridge.ports import Clock

BURST = 20
"""So many lines of one kind are written as they come."""
EVERY = 60.0
"""s after which one more is."""
BURST_OF_ALL = 300
EVERY_OF_ALL = 6.0
"""The same for all kinds together: 600 lines an hour."""
KINDS = 100
"""Kinds that are told apart; what comes beyond them shares one allowance."""

_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+")


class _Allowance:
    """Lines that may be written at once, and the pace at which the allowance grows again."""

    __slots__ = ("_burst", "_every", "_whole_at", "swallowed")

    def __init__(self, burst: int, every: float) -> None:
        self._burst = burst
        self._every = every
        self._whole_at: Instant = float("-inf")
        self.swallowed = 0

    def is_whole(self, now: Instant) -> bool:
        return now >= self._whole_at and not self.swallowed

    def has_one(self, now: Instant) -> bool:
        return self._whole_at - now <= (self._burst - 1) * self._every

    def take(self, now: Instant) -> None:
        self._whole_at = max(self._whole_at, now) + self._every


class Quota:
    """A filter for a handler of `logging`: an allowance for each kind of line, and one for all.

    A kind is what the line says but for its numbers and its arguments. Lines below INFO, which somebody has asked for,
    and those that end the service pass freely. A line that passes has in `swallowed` how many like it did not.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._all = _Allowance(BURST_OF_ALL, EVERY_OF_ALL)
        self._kinds: dict[str, _Allowance] = {}
        self._others = _Allowance(BURST, EVERY)

    def __call__(self, record: logging.LogRecord) -> bool:
        if not logging.INFO <= record.levelno < logging.CRITICAL:
            return True
        now = self._clock()
        kind = self._kind(record, now)
        if not (kind.has_one(now) and self._all.has_one(now)):
            kind.swallowed += 1
            return False
        kind.take(now)
        self._all.take(now)
        record.swallowed, kind.swallowed = kind.swallowed, 0
        return True

    def _kind(self, record: logging.LogRecord, now: Instant) -> _Allowance:
        name = f"{record.name} {record.levelno} {_VARYING.sub('', str(record.msg))}"
        kind = self._kinds.get(name)
        if kind is None:
            if len(self._kinds) >= KINDS:
                self._kinds = {name: kind for name, kind in self._kinds.items() if not kind.is_whole(now)}
            if len(self._kinds) >= KINDS:
                return self._others
            kind = self._kinds[name] = _Allowance(BURST, EVERY)
        return kind


def swallowed(record: logging.LogRecord) -> str:
    """What to say of the lines that a line stands for."""
    count = getattr(record, "swallowed", 0)
    return f" ({count} more like it were not logged)" if count else ""
