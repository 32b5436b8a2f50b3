"""Keeps a link to the outside going: expected outages start it again, bugs end the process."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from bridge.core.model import ChargerReport, Link, LinkReport, Observation, Telegram
from bridge.errors import DeviceError, LoginRejectedError, RateLimitedError, UnsuitableError
from bridge.ports import Tell
from bridge.runtime.delivery import LOGIN_EVERY
from bridge.runtime.outage import Outage
from bridge.runtime.verdict import gravest

logger = logging.getLogger(__name__)

FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
"""Waits between tries double from the first to the longest, s."""
JITTER = 0.25
"""Up to this share is added to a wait, so that a street does not come back at once."""
STEADY_AFTER = 60.0
"""A link that held this long was well: the next outage starts with the first delay, s."""

Follow: TypeAlias = Callable[[Tell], Awaitable[None]]


async def keep_running(link: Link, follow: Follow, tell: Tell) -> None:
    """Follow a device until cancelled, again after each outage. An outage is logged once, and its end.

    Raises LoginRejectedError while the link was never up since the start of the process, UnsuitableError before
    the device has told anything, and whatever is a bug: an error that is no DeviceError, or a `follow` that returns.
    """
    course = _Course(link, tell)
    delay = FIRST_DELAY
    while True:
        course.begin()
        try:
            await follow(course.tell)
        except (DeviceError, BaseExceptionGroup) as caught:
            error = course.judge(caught)
        else:
            raise RuntimeError(f"{link} stopped without being asked")
        if course.was_steady():
            delay = FIRST_DELAY
        told = _told_to_wait(error)
        course.lost(LinkReport(link, is_up=False, detail=error.detail, retry_after=told))
        jitter = JITTER * delay * random.random()  # noqa: S311 spreads the tries, protects nothing
        await asyncio.sleep(jitter + (delay if told is None else told))
        delay = min(delay * 2, LONGEST_DELAY)


class _Course:
    """How the link fares, overheard from what it tells."""

    def __init__(self, link: Link, tell: Tell) -> None:
        self._link = link
        self._tell = tell
        self._outage = Outage(link)
        self._has_been_up = False
        self._has_told = False
        """Whether it was fit to be followed: what is unfit later was taken away, and may come back."""
        self._up_since: float | None = None
        self._held = 0.0

    def begin(self) -> None:
        self._held = 0.0

    def tell(self, seen: Observation) -> None:
        if isinstance(seen, ChargerReport | Telegram):
            self._has_told = True
        if not isinstance(seen, LinkReport):
            self._up()
        elif seen.link is self._link:
            self._up() if seen.is_up else self._down()
        self._tell(seen)

    def was_steady(self) -> bool:
        self._down()
        return self._held >= STEADY_AFTER

    def judge(self, caught: BaseException) -> DeviceError:
        """The outage behind an error. Raises what is none."""
        error = gravest(caught)
        if not isinstance(error, DeviceError):
            raise error
        if isinstance(error, LoginRejectedError) and not self._has_been_up:
            raise error
        if isinstance(error, UnsuitableError) and not self._has_told:
            raise error
        return error

    def lost(self, report: LinkReport) -> None:
        self._outage.lost(report, _loop_time())
        self._tell(report)

    def _up(self) -> None:
        self._has_been_up = True
        if self._up_since is None:
            self._up_since = _loop_time()
            self._outage.over(self._up_since)

    def _down(self) -> None:
        if self._up_since is not None:
            self._held = max(self._held, _loop_time() - self._up_since)
            self._up_since = None


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _told_to_wait(error: DeviceError) -> float | None:
    """Seconds without any call, where the error demands it."""
    match error:
        case RateLimitedError():
            return error.retry_after
        case LoginRejectedError():
            return LOGIN_EVERY
        case _:
            return None
