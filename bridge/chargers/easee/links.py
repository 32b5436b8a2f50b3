"""Tells and logs when the cloud or the stream is lost and when it is back; each change once."""

import logging

from bridge.core.model import Instant, Link, LinkReport
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)

_NAMES = {Link.CHARGER: "Easee cloud", Link.STREAM: "Easee stream"}
_SAME_BAN = 1.0
"""Two ends of a ban this close are one and the same, s."""


class Links:
    """Where the two links stand. Unknown until first told."""

    def __init__(self, tell: Tell, clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._last: dict[Link, LinkReport] = {}
        self._lost_at: dict[Link, Instant] = {}
        self._banned_until: dict[Link, Instant] = {}
        self._refusal = ""

    def is_up(self, link: Link) -> bool:
        last = self._last.get(link)
        return last is not None and last.is_up

    def up(self, link: Link) -> None:
        if self.is_up(link):
            return
        lost_at = self._lost_at.pop(link, None)
        if lost_at is None:
            logger.info("%s connected", _NAMES[link])
        else:
            logger.info("%s recovered after %.0f s", _NAMES[link], self._clock() - lost_at)
        self._report(LinkReport(link, is_up=True))

    def lost(self, link: Link, detail: str, retry_after: float | None = None) -> None:
        """Told again for each new ban, since nothing may be called until its end."""
        last = self._last.get(link)
        if last is not None and not last.is_up and not self._is_new_ban(link, retry_after):
            return
        now = self._clock()
        self._lost_at.setdefault(link, now)
        self._banned_until[link] = now + (retry_after or 0.0)
        logger.warning("%s lost: %s", _NAMES[link], detail)
        self._report(LinkReport(link, is_up=False, detail=detail, retry_after=retry_after))

    def _is_new_ban(self, link: Link, retry_after: float | None) -> bool:
        return retry_after is not None and self._clock() + retry_after > self._banned_until.get(link, 0.0) + _SAME_BAN

    def order_refused(self, detail: str) -> None:
        """The cloud is there, but takes no order; told once until it takes one."""
        if detail != self._refusal:
            logger.warning("Easee took no order: %s", detail)
        self._refusal = detail

    def order_taken(self) -> None:
        self._refusal = ""

    def end(self, detail: str, retry_after: float | None = None) -> None:
        """Both are gone, and whoever followed hears why by an exception: not logged here too."""
        for link in _NAMES:
            self._report(LinkReport(link, is_up=False, detail=detail, retry_after=retry_after))

    def _report(self, report: LinkReport) -> None:
        self._last[report.link] = report
        self._tell(report)
