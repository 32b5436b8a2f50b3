"""What the car takes at most: one that draws 10 A needs no limit of 16 A, and no order to get it back."""

from math import ceil, inf

from bridge.core.model import Instant

PROOF = 180.0
"""For this long a car must have taken less than it was offered, s: the longest ramp of a start lasts 40."""
NEARLY_ALL = 0.93
"""Share of its offer that a car takes which would take more (measured: 0.96 to 1)."""
REPORT_STEP = 0.5
"""A that a report may lag behind the draw."""
ROOM = 2
"""A offered beyond what it takes, so that more would show."""
DRAWING = 1.0
"""A; below it the car is idle."""


class Appetite:
    """Learnt while the car is offered more than it takes; unknown again as soon as it takes all."""

    __slots__ = ("_highest", "_offered", "_since", "most")

    def __init__(self) -> None:
        self.most: float = inf
        """A worth offering; inf where that is not known."""
        self._offered = 0.0
        self._since: Instant | None = None
        self._highest = 0.0

    def forget(self) -> None:
        """Another car may come."""
        self.most = inf
        self._since = None

    def see(self, draw: float, offered: float, now: Instant) -> None:
        """Take what the car draws and what it is offered now, A."""
        if draw < DRAWING or draw >= NEARLY_ALL * offered - REPORT_STEP:
            self._since = None
            if draw >= DRAWING and offered > self.most - ROOM:
                self.most = inf
            return
        if self._since is None or offered != self._offered or draw > self._highest:
            self._since, self._offered, self._highest = now, offered, draw
        elif now - self._since >= PROOF:
            self.most = float(ceil(self._highest) + ROOM)
            self._since, self._highest = now, draw
