"""The one door to the cloud: a call at a time, bounded, behind the breaker, and with our own errors."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp

from bridge.chargers.easee.answers import HttpStatusError, UnreadableAnswerError, failure
from bridge.chargers.easee.breaker import Breaker
from bridge.chargers.easee.hub import Negotiated
from bridge.chargers.easee.options import DEVICE
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.tls import distrust
from bridge.errors import DeviceUnavailableError, RateLimitedError

_T = TypeVar("_T")
_LONGEST_TEXT = 200
_PATIENCE = 0.5
"""A reading that has taken this long gives way to an order; a healthy one is done by then, s."""
_USELESS_FOR = 60.0
"""No further token is fetched for a 401 that a new one did not cure, s."""


class GaveWayError(Exception):
    """A reading was given up for an order. Says nothing of the cloud; does not leave this adapter."""


class Caller:
    """Makes every call to one account.

    All methods raise DeviceUnavailableError, RateLimitedError, LoginRejectedError and CommandRejectedError.
    """

    def __init__(self, session: EaseeSession, breaker: Breaker, request_timeout: float) -> None:
        self.breaker = breaker
        self._session = session
        self._timeout = request_timeout
        self._turn = asyncio.Lock()
        self._gives_way: asyncio.Timeout | None = None
        self._began = -math.inf
        self._renewal_allowed_at = -math.inf

    async def read(self, path: str) -> object:
        """GET → JSON values. Also raises GaveWayError where an order comes in between."""
        return await self._call(lambda: self._yielding(self._session.fetch(path)), self._session.base)

    async def negotiate(self) -> Negotiated:
        """Ask for a connection of the stream. Gives way like `read`."""
        return await self._call(lambda: self._yielding(self._session.negotiate()), self._session.sr_base)

    async def order(self, path: str, body: object) -> object:
        """POST → JSON values, None for an empty body. A hanging reading does not hold it up for long.

        The same order twice is the same as once, so that a 401 may repeat it.
        """
        if self._gives_way is not None:
            patience = self._began + _PATIENCE
            with suppress(RuntimeError):  # it has just ended by itself
                self._gives_way.reschedule(max(patience, asyncio.get_running_loop().time()))
        return await self._call(lambda: self._session.send(path, body), self._session.base)

    def ban(self, error: HttpStatusError) -> RateLimitedError | None:
        """Open the breaker if this is one."""
        return self.breaker.trip(error.status, error.wait(datetime.now(UTC))) if error.is_ban else None

    async def _call(self, send: Callable[[], Awaitable[_T]], url: str) -> _T:
        host = urlsplit(url).netloc or url
        try:
            async with asyncio.timeout(self._timeout), self._turn:
                self.breaker.check()
                await self._session.ensure_token()
                return await self._with_a_good_token(send)
        except HttpStatusError as error:
            raise self.ban(error) or failure(error) from None
        except UnreadableAnswerError:
            raise DeviceUnavailableError(DEVICE, f"{host} does not answer as an Easee cloud would") from None
        except TimeoutError:
            raise DeviceUnavailableError(DEVICE, f"no answer from {host} within {self._timeout:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            detail = distrust(error, host) or f"cannot reach {host}: {one_line(error)}"
            raise DeviceUnavailableError(DEVICE, detail) from error

    async def _with_a_good_token(self, send: Callable[[], Awaitable[_T]]) -> _T:
        """Send; after a 401 once more with another token, unless that was of no use a short while ago."""
        clock = asyncio.get_running_loop().time
        try:
            answer = await send()
        except HttpStatusError as error:
            if error.status != HTTPStatus.UNAUTHORIZED or clock() < self._renewal_allowed_at:
                raise
            await self._session.renew()
            usual, self._renewal_allowed_at = self._renewal_allowed_at, clock() + _USELESS_FOR
            answer = await send()
            self._renewal_allowed_at = usual
        self._session.accepted()
        return answer

    async def _yielding(self, call: Awaitable[_T]) -> _T:
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._gives_way, self._began = scope, asyncio.get_running_loop().time()
                return await call
        except TimeoutError:
            if scope.expired():
                raise GaveWayError from None
            raise
        finally:
            self._gives_way = None


def one_line(error: Exception) -> str:
    """What a vendor's error says, without its line breaks."""
    return " ".join(str(error).split())[:_LONGEST_TEXT] or type(error).__name__
