"""Hands observations to the engine and its decisions to whoever needs them."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from bridge.core.model import (
    Decision,
    Instant,
    LinkReport,
    Observation,
    Ordered,
    Outcome,
    Result,
    SetCircuitLimit,
    Snapshot,
    Stopping,
)
from bridge.ports import Clock
from bridge.runtime.latest import Latest
from bridge.runtime.secrecy import redacted

logger = logging.getLogger(__name__)

DECIDE_EVERY = 1.0
"""Longest time from one decision to the next, s."""

Show: TypeAlias = Callable[[Snapshot], None]
"""Is handed each snapshot; never blocks, never fails."""


class Engine(Protocol):
    """What the loop asks of `bridge.core.engine.Engine`."""

    def observe(self, seen: Observation, now: Instant) -> None: ...

    def decide(self, now: Instant) -> Decision: ...

    def snapshot(self, now: Instant) -> Snapshot: ...


class ControlLoop:
    """Decides after every observation and at least once a second.

    Its own tasks never wait for the charger, the broker or the meter: orders leave through `orders`, where a
    newer one overtakes, and snapshots through callables that do not block.
    """

    def __init__(self, engine: Engine, clock: Clock, shows: Sequence[Show]) -> None:
        self.orders: Latest[SetCircuitLimit] = Latest()
        self._engine = engine
        self._clock = clock
        self._shows = tuple(shows)
        self._is_told = asyncio.Event()
        self._bug: Exception | None = None

    def tell(self, seen: Observation) -> None:
        """Hand an observation to the engine, at once. Never blocks, never raises."""
        if self._bug is not None:
            return
        try:
            self._engine.observe(_discreet(seen), self._clock())
        except Exception as error:  # noqa: BLE001 a vendor's callback would swallow the bug; steer() raises it
            self._bug = error
        self._is_told.set()

    async def steer(self) -> None:
        """Decide, order and show until cancelled. Raises what was wrong with an observation or a decision."""
        while True:
            if self._decide() is not None:
                # the order leaves before anything is shown
                await asyncio.sleep(0)
            self._show()
            await self._next_occasion()

    def conclude(self) -> SetCircuitLimit | None:
        """The last decision: the order that leaves the charger safe, None where none is needed or allowed.

        For the stop, after `steer` has ended.
        """
        self.tell(Stopping())
        command = self._decide()
        snapshot = self._show()
        stays = snapshot.limit_in_force
        is_banned = snapshot.next_try is not None  # else an order for it is under way
        if command is None and is_banned and stays is not None and stays > snapshot.decision.limit:
            logger.warning("no order may leave now: %s A stay in force without the bridge", stays)
        return command

    def _decide(self) -> SetCircuitLimit | None:
        if self._bug is not None:
            raise self._bug
        now = self._clock()
        command = self._engine.decide(now).command
        if command is not None:
            overtaken = self.orders.put(command)
            if overtaken is not None:
                self._engine.observe(Outcome(overtaken.number, Result.OVERTAKEN), now)
            self._engine.observe(Ordered(command), now)
        return command

    def _show(self) -> Snapshot:
        snapshot = self._engine.snapshot(self._clock())
        for show in self._shows:
            show(snapshot)
        return snapshot

    async def _next_occasion(self) -> None:
        try:
            async with asyncio.timeout(DECIDE_EVERY):
                await self._is_told.wait()
        except TimeoutError:
            return
        self._is_told.clear()


def _discreet(seen: Observation) -> Observation:
    """Words of a vendor are shown to everybody on the broker: without what is secret."""
    if isinstance(seen, LinkReport | Outcome):
        return seen._replace(detail=redacted(seen.detail))
    return seen
