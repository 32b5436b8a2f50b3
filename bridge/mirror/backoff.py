"""How long to wait before the next try."""

import random

FIRST = 1.0
LONGEST = 60.0
JITTER = 0.25
"""Share by which a wait is stretched at most, so that two clients that push each other out get out of step."""


class Backoff:
    """Waits that double from 1 to 60 s until told that all is well."""

    def __init__(self) -> None:
        self._next = FIRST

    def reset(self) -> None:
        self._next = FIRST

    def wait(self) -> float:
        """Seconds to wait now."""
        wait, self._next = self._next, min(self._next * 2, LONGEST)
        return wait * random.uniform(1, 1 + JITTER)  # noqa: S311 nothing secret about it
