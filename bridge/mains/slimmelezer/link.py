"""Whether the meter is there: told to the engine and logged when it changes, once."""

import logging

from bridge.core.model import Instant, Link, LinkReport
from bridge.mains.slimmelezer.problems import AWAY, Cause, Trouble
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)


class MeterLink:
    """Turns a stream of failures into one line per outage and cause.

    `trouble` is what keeps the telegrams away now, None while they come or have not been missed yet.
    """

    def __init__(self, tell: Tell, clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._since: Instant | None = None
        self._told: set[Cause] = set()
        self._is_up = False
        self.trouble: Trouble | None = None

    def lost(self, trouble: Trouble) -> None:
        """Tell and log a cause, unless this outage has shown it before."""
        self.trouble = trouble
        self._is_up = False
        if self._since is None:
            self._since = self._clock()
        if trouble.cause in self._told:
            return
        level = logging.DEBUG if trouble.cause in AWAY and self._told & AWAY else logging.WARNING
        logger.log(level, "meter lost: %s", trouble.detail)
        self._told.add(trouble.cause)
        self._tell(LinkReport(Link.METER, is_up=False, detail=trouble.detail))

    def up(self, name: str) -> None:
        """Tell that the meter is there. `name` is for the log."""
        if self._is_up:
            return
        self._is_up = True
        self.trouble = None
        self._told.clear()
        if self._since is None:
            logger.info("meter connected: %s", name)
        else:
            logger.info("meter recovered after %.0f s: %s", self._clock() - self._since, name)
            self._since = None
        self._tell(LinkReport(Link.METER, is_up=True))
