"""Reads over REST what the stream does not tell: while it is dead, and now and then in case it is deaf."""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

from bridge.chargers.easee.answers import NoAccessError
from bridge.chargers.easee.caller import Caller, GaveWayError
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.links import Links
from bridge.chargers.easee.observations import Seen
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.reporter import Reporter
from bridge.core.model import Link
from bridge.errors import CommandRejectedError, DeviceUnavailableError, RateLimitedError

_IDS = ",".join(str(number.value) for number in Seen)
_FIRST_RETRY = 4.0
"""After a failed reading, s; doubled with each."""
_SOON_FOR = 40
"""Failed readings, ten minutes of them, between which `retry_every` is the longest wait, since an order may be waiting
for the cloud's return. Later it is `poll_every`."""
_DEAF_AFTER = 2
"""Readings in a row that brought what a living stream had not: it has lost its subscription."""


class Poll:
    """Decides when to read, reads, and tells by that whether the cloud is there."""

    def __init__(
        self, caller: Caller, reporter: Reporter, links: Links, circuit: Circuit, options: EaseeOptions
    ) -> None:
        self._caller = caller
        self._reporter = reporter
        self._links = links
        self._circuit = circuit
        self._options = options
        self._wake = asyncio.Event()
        self._last = -math.inf
        self._check_at = math.inf
        self._missed = 0
        self._failures = 0

    async def read(self) -> bool:
        """Read everything once; whether it brought news. Raises as the caller does; a refused reading is none."""
        self._last = asyncio.get_running_loop().time()
        has_news = False
        for serial in self._circuit.serials:
            with suppress(CommandRejectedError, NoAccessError):
                document = await self._caller.read(f"/state/{serial}/observations?ids={_IDS}")
                has_news |= self._reporter.read(serial, document)
        return has_news

    def soon(self) -> None:
        """An order has left: look for its effect, unless a living stream shows it first."""
        wait = self._options.confirm_within if self._is_live else self._options.poll_after_order
        self._check_at = asyncio.get_running_loop().time() + wait
        self._wake.set()

    def now(self) -> None:
        """Something failed: see whether the cloud is there."""
        self._last = -math.inf
        self._wake.set()

    def wake(self) -> None:
        """Consider anew when to read: the stream was lost."""
        self._wake.set()

    async def keep(self, is_confirmed: Callable[[], bool], on_deaf: Callable[[], None]) -> None:
        """Read when it is due, until cancelled. Raises LoginRejectedError."""
        clock = asyncio.get_running_loop().time
        while True:
            self._wake.clear()
            wait = max(min(self._regular, self._check_at) - clock(), self._caller.breaker.remaining)
            if wait > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
                continue
            is_regular = self._regular <= clock()
            self._check_at = math.inf
            if is_regular or not (self._is_live and is_confirmed()):
                await self._try(on_deaf)

    @property
    def _is_live(self) -> bool:
        return self._links.is_up(Link.STREAM) and self._links.is_up(Link.CHARGER)

    @property
    def _regular(self) -> float:
        """When the next reading is due; at once after a ban, which the breaker sees to the end."""
        if self._is_live:
            return self._last + self._options.poll_live_every
        if not self._links.is_up(Link.CHARGER) and not self._failures:
            return -math.inf
        retry = _FIRST_RETRY * 2.0 ** min(self._failures - 1, 8) if self._failures else math.inf
        longest = self._options.retry_every if 0 < self._failures <= _SOON_FOR else self._options.poll_every
        return self._last + min(longest, retry)

    async def _try(self, on_deaf: Callable[[], None]) -> None:
        was_live = self._is_live
        try:
            has_news = await self.read()
        except GaveWayError:
            self.soon()
        except RateLimitedError as error:
            self._failures = 0
            self._links.lost(Link.CHARGER, error.detail, error.retry_after)
        except DeviceUnavailableError as error:
            self._failures += 1
            self._links.lost(Link.CHARGER, error.detail)
        else:
            self._failures = 0
            self._links.up(Link.CHARGER)
            self._missed = self._missed + 1 if was_live and has_news else 0
            if self._missed >= _DEAF_AFTER:
                self._missed = 0
                on_deaf()
