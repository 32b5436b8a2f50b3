"""One look at a broker: what it lets us do, and what it keeps of us."""

import asyncio
from pathlib import Path

import aiomqtt
import pytest
from mirror.brokers import MOSQUITTO, Amqtt, Mosquitto, free_port
from mirror.peers import onlooker, running
from mirror.scene import DISCOVERY, is_online, mirror_of, now_charging

from bridge.mirror import survey as module
from bridge.mirror.options import MqttOptions
from bridge.mirror.survey import survey

needs_mosquitto = pytest.mark.skipif(not MOSQUITTO.exists(), reason="Mosquitto is not installed")


@pytest.fixture(autouse=True)
def _short_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROUND_TRIP", 0.5)


async def test_an_open_broker_gives_back_what_is_written(broker: Amqtt) -> None:
    seen = await survey(MqttOptions("127.0.0.1", broker.port))
    assert seen.trouble is None
    assert seen.state_returns
    assert seen.discovery_returns
    assert seen.unreadable == ()
    assert (seen.is_announced, seen.availability, seen.home_assistant) == (False, None, None)


async def test_it_leaves_nothing_behind_and_disturbs_no_running_bridge(broker: Amqtt) -> None:
    options = MqttOptions("127.0.0.1", broker.port)
    mirror = mirror_of(broker)
    async with onlooker(broker.port) as seer, running(mirror) as ear:
        mirror.show(now_charging())
        await seer.until(lambda: is_online(seer) and seer.on(DISCOVERY))
        told = len(ear.told)
        seen = await survey(options)
        assert (seen.is_announced, seen.availability) == (True, "online")
        assert len(ear.told) == told
        probes = [message for message in seer.seen if message.topic.endswith("/probe")]
        assert [probe.topic for probe in probes] == [
            "ev-load-bridge/main/probe",
            "homeassistant/device/ev-load-bridge-main/probe",
        ]
    async with onlooker(broker.port) as seer:
        await asyncio.sleep(0.2)
        assert not [message for message in seer.seen if message.topic.endswith("/probe")]


async def test_home_assistant_shows_where_its_birth_is_retained(broker: Amqtt) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.publish("homeassistant/status", "online", qos=1, retain=True)
    assert (await survey(MqttOptions("127.0.0.1", broker.port))).home_assistant == "online"


async def test_nobody_there() -> None:
    seen = await survey(MqttOptions("127.0.0.1", free_port()))
    assert seen.trouble is not None
    assert "refuses connections" in seen.trouble


@needs_mosquitto
async def test_what_an_access_list_forbids_does_not_come_back(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("topic readwrite ev-load-bridge/#\ntopic read homeassistant/status\n")
    (tmp_path / "list").chmod(0o600)
    broker = Mosquitto(free_port(), tmp_path, f"allow_anonymous true\nacl_file {tmp_path}/list")
    await broker.start()
    try:
        seen = await survey(MqttOptions("127.0.0.1", broker.port))
    finally:
        await broker.stop()
    assert seen.trouble is None
    assert seen.state_returns
    assert not seen.discovery_returns


@needs_mosquitto
async def test_a_wrong_password_is_told_without_it(tmp_path: Path) -> None:
    broker = Mosquitto(free_port(), tmp_path, "allow_anonymous false")
    await broker.start()
    try:
        seen = await survey(MqttOptions("127.0.0.1", broker.port, "bridge", "hunter2"))
    finally:
        await broker.stop()
    assert seen.trouble is not None
    assert "refuses user name or password" in seen.trouble
    assert "hunter2" not in repr(seen)
