"""A simulated device and an ear that waits for what the meter tells."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bridge.core.model import LinkReport, Observation, Refused, Telegram
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.mains.slimmelezer.watch import Patience
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.variants import CLASSIC, Variant

BOUND = 10.0
"""Seconds after which a test gives up waiting."""

QUICK = Patience(keepalive=5.0, answer=0.3, listing=1.0, first=0.6, silence=0.6, periods=0.0, longest=0.6)


class Ear:
    """Collects what is told, and waits for it."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []

    def __call__(self, seen: Observation) -> None:
        self.seen.append(seen)

    @property
    def telegrams(self) -> list[Telegram]:
        return [seen for seen in self.seen if isinstance(seen, Telegram)]

    @property
    def reports(self) -> list[LinkReport]:
        return [seen for seen in self.seen if isinstance(seen, LinkReport)]

    @property
    def refused(self) -> int:
        return sum(isinstance(seen, Refused) for seen in self.seen)

    @property
    def is_up(self) -> bool:
        return bool(self.reports) and self.reports[-1].is_up


async def eventually(is_true: Callable[[], object]) -> None:
    """Return as soon as it is true; fail after BOUND."""
    async with asyncio.timeout(BOUND):
        while not is_true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)


@asynccontextmanager
async def followed(meter: SlimmelezerMeter, ear: Callable[[Observation], None]) -> AsyncIterator[asyncio.Task[None]]:
    """Follow a meter; the end is a cancellation that must not hang."""
    task = asyncio.create_task(meter.follow(ear))
    try:
        yield task
    finally:
        task.cancel()
        async with asyncio.timeout(BOUND):
            with contextlib.suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def served(
    variant: Variant = CLASSIC, *, key: str | None = None, one_write_per_state: bool | None = None
) -> AsyncIterator[EsphomeDevice]:
    old = variant.has_old_api if one_write_per_state is None else one_write_per_state
    device = EsphomeDevice(variant.sensors, name=variant.node_name, encryption_key=key, one_write_per_state=old)
    await device.start()
    try:
        yield device
    finally:
        await device.stop()


def meter_of(device: EsphomeDevice, patience: Patience | None = None, **options: object) -> SlimmelezerMeter:
    return SlimmelezerMeter(SlimmelezerOptions(device.host, device.port, **options), patience=patience)  # type: ignore[arg-type]
