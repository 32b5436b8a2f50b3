"""The middle of the bridge, real: control loop, engine and what the mirror publishes of them."""

import asyncio
import functools
from collections.abc import Coroutine
from typing import Any, TypeVar

import promises

from bridge.core.engine import Engine
from bridge.core.model import (
    ChargerReport,
    ChargerState,
    Installation,
    LinkReport,
    Memory,
    Observation,
    Outcome,
    PhaseReading,
    Result,
    Snapshot,
    Telegram,
)
from bridge.core.phases import PerPhase
from bridge.mirror.entities import entities
from bridge.mirror.entity import Source
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import event_document, is_available, state_document, values
from bridge.runtime.control_loop import ControlLoop

T = TypeVar("T")
HOUSE = Installation(fuse=25.0, maximum=16)
OPTIONS = MqttOptions("broker.example")
EPOCH = 1_780_000_000.0
ROWS = entities(HOUSE)


class Home:
    """Observations in, decisions and documents out. Each is looked at."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.now = 1000.0
        engine = Engine(HOUSE, self.now, memory)
        self._control = ControlLoop(engine, self.clock, ())
        self.engine = engine

    def clock(self) -> float:
        return self.now

    def tell(self, seen: Observation) -> None:
        if isinstance(seen, LinkReport | Outcome):
            promises.is_a_line(seen.detail)
        self._control.tell(seen)

    def charge(self) -> None:
        """A car charges and the house is quiet."""
        self.tell(ChargerReport(ChargerState.CHARGING, PerPhase.all(16.0), PerPhase.all(15.0), (True, True, True)))
        self.tell(Telegram((PhaseReading(16.0), PhaseReading(17.0), PhaseReading(16.5))))

    def decide(self, seconds: float = 1.0) -> Snapshot:
        """So many seconds later decide and order as the service does. Nothing leaves the bounds."""
        self.now += seconds
        command = self._control._decide()
        if command is not None:
            self.tell(Outcome(command.number, Result.ACCEPTED))
        snapshot = self._control._show()
        promises.is_within(snapshot, HOUSE)
        return snapshot

    def settle(self, seconds: float = 1.0) -> Snapshot:
        """Decide, and write all documents of it."""
        snapshot = self.decide(seconds)
        promises.is_finite(snapshot)
        promises.as_json(state_document(values(ROWS, snapshot), EPOCH))
        for event in snapshot.events:
            promises.as_json(event_document(event, EPOCH))
        for source in Source:
            is_available(source, snapshot)
        return snapshot


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end; one loop serves all cases of a process."""
    return _loop().run_until_complete(work)
