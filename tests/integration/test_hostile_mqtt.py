"""The service, with somebody on its Mosquitto who wants to stop it: it goes on balancing, and stays within bounds."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mirror.brokers import MOSQUITTO, Mosquitto, free_port
from mirror.peers import onlooker
from mirror.scene import BASE, STATE
from runtime.service_rig import HomeRig, until

from bridge.core.budget import LOWER_EVERY, PER_MINUTE
from bridge.mirror.turns import BURST, EVERY

pytestmark = [
    pytest.mark.integration,
    pytest.mark.by_the_clock,
    pytest.mark.skipif(not MOSQUITTO.exists(), reason="Mosquitto is not installed (Debian package mosquitto)"),
]
FLOODER = Path(__file__).with_name("flooder.py")
FLOOD = 10_000
"""Messages per second."""
SECONDS = 6


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[HomeRig]:
    rig = HomeRig(tmp_path)
    try:
        yield rig
    finally:
        await rig.close()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(free_port(), tmp_path)
    await broker.start()
    yield broker
    await broker.stop()


@dataclass
class Watch:
    """What the bridge does while it is under attack."""

    home: HomeRig
    began: float = field(default_factory=time.monotonic)
    saves: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.beats = self.home.systemd.count("WATCHDOG=1")
        self.lines = len(self.home.log_so_far.splitlines())

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    async def look(self) -> None:
        """Note each version of the state file, until cancelled."""
        path = self.home.directory / "state/state.json"
        while True:
            with contextlib.suppress(FileNotFoundError):
                self.saves.add(path.stat().st_mtime_ns)
            await asyncio.sleep(0.05)

    def decides(self) -> bool:
        """Whether the beats, of which there is one a second where it decides, have gone on."""
        return self.home.systemd.count("WATCHDOG=1") - self.beats >= self.elapsed / 2 - 1

    def new_lines(self) -> list[str]:
        return [line for line in self.home.log_so_far.splitlines()[self.lines :] if " DEBUG " not in line]


async def attack(broker: Mosquitto, rate: int, seconds: float, name: str, *payloads: str) -> int:
    """Publish on a set-topic; returns how many were sent."""
    words = (str(broker.port), str(rate), str(seconds), f"{BASE}/set/{name}", *payloads)
    process = await asyncio.create_subprocess_exec(sys.executable, FLOODER, *words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return int(said)


async def charging(home: HomeRig, broker: Mosquitto) -> None:
    home.remember(16)
    await home.live()
    await home.start(mqtt_port=broker.port)
    await until(lambda: home.limits[-1:] == [16])
    async with onlooker(broker.port) as seer, asyncio.timeout(60):
        while not any('"pace":"calm"' in state for state in seer.on(STATE)):
            await seer.publish(f"{BASE}/set/pace", "calm")  # it listens a little later than it is connected
            await asyncio.sleep(0.5)


async def test_ten_thousand_messages_a_second_delay_no_decision_and_no_order(home: HomeRig, broker: Mosquitto) -> None:
    await charging(home, broker)
    await until(lambda: home.cloud.timeline.now - home.cloud.orders[-1].at > LOWER_EVERY)
    watch = Watch(home)
    looking = asyncio.create_task(watch.look())
    async with onlooker(broker.port) as seer:
        await seer.leave_out(f"{BASE}/set/")
        flood = asyncio.create_task(attack(broker, FLOOD, SECONDS, "mains_limit", "99", "nan", "-1", "25"))
        await asyncio.sleep(1)
        home.house_load[1] = 15.0
        await until(lambda: home.limits[-1] < 16)
        assert not flood.done(), "the order left while the flood went on"
        sent = await flood
        published = len(seer.on(STATE))
    looking.cancel()
    assert sent > FLOOD * SECONDS / 3, "the flood was none"
    assert watch.decides()
    assert published <= 5.5 * watch.elapsed
    assert len(watch.saves) <= watch.elapsed / 5 + 2
    about_mqtt = [line for line in watch.new_lines() if "mqtt" in line]
    assert any("deaf for 30 s" in line for line in about_mqtt)
    assert len(about_mqtt) <= 4
    assert home.process.returncode is None
    assert await home.stop() == 0


async def test_a_switch_that_flutters_costs_neither_the_budget_nor_the_memory_card(
    home: HomeRig, broker: Mosquitto
) -> None:
    await charging(home, broker)
    watch = Watch(home)
    orders = len(home.limits)
    looking = asyncio.create_task(watch.look())
    sent = await attack(broker, 45, 12, "charging_allowed", "OFF", "ON")
    looking.cancel()
    assert sent > 300
    assert watch.decides()
    assert len(home.limits) - orders <= PER_MINUTE
    assert len(watch.saves) <= watch.elapsed / 5 + 2
    assert len(watch.new_lines()) <= BURST + watch.elapsed / EVERY + 10
    assert await home.stop() == 0


async def test_a_hundred_megabytes_are_not_taken_in(home: HomeRig, broker: Mosquitto) -> None:
    await charging(home, broker)
    before = _peak(home)
    async with onlooker(broker.port) as seer:
        await seer.leave_out(f"{BASE}/set/")
        await seer.publish(f"{BASE}/set/pace", b"x" * 100_000_000)
        await until(lambda: "hung up on a message of 100000" in home.log_so_far)
    assert _peak(home) - before < 20_000
    home.house_load[1] = 15.0
    await until(lambda: home.limits[-1] < 16)
    assert await home.stop() == 0


def _peak(home: HomeRig) -> int:
    """The most memory it had so far, kB."""
    lines = Path(f"/proc/{home.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
