"""The mirror on Mosquitto, the broker that most houses have."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mirror.abuse import AbuseCases
from mirror.brokers import MOSQUITTO, Mosquitto, free_port
from mirror.cases import MirrorCases
from mirror.outages import OutageCases
from mirror.peers import onlooker, running
from mirror.scene import AVAILABILITY, UP, is_online, mirror_of, now_charging
from mirror.snapshots import decision

from bridge.core.model import LinkReport
from bridge.mirror import backoff, connection, listener, publisher

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not MOSQUITTO.exists(), reason="Mosquitto is not installed (Debian package mosquitto)"),
]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.1)
    monkeypatch.setattr(connection, "FETCH", 0.2)
    monkeypatch.setattr(publisher, "LEARNING", 0.3)
    monkeypatch.setattr(connection, "TIMEOUT", 2.0)
    monkeypatch.setattr(listener, "BIRTH_DELAY", 0.1)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(free_port(), tmp_path)
    await broker.start()
    yield broker
    await broker.stop()


class TestOnMosquitto(MirrorCases, OutageCases, AbuseCases):
    """All that a mirror must do."""


async def test_the_last_will_says_offline_for_a_bridge_that_was_killed(broker: Mosquitto, tmp_path: Path) -> None:
    script = tmp_path / "bridge_to_kill.py"
    script.write_text(
        "import asyncio, time\n"
        "from bridge.mirror.client import MqttMirror\n"
        "from bridge.mirror.options import MqttOptions\n"
        "from mirror.scene import now_charging\n"
        "from mirror.snapshots import HOME\n"
        f"mirror = MqttMirror(MqttOptions('127.0.0.1', {broker.port}), HOME, time.monotonic, '1')\n"
        "mirror.show(now_charging())\n"
        "asyncio.run(asyncio.wait_for(mirror.run(lambda _: None), 60))\n"
    )
    here = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}"}
    async with onlooker(broker.port) as seer:
        process = await asyncio.create_subprocess_exec(sys.executable, script, env=environment)
        try:
            await seer.until(lambda: is_online(seer), patience=30)
        finally:
            process.kill()
            await process.wait()
        await seer.until(lambda: seer.on(AVAILABILITY)[-1] == "offline")


async def test_a_broker_that_hangs_is_left_and_found_again(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.5)
    mirror = mirror_of(broker)
    mirror.show(now_charging())
    async with running(mirror) as ear:
        await ear.hears(UP)
        with broker.frozen():
            mirror.show(now_charging(decision=decision(limit=7)))
            await ear.until(lambda: len(ear.told) == 2)
        lost = ear.told[1]
        assert isinstance(lost, LinkReport)
        assert "stopped answering" in lost.detail
        await ear.until(lambda: ear.told[2:] == [UP])
        async with onlooker(broker.port) as seer:
            await seer.until(lambda: is_online(seer))


async def test_a_client_that_takes_our_id_is_named_as_the_cause(broker: Mosquitto) -> None:
    one, other = mirror_of(broker), mirror_of(broker)
    async with running(one) as ear:
        await ear.hears(UP)
        async with running(other) as other_ear:
            await other_ear.hears(UP)
            await ear.until(lambda: len(ear.told) > 1)
    lost = ear.told[1]
    assert isinstance(lost, LinkReport)
    assert "does another client use the id ev-load-bridge-main?" in lost.detail
