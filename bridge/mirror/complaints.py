"""Warnings about what others send: the longer it goes on, the rarer, so that nobody fills the disk with our log."""

import logging

from bridge.ports import Clock

logger = logging.getLogger(__name__)

QUIET = 10.0
"""s after the first warning; doubled as long as it goes on."""
LONGEST_QUIET = 600.0


class Complaints:
    """One line at a time; how many were swallowed stands in the next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._quiet = QUIET
        self._quiet_until = float("-inf")
        self._unsaid = 0

    def say(self, text: str) -> None:
        now = self._clock()
        if now < self._quiet_until:
            self._unsaid += 1
            return
        logger.warning("mqtt: %s%s", text, f" (and {self._unsaid} more before)" if self._unsaid else "")
        goes_on = now - self._quiet_until < self._quiet
        self._quiet = min(self._quiet * 2, LONGEST_QUIET) if goes_on else QUIET
        self._quiet_until, self._unsaid = now + self._quiet, 0
