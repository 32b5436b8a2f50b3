"""Counts the calls to the cloud, and compares its clock with ours."""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp


class Tally:
    """What one HTTP session has asked so far. The stream's own connection is made past it, and counted by `add`."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.calls = 0
        self.clock_ahead: float | None = None
        """s by which our clock is ahead (+) of the cloud's, to about a second; None where it does not tell."""
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_start.append(self._asked)
        self.trace.on_request_end.append(self._answered)

    def add(self) -> None:
        """Count a connection that is not made by HTTP alone."""
        self.calls += 1

    async def _asked(self, *_: object) -> None:
        self.calls += 1

    async def _answered(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        try:
            theirs = parsedate_to_datetime(end.response.headers.get("Date", "")).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self.clock_ahead = self._wall() - theirs
