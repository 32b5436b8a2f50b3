"""How long each whole ampere has been left free on one phase, and how long such quiet lasted before.

Loads that cycle (a thermostat, a pulsed hob) leave current free for a while and take it back, again and again, after
much the same time. So what was free is remembered level by level: the quiet of a level is believed once it has lasted
clearly longer than those that broke within the last quarter of an hour.
"""

from collections import deque
from math import floor, inf

from bridge.core.model import Instant

REMEMBERED = 900.0
"""For how long a quiet that broke counts, s."""
CYCLE = 240.0
"""A quiet that lasted longer belongs to no cycle worth waiting for, s: what it left free outweighs an order."""
KEPT = 6
"""So many broken quiets are remembered for each level."""
SLACK = 5.0
"""A cycle is over when it is late by this much more than a share of its length, s."""


class Quiet:
    """Since when so many whole amperes are free, from `lowest` to `highest`."""

    __slots__ = ("_begun", "_broken", "_capacity", "_highest", "_lowest", "_since", "free")

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest = lowest
        self._highest = highest
        self._capacity = 0.0
        self._since: list[Instant] = []
        self._broken: list[deque[tuple[Instant, float]]] = []
        self.free: int | None = None
        """Whole A free now, from one below the lowest level to the highest; None before the first telegram."""
        self.forget()

    def forget(self) -> None:
        """What was measured before says nothing of what comes."""
        self.free = None
        self._begun: Instant = -inf
        """The first telegram. What was free then was not left by a load."""
        self._since = [inf] * (self._highest + 1)
        self._broken = [deque(maxlen=KEPT) for _ in range(self._highest + 1)]

    def anchor(self, capacity: float) -> None:
        """Count what is free from here, A. Another capacity begins anew."""
        if capacity != self._capacity:
            self._capacity = capacity
            self.forget()

    def see(self, load: float, now: Instant) -> None:
        """Take the house load of a telegram, A."""
        free = min(max(floor(self._capacity - load), self._lowest - 1), self._highest)
        before = self.free
        if free == before:
            return
        if before is None:
            before, self._begun = self._lowest - 1, now
        for level in range(before + 1, free + 1):
            self._since[level] = now
        for level in range(free + 1, before + 1):
            if self._since[level] > self._begun:
                self._broken[level].append((now, now - self._since[level]))
        self.free = free

    def lasted(self, level: int, now: Instant) -> float:
        """For how long so many whole A have been free, s; −inf where they are not."""
        return now - self._since[level] if self.free is not None and self.free >= level else -inf

    def cycle(self, level: int, patience: float, now: Instant) -> float:
        """For how long they must have been free for a cycle to be over, s; 0 where there was none.

        `patience` is the share of the longest recent cycle.
        """
        longest = 0.0
        for broke, lasted in self._broken[level]:
            if longest < lasted <= CYCLE and now - broke <= REMEMBERED:
                longest = lasted
        return patience * longest + SLACK if longest else 0.0
