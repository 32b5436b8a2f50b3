"""Keeps the stream alive: notices when it is dead, and builds a new one."""

import asyncio
import random
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from pysignalr.exceptions import HubError
from websockets.exceptions import InvalidStatus, WebSocketException

from bridge.chargers.easee.answers import HttpStatusError
from bridge.chargers.easee.caller import Caller, GaveWayError, one_line
from bridge.chargers.easee.hub import HubClosedError
from bridge.chargers.easee.links import Links
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.reporter import Reporter
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.tls import distrust
from bridge.core.model import Link
from bridge.errors import CommandRejectedError, DeviceUnavailableError, RateLimitedError

_STEADY_AFTER = 60.0
"""A stream that lived this long was well: back to the first wait, s."""
_STRETCH = 0.25
ENDINGS = (HubClosedError, HubError, WebSocketException, aiohttp.ClientError, OSError, ValueError, RuntimeError)
"""What pysignalr and websockets raise where a connection cannot be made, or ends."""


class Stream:
    """One stream after the other; hands on what they bring."""

    def __init__(  # noqa: PLR0913  # the parts it connects
        self,
        session: EaseeSession,
        caller: Caller,
        reporter: Reporter,
        links: Links,
        options: EaseeOptions,
        *,
        serials: tuple[str, ...],
        on_response: Callable[[object], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._session = session
        self._caller = caller
        self._reporter = reporter
        self._links = links
        self._options = options
        self._serials = serials
        self._on_response = on_response
        self._on_lost = on_lost
        self._watchdog: asyncio.Timeout | None = None
        self._is_deaf = False
        self._attempts = 0

    async def keep(self) -> None:
        """Stay connected until cancelled. Raises LoginRejectedError."""
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            detail = await self._until_it_ends()
            if detail is not None:
                self._links.lost(Link.STREAM, detail)
                self._on_lost()
            if clock() - started > _STEADY_AFTER + self._options.stream_silence:
                self._attempts = 0
            await asyncio.sleep(max(self._next_wait(), self._caller.breaker.remaining))

    def rebuild(self) -> None:
        """Give up the present connection: it is alive, but has not told what REST did."""
        if self._watchdog is not None and not self._watchdog.expired():
            self._is_deaf = True
            self._watchdog.reschedule(asyncio.get_running_loop().time())

    async def _until_it_ends(self) -> str | None:
        """Why it ended, in one line; None where it was put off for an order before it began."""
        self._watchdog, self._is_deaf = asyncio.timeout(self._options.stream_silence), False
        try:
            async with self._watchdog:
                negotiated = await self._caller.negotiate()
                await self._session.listen(negotiated, self._serials, self)
        except RateLimitedError as error:
            self._links.lost(Link.CHARGER, error.detail, error.retry_after)
            return error.detail
        except (DeviceUnavailableError, CommandRejectedError) as error:
            return error.detail
        except GaveWayError:
            return None
        except TimeoutError:
            return self._silence()
        except InvalidStatus as error:
            return self._refused(error)
        except ENDINGS as error:
            return ending(error, self._session.sr_base)
        finally:
            self._watchdog = None
        return "the hub closed the connection"

    def _silence(self) -> str:
        if self._is_deaf:
            return "alive, but it has lost changes: rebuilt"
        if self._watchdog is not None and self._watchdog.expired():
            return f"no sign of life from the hub for {self._options.stream_silence:g} s: rebuilt"
        return "the hub does not answer"

    def _refused(self, error: InvalidStatus) -> str:
        """The connection itself was answered with a status: a ban counts here too, a 401 costs the token its trust."""
        answer = error.response
        body = (answer.body or b"").decode(errors="replace")
        refused = HttpStatusError(answer.status_code, answer.headers.get("retry-after"), body)
        ban = self._caller.ban(refused)
        if ban is not None:
            self._links.lost(Link.CHARGER, ban.detail, ban.retry_after)
            return ban.detail
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._session.distrust_token()
        return f"the hub refused the connection with {refused}"

    def _next_wait(self) -> float:
        waits = self._options.stream_back_off
        wait = waits[min(self._attempts, len(waits) - 1)]
        self._attempts += 1
        return wait * random.uniform(1.0, 1.0 + _STRETCH)  # noqa: S311  # spreads reconnects, guards nothing

    # --- what the stream tells (hub.Listener) ---

    def opened(self) -> None:
        self._links.up(Link.STREAM)

    def heard(self) -> None:
        if self._watchdog is not None and not self._watchdog.expired():
            self._watchdog.reschedule(asyncio.get_running_loop().time() + self._options.stream_silence)

    def garbled(self) -> None:
        self._reporter.refuse("a message on the stream that is none")

    def observed(self, raw: object) -> None:
        self._reporter.observed(raw)

    def responded(self, raw: object) -> None:
        self._on_response(raw)


def ending(error: Exception, url: str) -> str:
    """Why a connection to the hub was not made or has ended, in one line."""
    return distrust(error, urlsplit(url).netloc) or f"{type(error).__name__}: {one_line(error)}"
