"""Carries orders to the charger, one at a time, and tells what became of each."""

import asyncio
import logging
from typing import Any

from bridge.core.model import Outcome, Result, SetCircuitLimit
from bridge.errors import CommandRejectedError, DeviceError, LoginRejectedError, RateLimitedError, UnsuitableError
from bridge.ports import Charger, Tell
from bridge.runtime.latest import Latest

logger = logging.getLogger(__name__)

LONGEST_TRY = 30.0
"""An order is given up after this, s: a net under the adapter's own, shorter time-outs."""
GRACE = 1.5
"""At the stop, an order in flight may take this long to land, s."""
RETRY_LAST = 0.5
"""Wait between tries of the last order, s."""
LOGIN_EVERY = 3600.0
"""Wrong credentials are tried again once an hour, s."""


class Delivery:
    """Takes the newest order from its slot whenever the one before has landed.

    A hung order delays the next order, never a decision: two at once could land in the wrong order.
    """

    def __init__(self, charger: Charger, orders: Latest[SetCircuitLimit], tell: Tell) -> None:
        self._charger = charger
        self._orders = orders
        self._tell = tell
        self._carrier: asyncio.Task[Any] | None = None
        self._landing: asyncio.Future[Outcome] | None = None

    async def carry(self) -> None:
        """Carry orders until cancelled."""
        self._carrier = asyncio.current_task()
        while True:
            command = await self._orders.take()
            self._landing = asyncio.get_running_loop().create_future()
            self._landing.set_result(await self._send(command))

    async def conclude(self, last: SetCircuitLimit | None) -> Outcome | None:
        """Let an order in flight land, then carry the last one until the charger takes or refuses it.

        For the stop: no order is put into the slot any more, and the caller bounds the time. Returns what became of
        the newest order; None where none was under way.
        """
        self._orders.drop()
        outcome = await self._let_land(None if last is None else GRACE)
        while last is not None:
            outcome = await self._send(last)
            if outcome.result is not Result.UNANSWERED:
                break
            await asyncio.sleep(RETRY_LAST)
        return outcome

    async def _let_land(self, within: float | None) -> Outcome | None:
        if self._landing is None or self._carrier is None or self._landing.done():
            return None
        await asyncio.wait({self._landing}, timeout=within)
        if self._landing.done():
            return self._landing.result()
        self._carrier.cancel()
        await asyncio.wait({self._carrier}, timeout=GRACE)
        return None

    async def _send(self, command: SetCircuitLimit) -> Outcome:
        logger.debug("order %s: %s A, time-to-live %s min", command.number, command.current, command.time_to_live)
        try:
            async with asyncio.timeout(LONGEST_TRY):
                await self._charger.apply(command)
        except DeviceError as error:
            outcome = _failed(command.number, error)
        except TimeoutError:
            outcome = Outcome(command.number, Result.UNANSWERED, f"no answer within {LONGEST_TRY:.0f} s")
        else:
            outcome = Outcome(command.number, Result.ACCEPTED)
        if outcome.result is not Result.ACCEPTED:
            logger.debug("order %s %s: %s", command.number, outcome.result, outcome.detail)
        self._tell(outcome)
        return outcome


def _failed(number: int, error: DeviceError) -> Outcome:
    match error:
        case RateLimitedError():
            return Outcome(number, Result.RATE_LIMITED, error.detail, error.retry_after)
        case LoginRejectedError():
            # no order at all until the next try: each would be another failed login
            return Outcome(number, Result.RATE_LIMITED, error.detail, LOGIN_EVERY)
        case CommandRejectedError() | UnsuitableError():
            return Outcome(number, Result.REJECTED, error.detail)
        case _:
            return Outcome(number, Result.UNANSWERED, error.detail)
