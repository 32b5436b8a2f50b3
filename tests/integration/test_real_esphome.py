"""The meter against a device: the simulated one, and the firmware itself where scripts/esphome-device has built it.

Both run the same cases, so that the simulated device stays true.
"""

import asyncio
import contextlib
import math
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from aioesphomeapi.client import APIClient
from aioesphomeapi.core import APIConnectionError

from bridge.core.model import LinkReport, Observation, Telegram
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.mains.slimmelezer.watch import Patience
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.variants import CLASSIC, burst_values

if TYPE_CHECKING:
    from aioesphomeapi.model import UserService

BINARY = Path(__file__).parents[2] / ".venv-esphome" / "slimmelezer"
BOUND = 20.0
QUICK = Patience(answer=0.5, listing=2.0, first=1.0, silence=1.5, periods=0.0, longest=1.0)
AMPERES, WATTS, VOLTS = (5.0, 3.0, 0.0), (1210.0, -690.0, 0.0), (230.1, 231.0, 229.4)


class Peer(Protocol):
    """A device, whichever."""

    port: int

    async def start(self) -> None: ...

    async def publish(self, amperes: Sequence[float | None]) -> None:
        """One telegram; a phase that is None is left out."""

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...

    async def kill(self) -> None: ...


class Simulated:
    def __init__(self) -> None:
        self._device = EsphomeDevice(CLASSIC.sensors, name="slimmelezer")
        self.port = 0

    async def start(self) -> None:
        await self._device.start()
        self.port = self._device.port

    async def publish(self, amperes: Sequence[float | None]) -> None:
        watts = [None if a is None else w for a, w in zip(amperes, WATTS, strict=True)]
        self._device.publish(burst_values(CLASSIC, amperes, watts, VOLTS))

    def freeze(self) -> None:
        self._device.freeze()

    def thaw(self) -> None:
        self._device.thaw()

    async def kill(self) -> None:
        await self._device.stop()


class Real:
    """The firmware as a process. What it reads is set through its own API, by a client beside the meter."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment = {**os.environ, "HOME": str(home), "ESPHOME_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None
        self._client: APIClient | None = None
        self._action: UserService | None = None

    async def start(self) -> None:
        # SIGPIPE stays ignored, as Python has it: a vanished client would end the process
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own binary, which starts at once
            [BINARY], env=self._environment, restore_signals=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = APIClient("127.0.0.1", self.port, None, provide_time=False)
        async with asyncio.timeout(BOUND):
            while not self._client.is_connected:
                with contextlib.suppress(APIConnectionError):
                    await self._client.connect(login=True, log_errors=False)
                await asyncio.sleep(0.05)
        _entities, actions = await self._client.list_entities_services()
        self._action = next(action for action in actions if action.name == "telegram")

    async def publish(self, amperes: Sequence[float | None]) -> None:
        assert self._client is not None
        assert self._action is not None
        watts = [math.nan if a is None else w for a, w in zip(amperes, WATTS, strict=True)]
        values = {
            "amperes": [math.nan if a is None else a for a in amperes],
            "consumed": [max(w, 0.0) / 1000 if w == w else w for w in watts],  # noqa: PLR0124 - NaN
            "produced": [max(-w, 0.0) / 1000 if w == w else w for w in watts],  # noqa: PLR0124 - NaN
            "volts": list(VOLTS),
        }
        await self._client.execute_service(self._action, values)

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(BOUND)
            self._process = None
        if self._client is not None:
            await self._client.disconnect(force=True)


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
