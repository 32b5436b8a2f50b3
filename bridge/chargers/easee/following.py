"""One following of a circuit, from the first reading until something ends it."""

import asyncio
import logging
from collections.abc import Coroutine

from bridge.chargers.easee.answers import NoAccessError
from bridge.chargers.easee.caller import Caller, GaveWayError
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.commands import Orders
from bridge.chargers.easee.links import Links
from bridge.chargers.easee.options import DEVICE, EaseeOptions
from bridge.chargers.easee.poll import Poll
from bridge.chargers.easee.reporter import Reporter
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.stream import Stream
from bridge.core.model import Link
from bridge.errors import (
    CommandRejectedError,
    DeviceError,
    LoginRejectedError,
    MalformedReadingError,
    RateLimitedError,
    UnsuitableError,
)
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)


class Following:
    """The parts that watch one circuit, and what an order has to tell them."""

    def __init__(  # noqa: PLR0913  # what it is put together from
        self,
        session: EaseeSession,
        caller: Caller,
        circuit: Circuit,
        options: EaseeOptions,
        *,
        orders: Orders,
        links: Links,
        tell: Tell,
        clock: Clock,
    ) -> None:
        self._options = options
        self._orders = orders
        self._links = links
        self._tell = tell
        self._clock = clock
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reporter = Reporter(circuit, tell, self._fail)
        self._poll = Poll(caller, self.reporter, links, circuit, options)
        self._stream = Stream(
            session,
            caller,
            self.reporter,
            links,
            options,
            serials=circuit.serials,
            on_response=self._respond,
            on_lost=self._poll.wake,
        )

    async def run(self) -> None:
        """Tell all there is to tell, until cancelled. Raises the DeviceErrors that need a new start."""
        try:
            await self._first_reading()
            await _first_failure(
                self._stream.keep(),
                self._poll.keep(self._is_confirmed, self._stream.rebuild),
                self._expect_a_report(),
                self._until_failure(),
            )
        finally:
            self.reporter.close()
            self._failure.cancel()

    def ordered(self) -> None:
        """The cloud has taken an order."""
        self._links.order_taken()
        self._poll.soon()

    def order_failed(self, error: DeviceError) -> None:
        """It has not."""
        if isinstance(error, LoginRejectedError):
            self._fail(error)
        elif isinstance(error, RateLimitedError):
            self._links.lost(Link.CHARGER, error.detail, error.retry_after)
            self._poll.wake()
        else:
            if isinstance(error, CommandRejectedError):
                self._links.order_refused(error.detail)
            elif isinstance(error, NoAccessError):
                self._fail(error)  # the charger may be found on another circuit, or no longer
            self._poll.now()

    async def _first_reading(self) -> None:
        has_read = False
        while not has_read:
            try:
                await self._poll.read()
            except GaveWayError:
                continue
            has_read = True
        self._links.up(Link.CHARGER)
        self.reporter.flush()
        if self._failure.done():
            self._failure.result()

    async def _until_failure(self) -> None:
        await self._failure

    async def _expect_a_report(self) -> None:
        """Say so where a living stream does not bring what a report needs. Ends with the first report."""
        has_warned = False
        while self.reporter.newest is None:
            was_up = self._links.is_up(Link.STREAM)
            await asyncio.sleep(self._options.first_report_within)
            if not was_up or self.reporter.newest is not None:
                continue
            if self.reporter.lacks_circuit_draw:
                raise UnsuitableError(
                    DEVICE,
                    "other chargers share the circuit, and what they draw together is not told (observations 73 to 75 "
                    "of its master): use an account that sees the master, or give the charger a circuit of its own",
                )
            if not has_warned:
                has_warned = True
                logger.warning("the charger has not told its state and its limits yet: is it powered and online?")

    def _is_confirmed(self) -> bool:
        newest = self.reporter.newest
        return newest is not None and self._orders.is_confirmed(newest.dynamic_current)

    def _respond(self, raw: object) -> None:
        try:
            outcome = self._orders.respond(raw, self._clock())
        except MalformedReadingError:
            self.reporter.refuse("a CommandResponse that is none")
        else:
            if outcome is not None:
                self._tell(outcome)

    def _fail(self, error: DeviceError) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)


async def _first_failure(*work: Coroutine[None, None, None]) -> None:
    """Run all until one fails; raise that. What ends by itself is left behind."""
    tasks = [asyncio.create_task(each, name="easee following") for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
