"""The meter against a device: the simulated one, and the firmware itself where scripts/esphome-device has built it.

Both run the same cases, so that the simulated device stays true.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from esphome_peers import BINARY, BOUND, Peer, Real, Simulated

from bridge.core.model import LinkReport, Observation, Telegram
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.mains.slimmelezer.watch import Patience

QUICK = Patience(answer=0.5, listing=2.0, first=1.0, silence=1.5, periods=0.0, longest=1.0)
AMPERES = (5.0, 3.0, 0.0)

REAL = pytest.param(
    "real",
    marks=[
        pytest.mark.integration,
        pytest.mark.skipif(
            not BINARY.exists(), reason="no ESPHome device here: scripts/esphome-device builds it (g++)"
        ),
    ],
)


@pytest.fixture(params=["simulated", REAL])
async def peer(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Peer]:
    monkeypatch.setattr("aioesphomeapi.reconnect_logic.EXPECTED_DISCONNECT_COOLDOWN", 0.01)
    peer: Peer = Real(tmp_path) if request.param == "real" else Simulated()
    await peer.start()
    try:
        yield peer
    finally:
        peer.thaw()
        await peer.kill()


class Ear:
    """Collects what is told, and waits for it."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []

    @property
    def telegrams(self) -> list[Telegram]:
        return [seen for seen in self.seen if isinstance(seen, Telegram)]

    @property
    def ups(self) -> list[bool]:
        return [seen.is_up for seen in self.seen if isinstance(seen, LinkReport)]

    async def until(self, is_true: Callable[[], object]) -> None:
        async with asyncio.timeout(BOUND):
            while not is_true():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.005)


@asynccontextmanager
async def followed(peer: Peer, patience: Patience | None = None) -> AsyncIterator[Ear]:
    ear = Ear()
    meter = SlimmelezerMeter(SlimmelezerOptions("127.0.0.1", peer.port), patience=patience)
    task = asyncio.create_task(meter.follow(ear.seen.append))
    try:
        yield ear
    finally:
        task.cancel()
        async with asyncio.timeout(BOUND):
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def publish_until(peer: Peer, ear: Ear, is_true: Callable[[], object]) -> None:
    """Publish telegrams, as a meter does each second, until one of them has had its effect."""

    async def publishing() -> None:
        while True:
            await peer.publish(AMPERES)
            await asyncio.sleep(0.6)

    task = asyncio.create_task(publishing())
    try:
        await ear.until(is_true)
    finally:
        task.cancel()


async def test_a_burst_becomes_one_signed_telegram(peer: Peer) -> None:
    async with followed(peer) as ear:
        await publish_until(peer, ear, lambda: len(ear.telegrams) >= 2)
    l1, l2, l3 = ear.telegrams[-1].phases
    assert l1 is not None
    assert (l1.metered, l1.power, l1.voltage) == (5.0, 1210.0, 230.1)
    assert l1.current == pytest.approx(1210 / 230.1)
    assert l2 is not None
    assert l2.current == pytest.approx(-690 / 231)
    assert l3 is not None
    assert l3.current == 0.0


async def test_unchanged_values_are_fresh_each_time(peer: Peer) -> None:
    async with followed(peer) as ear:
        await publish_until(peer, ear, lambda: ear.telegrams)
        for _ in range(3):
            before = len(ear.telegrams)
            await peer.publish(AMPERES)
            await ear.until(lambda before=before: len(ear.telegrams) > before)
    assert len({telegram.phases for telegram in ear.telegrams[1:]}) == 1


async def test_the_dump_after_connecting_is_not_told(peer: Peer) -> None:
    async with followed(peer) as ear:
        await publish_until(peer, ear, lambda: ear.telegrams)
    async with followed(peer) as ear:
        await ear.until(lambda: ear.ups == [True])
        await asyncio.sleep(1.0)  # the dump and the gap that ends a burst
        assert ear.telegrams == []
        await peer.publish(AMPERES)
        await ear.until(lambda: ear.telegrams)


async def test_before_the_first_telegram_everything_is_absent(peer: Peer) -> None:
    async with followed(peer) as ear:
        await ear.until(lambda: ear.ups == [True])
        await asyncio.sleep(1.0)
        assert ear.telegrams == []


async def test_a_phase_that_a_telegram_lacks_is_none(peer: Peer) -> None:
    async with followed(peer) as ear:
        await publish_until(peer, ear, lambda: len(ear.telegrams) >= 2)
        before = len(ear.telegrams)
        await peer.publish((5.0, None, 0.0))
        await ear.until(lambda: len(ear.telegrams) > before)
    assert [reading is None for reading in ear.telegrams[-1].phases] == [False, True, False]


async def test_a_frozen_device_is_lost_and_comes_back(peer: Peer) -> None:
    async with followed(peer, QUICK) as ear:
        await publish_until(peer, ear, lambda: len(ear.telegrams) >= 2)
        peer.freeze()
        await ear.until(lambda: ear.ups == [True, False])
        peer.thaw()
        before = len(ear.telegrams)
        await publish_until(peer, ear, lambda: len(ear.telegrams) > before)
    assert ear.ups[-1]


async def test_a_killed_device_is_lost_at_once_and_read_again_after_its_restart(peer: Peer) -> None:
    async with followed(peer) as ear:
        await publish_until(peer, ear, lambda: ear.telegrams)
        await peer.kill()
        await ear.until(lambda: ear.ups[-1] is False)
        await peer.start()
        before = len(ear.telegrams)
        await publish_until(peer, ear, lambda: len(ear.telegrams) > before)
    assert ear.ups[-1]
