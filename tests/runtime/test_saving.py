import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fakes import snapshot

from bridge.core.model import Controls, Instant, Memory
from bridge.core.phases import PerPhase
from bridge.runtime.saving import SAVE_APART, SAVE_EVERY, Saving

pytestmark = pytest.mark.looptime

MEMORY = Memory(PerPhase.all(1.0), None, None)


class Disk:
    def __init__(self) -> None:
        self.saved: list[Memory] = []
        self.saved_at: list[Instant] = []
        self.saving = Saving(self._recall, self.saved.append)

    def _recall(self) -> Memory:
        self.saved_at.append(asyncio.get_running_loop().time())
        return MEMORY

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.saving.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_saves_each_minute() -> None:
    disk = Disk()
    async with disk.running():
        await asyncio.sleep(2.5 * SAVE_EVERY)

    assert [round(at) for at in disk.saved_at] == [60, 120]
    assert disk.saved == [MEMORY, MEMORY]


async def test_a_knob_that_was_turned_is_saved_soon() -> None:
    disk = Disk()
    async with disk.running():
        disk.saving.show(snapshot())
        await asyncio.sleep(20)
        disk.saving.show(snapshot(controls=Controls(20.0, 16)))
        await asyncio.sleep(1)

    assert [round(at) for at in disk.saved_at] == [20]


async def test_an_order_is_saved_at_once_though_it_changes_no_limit() -> None:
    disk = Disk()
    async with disk.running():
        disk.saving.show(snapshot())
        await asyncio.sleep(2)
        disk.saving.show(replace(snapshot(), commands_last_hour=1))
        await asyncio.sleep(1)
        disk.saving.show(replace(snapshot(), commands_last_hour=0))
        await asyncio.sleep(30)

    assert [round(at) for at in disk.saved_at] == [2]


async def test_a_knob_that_keeps_turning_does_not_wear_out_the_card() -> None:
    disk = Disk()
    async with disk.running():
        for step in range(100):
            disk.saving.show(snapshot(controls=Controls(10.0 + step / 10, 16)))
            await asyncio.sleep(0.1)
        await asyncio.sleep(SAVE_APART)

    assert len(disk.saved_at) <= 3


async def test_the_first_snapshot_turns_no_knob() -> None:
    disk = Disk()
    async with disk.running():
        disk.saving.show(snapshot())
        await asyncio.sleep(30)

    assert disk.saved_at == []
