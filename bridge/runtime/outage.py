"""Words an outage for the log: its start once, each further cause once, its end with the duration."""

import logging
import re

from bridge.core.model import Instant, Link, LinkReport

logger = logging.getLogger(__name__)

CAUSES_TOLD = 20
"""Of one outage; further ones are the same weather."""
MINUTES_FROM = 100.0
"""From here on minutes read better than seconds, s."""


class Outage:
    """The present outage of one link, if there is one."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._since: Instant | None = None
        self._causes: set[str] = set()

    def lost(self, report: LinkReport, now: Instant) -> None:
        """Once more it did not work."""
        # a number that counts down is no new cause
        cause = re.sub(r"\d+", "", report.detail)
        is_new = cause not in self._causes and len(self._causes) < CAUSES_TOLD
        is_first = self._since is None
        if is_new:
            self._causes.add(cause)
        if is_first:
            self._since = now
        level = logging.WARNING if is_first or report.retry_after is not None else logging.INFO
        words = "lost" if is_first else "still lost"
        if is_first or is_new:
            logger.log(level, "%s %s: %s%s", self._link, words, report.detail, _next_try(report))

    def over(self, now: Instant) -> None:
        """It works."""
        if self._since is not None:
            logger.info("%s recovered after %s", self._link, spell(now - self._since))
        self._since = None
        self._causes.clear()


def _next_try(report: LinkReport) -> str:
    return "" if report.retry_after is None else f" (next try in {spell(report.retry_after)})"


def spell(seconds: float) -> str:
    """A duration for people: `40 s`, `12 min`, `3 h 5 min`."""
    if seconds < MINUTES_FROM:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
