"""From a telegram to the order's POST on the wire, both seen by the peers: clock and sockets are in this process.

`.venv/bin/python -m benchmarks.latency` takes about nine minutes.
"""

import asyncio
import random
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from benchmarks.eager_bridge import LIMITS
from benchmarks.peers import Home, bridge
from benchmarks.report import publish, table
from bridge.core.budget import LOWER_EVERY
from bridge.core.phases import PerPhase
from bridge.mains.slimmelezer.assembler import GAP
from bridge.simulator.broker import EmbeddedBroker
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.latency import AT_ONCE
from bridge.simulator.variants import CLASSIC, OF_2021, Variant, burst_values
from bridge.simulator.world import Addresses

ORDERS = 300
"""Of the eager engine, for each kind of burst."""
LIVES = 7
"""Of the real engine, which brings a limit down in a few steps and takes minutes to raise it again."""
STEPS = (16, 13, 10, 7)
"""Limits that the house leaves in turn, A."""
BURST = 0.1
"""How long firmware up to 2025.2 takes to send the states of one telegram, one by one, s."""
ANSWERED_WITHIN = 5.0
VOLTAGE = 230.0
FUSE, RESERVE = 25.0, 1.0
"""A; with whole amperes 1 A is kept below the fuse."""
BUDGET = "p50 ≤ 5 ms, p99 ≤ 25 ms"
COMMAND = ("-m", "benchmarks.eager_bridge")


class Latency(NamedTuple):
    """s until the POST was at the cloud's door."""

    from_first_state: float
    from_complete_telegram: float


class House:
    """A charger that obeys at once, and a meter that tells when it is asked to."""

    def __init__(self, variant: Variant) -> None:
        self._variant = variant
        self.device = EsphomeDevice(variant.sensors, one_write_per_state=variant.has_old_api)
        self.cloud = EaseeCloud(latency=AT_ONCE)
        self.broker = EmbeddedBroker()
        self.load = 2.0

    @asynccontextmanager
    async def lived_in(self) -> AsyncIterator[Home]:
        await self.broker.start()
        await self.device.start()
        await self.cloud.start()
        self.cloud.charger.plug_in()
        cloud = (self.cloud.api_url, self.cloud.stream_url)
        access = (self.cloud.accounts.username, self.cloud.accounts.password, "")
        meter, broker = (self.device.host, self.device.port), (self.broker.host, self.broker.port)
        try:
            yield Home(Addresses(*meter, *cloud, *broker, *access))
        finally:
            await self.cloud.stop()
            await self.device.stop()
            await self.broker.stop()

    def posts(self) -> list[float]:
        """When orders came."""
        return [call.at for call in self.cloud.log if call.endpoint == "dynamic_current"]

    async def tell(self) -> tuple[float, float]:
        """Let the meter send a telegram; return when its first state had left, and when the telegram was complete."""
        charger = self.cloud.charger
        charger.step(1.0, PerPhase.all(min(charger.offer, STEPS[0])))
        mains = [self.load + draw for draw in charger.draw]
        currents, powers = [float(int(current)) for current in mains], [current * VOLTAGE for current in mains]
        values = burst_values(self._variant, currents, powers, [VOLTAGE] * 3)
        if not self._variant.has_old_api:
            self.device.publish(values)
            return (self.cloud.timeline.now,) * 2
        names = [sensor.object_id for sensor in self._variant.sensors if sensor.object_id in values]
        times = []
        for name in names:
            self.device.publish({name: values[name]}, with_texts=False)
            times.append(self.cloud.timeline.now)
            await asyncio.sleep(BURST / len(names))
        return times[0], times[-1]

    async def tell_and_wait(self) -> Latency:
        """The same, until the order has come. Raises TimeoutError."""
        before = len(self.posts())
        first, complete = await self.tell()
        async with asyncio.timeout(ANSWERED_WITHIN):
            while len(self.posts()) == before:  # noqa: ASYNC110 the cloud has no event for it
                await asyncio.sleep(0.02)
        at = self.posts()[before]
        return Latency(at - first, at - complete)


async def eager(variant: Variant) -> list[Latency]:
    """Let every telegram cause an order."""
    house, rng = House(variant), random.Random(1)  # noqa: S311 spreads telegrams, protects nothing
    async with house.lived_in() as home, bridge(home, command=COMMAND):
        while len(house.posts()) < len(LIMITS):
            await house.tell()
            await asyncio.sleep(0.3)
        latencies = []
        for _ in range(ORDERS):
            latencies.append(await house.tell_and_wait())
            await asyncio.sleep(rng.uniform(GAP, GAP + 0.2))  # closer together they would be taken for one
        return latencies


async def real() -> list[Latency]:
    """Let the house take more and more from a charging car."""
    latencies = []
    for _ in range(LIVES):
        house = House(CLASSIC)
        async with house.lived_in() as home, bridge(home, remembered_limit=STEPS[0]):
            while not house.posts():
                await house.tell()
                await asyncio.sleep(1)
            for limit in STEPS[1:]:
                for _ in range(int(LOWER_EVERY) + 2):
                    await house.tell()
                    await asyncio.sleep(1)
                house.load = FUSE - RESERVE - limit
                latencies.append(await house.tell_and_wait())
    return latencies


def row(what: str, latencies: list[Latency]) -> tuple[str, ...]:
    since_complete = (*figures([one.from_complete_telegram for one in latencies]), BUDGET)
    return (what, str(len(latencies)), *since_complete, *figures([one.from_first_state for one in latencies]))


def figures(seconds: list[float]) -> tuple[str, str, str]:
    """Give p50, p99 and maximum."""
    p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
    return milliseconds(statistics.median(seconds)), milliseconds(p99), milliseconds(max(seconds))


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


async def main() -> None:
    heads = (
        "complete telegram → POST",
        "orders",
        "p50",
        "p99",
        "max",
        "budget",
        "first state → POST: p50",
        "p99",
        "max",
    )
    found = (
        row("one packet, eager engine", await eager(CLASSIC)),
        row(f"state by state over {BURST:g} s, eager engine", await eager(OF_2021)),
        row("one packet, real engine", await real()),
    )
    publish(table(heads, found))


if __name__ == "__main__":
    asyncio.run(main())
