"""Stand-ins for the ports, written by hand: each remembers what it was given and can be told to fail."""

import asyncio
from collections.abc import Awaitable, Callable

from bridge.core.model import (
    BridgeState,
    Cause,
    Controls,
    Decision,
    Event,
    Instant,
    Link,
    LinkReport,
    Memory,
    Observation,
    Ordered,
    PhaseNumbers,
    PhaseReading,
    Problem,
    Reason,
    SetCircuitLimit,
    Snapshot,
    Stopping,
    Telegram,
)
from bridge.core.phases import NOTHING, PerPhase
from bridge.ports import Tell

TELEGRAM = Telegram((PhaseReading(4.0), PhaseReading(2.0), PhaseReading(9.1)))
QUIET = PhaseNumbers(9.13, 4.0, 5.13, 0.5, 19.4, 0.1, is_used=True, is_stale=False)
SILENT = PhaseNumbers(None, 0.0, None, 0.5, None, 0.1, is_used=True, is_stale=True)


def command(current: int, number: int = 1, cause: Cause = Cause.LOWER) -> SetCircuitLimit:
    return SetCircuitLimit((current, current, current), 10, cause, number)


def decision(limit: int = 16, reason: Reason = Reason.MAXIMUM, order: SetCircuitLimit | None = None) -> Decision:
    return Decision(limit, reason, None, 0.0, order, (QUIET, QUIET, SILENT))


def snapshot(
    at: Instant = 0.0,
    *,
    made: Decision | None = None,
    controls: Controls | None = None,
    events: tuple[Event, ...] = (),
    problems: frozenset[Problem] = frozenset(),
) -> Snapshot:
    return Snapshot(
        state=BridgeState.BALANCING,
        decision=made or decision(),
        charger=None,
        draw=NOTHING,
        limit_in_force=None,
        controls=controls or Controls(25.0, 16),
        problems=problems,
        links=(),
        last_telegram=None,
        telegram_period=None,
        commands_last_hour=0,
        expected_resume=None,
        last_change=None,
        events=events,
        refused=0,
        at=at,
    )


class FakeEngine:
    """Decides what a test puts into `order`, until it is told that the order has left."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []
        self.told_at: list[Instant] = []
        self.decided: list[Instant] = []
        self.order: SetCircuitLimit | None = None
        self.last_order: SetCircuitLimit | None = None
        """Ordered once it is told that the service stops."""
        self.bug: Exception | None = None
        self.bug_in_observe: Exception | None = None

    def observe(self, seen: Observation, now: Instant) -> None:
        if self.bug_in_observe is not None:
            raise self.bug_in_observe
        self.seen.append(seen)
        self.told_at.append(now)
        match seen:
            case Ordered() if seen.command == self.order:
                self.order = None
            case Stopping():
                self.order = self.last_order

    def decide(self, now: Instant) -> Decision:
        if self.bug is not None:
            raise self.bug
        self.decided.append(now)
        return decision(order=self.order)

    def snapshot(self, now: Instant) -> Snapshot:
        return snapshot(now)

    def memory(self, _: Instant) -> Memory:
        return Memory(PerPhase.all(1.0), None, None)


class FakeCharger:
    """Takes what is ordered after `delay` seconds (virtual), or fails as the next of `failures` says."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.failures: list[Exception] = []
        self.begun: list[SetCircuitLimit] = []
        self.taken: list[SetCircuitLimit] = []
        self.given_up: list[SetCircuitLimit] = []
        self.has_begun = asyncio.Event()
        self.is_closed = False

    async def follow(self, tell: Tell) -> None:
        tell(LinkReport(Link.CHARGER, is_up=True))
        await asyncio.Event().wait()

    async def apply(self, command: SetCircuitLimit) -> None:
        self.begun.append(command)
        self.has_begun.set()
        try:
            await asyncio.sleep(self.delay)
        except asyncio.CancelledError:
            self.given_up.append(command)
            raise
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(command)

    async def close(self) -> None:
        self.is_closed = True


class FakeMirror:
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[Snapshot] = []

    def show(self, snapshot: Snapshot) -> None:
        self.shown.append(snapshot)

    async def run(self, tell: Tell) -> None:
        tell(LinkReport(Link.MQTT, is_up=True))
        await asyncio.Event().wait()


class FakeLink:
    """A `follow` that plays one step of its script at each start, then stays connected."""

    def __init__(self, *steps: Callable[[Tell], Awaitable[None]]) -> None:
        self._steps = list(steps)
        self.started: list[Instant] = []

    async def follow(self, tell: Tell) -> None:
        self.started.append(asyncio.get_running_loop().time())
        if self._steps:
            await self._steps.pop(0)(tell)
        else:
            tell(LinkReport(Link.CHARGER, is_up=True))
            await asyncio.Event().wait()


def failing(error: Exception, *, after: float | None = None) -> Callable[[Tell], Awaitable[None]]:
    """A step that fails at once or, having connected, after so many seconds."""

    async def step(tell: Tell) -> None:
        if after is not None:
            tell(LinkReport(Link.CHARGER, is_up=True))
            await asyncio.sleep(after)
        raise error

    return step
