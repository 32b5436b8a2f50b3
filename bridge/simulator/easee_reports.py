"""What the cloud has heard from one charger: late, on change only, with the charger's own timestamps."""

import random
from collections.abc import Callable
from typing import TypeAlias

from bridge.simulator.easee_charger import EaseeCharger
from bridge.simulator.easee_observations import (
    DEAD_BAND,
    HEARTBEAT_ONLY,
    TELEMETRY,
    Id,
    Observation,
    Value,
)
from bridge.simulator.easee_readings import readings
from bridge.simulator.faults import Faults
from bridge.simulator.latency import Latency
from bridge.simulator.timeline import Timeline

Publish: TypeAlias = Callable[[Observation], None]

DAY = 86400.0
LONG_AGO = 120 * DAY
"""Age of settings when the cloud first heard of them, s."""
STEADY_FOR = 1800.0
"""Age of states and telemetry at the start, s."""
SETTINGS = frozenset({21, 22, 23, 24, 31, 38, 45, 47, 50, 51, 52, 80})

CIRCUIT_TOTALS = frozenset({70, 71, 72, 73, 74, 75})
"""Sent by the master of a circuit only."""


class Reports:
    """The cloud's view of one charger. Publishes what it hears, one observation at a time."""

    def __init__(
        self, charger: EaseeCharger, timeline: Timeline, faults: Faults, latency: Latency, publish: Publish
    ) -> None:
        self.known: dict[int, Observation] = {}
        """The newest of each."""
        self.mid = charger.box.serial
        self._charger = charger
        self._timeline = timeline
        self._faults = faults
        self._latency = latency
        self._publish = publish
        self._started = timeline.wall
        self._rng = random.Random(7)  # noqa: S311 - lags, not secrets
        self._reported: dict[int, Value] = {}
        self._last_arrival = {False: 0.0, True: 0.0}
        self.remember()

    @property
    def visible(self) -> dict[int, Observation]:
        """What the cloud would tell now."""
        if not self._faults.hide_circuit_totals:
            return self.known
        return {number: observation for number, observation in self.known.items() if number not in CIRCUIT_TOTALS}

    def start(self) -> None:
        """Sample and send heartbeats from now on."""
        self._timeline.every(self._latency.sample_every, self.sample)
        self._timeline.every(self._latency.heartbeat_every, self.heartbeat)

    def sample(self) -> None:
        """Send what has changed since the last report."""
        self._charger.settle()
        if self._charger.is_online:
            self._send({n: v for n, v in self._readings().items() if self._has_changed(n, v)})

    def heartbeat(self) -> None:
        """Send all telemetry, changed or not."""
        if self._charger.is_online:
            self._send({n: v for n, v in self._readings().items() if n in TELEMETRY})

    def hear(self, number: int, value: Value) -> None:
        """Take an observation in at once and publish it."""
        self._arrive(Observation(self.mid, number, value, self._timeline.wall))

    def lose_cloud(self) -> None:
        """Cut the charger's internet: the cloud itself notes it, telemetry ends."""
        self._charger.go_offline()
        self.hear(Id.CLOUD_CONNECTED, value=False)

    def find_cloud(self) -> None:
        """Give the charger its internet back: everything is reported anew."""
        self._charger.come_back()
        self.hear(Id.CLOUD_CONNECTED, value=True)
        self._send(self._readings())

    def _readings(self) -> dict[int, Value]:
        return readings(self._charger, with_totals=not self._faults.hide_circuit_totals)

    def _has_changed(self, number: int, value: Value) -> bool:
        if number in HEARTBEAT_ONLY:
            return False
        before = self._reported.get(number)
        if isinstance(value, float) and isinstance(before, float) and value != 0.0:
            return abs(value - before) > DEAD_BAND.get(number, 0.0)
        return value != before

    def _send(self, values: dict[int, Value]) -> None:
        self._reported |= values
        for is_telemetry in (False, True):
            batch = {n: v for n, v in values.items() if (n in TELEMETRY) == is_telemetry}
            if batch:
                self._deliver(batch, is_telemetry=is_telemetry)

    def _deliver(self, batch: dict[int, Value], *, is_telemetry: bool) -> None:
        """Hand a batch over after its lag, never before an earlier one."""
        lag = self._rng.uniform(*(self._latency.telemetry if is_telemetry else self._latency.event))
        arrival = max(self._timeline.now + lag, self._last_arrival[is_telemetry])
        self._last_arrival[is_telemetry] = arrival
        seen = [Observation(self.mid, n, v, self._timeline.wall) for n, v in sorted(batch.items())]

        def arrive() -> None:
            for observation in seen:
                self._arrive(observation)

        self._timeline.after(arrival - self._timeline.now, arrive)

    def _arrive(self, observation: Observation) -> None:
        before = self.known.get(observation.number)
        self.known[observation.number] = observation
        self._publish(observation)
        if self._faults.out_of_order and before is not None:
            self._publish(before)

    def remember(self) -> None:
        """Let the present state be an old story: known to the cloud for long."""
        self._reported = self._readings()
        for number, value in self._reported.items():
            age = LONG_AGO if number in SETTINGS else STEADY_FOR
            self.known[number] = Observation(self.mid, number, value, self._started - age - number)
        self.known[Id.CLOUD_CONNECTED] = Observation(self.mid, Id.CLOUD_CONNECTED, value=True, wall=self._started - DAY)
