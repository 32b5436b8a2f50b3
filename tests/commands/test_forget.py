"""`forget` from the command line to the exit status, on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mirror.brokers import Amqtt, free_port
from mirror.peers import onlooker, retained
from mirror.scene import AVAILABILITY, DISCOVERY, STATE
from typer.testing import CliRunner, Result

from bridge.cli import app
from bridge.commands.doctor import machine
from bridge.mirror import connection

pytestmark = pytest.mark.by_the_clock
SETTINGS = """
[mains]
fuse = 25
[mains.slimmelezer]
host = "127.0.0.1"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.org"
password = "opens nothing at all"
[mqtt]
enabled = {enabled}
host = "127.0.0.1"
port = {port}
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(connection, "FETCH", 0.2)
    monkeypatch.setattr(machine, "BOOTED", tmp_path / "not booted by systemd")


@pytest.fixture
async def broker() -> AsyncIterator[Amqtt]:
    """Keeps what a bridge has left."""
    broker = Amqtt(free_port())
    await broker.plug_in()
    async with onlooker(broker.port) as seer:
        for topic, payload in {DISCOVERY: "{}", STATE: "{}", AVAILABILITY: "offline"}.items():
            await seer.publish(topic, payload, retain=True)
    yield broker
    await broker.shut_down()


async def forgotten(folder: Path, port: int, *options: str, enabled: str = "true") -> Result:
    path = folder / "settings.toml"
    path.write_text(SETTINGS.format(port=port, enabled=enabled), encoding="utf-8")
    path.chmod(0o600)
    return await asyncio.to_thread(CliRunner().invoke, app, ["forget", "--config", str(path), *options])


async def test_the_broker_forgets_the_bridge_and_that_is_one_line(broker: Amqtt, tmp_path: Path) -> None:
    done = await forgotten(tmp_path, broker.port)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"broker    127.0.0.1:{broker.port} has forgotten ev-load-bridge-main\n"
    assert await retained(broker.port) == {}
    again = await forgotten(tmp_path, broker.port)
    assert (again.exit_code, "keeps nothing of ev-load-bridge-main" in again.stdout) == (0, True)


async def test_a_service_that_runs_would_publish_it_all_again(
    broker: Amqtt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "BOOTED", tmp_path)
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho ActiveState=active\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    done = await forgotten(tmp_path, broker.port, "--anyway")
    assert done.exit_code == 1
    assert "sudo systemctl stop ev-load-bridge" in done.stderr
    assert DISCOVERY in await retained(broker.port)


async def test_a_bridge_elsewhere_is_let_alone_unless_told_otherwise(broker: Amqtt, tmp_path: Path) -> None:
    async with onlooker(broker.port) as seer:
        await seer.publish(AVAILABILITY, "online", retain=True)
    done = await forgotten(tmp_path, broker.port)
    assert done.exit_code == 1
    assert "nothing was cleared" in done.stderr
    assert DISCOVERY in await retained(broker.port)
    assert (await forgotten(tmp_path, broker.port, "--anyway")).exit_code == 0
    assert await retained(broker.port) == {}


async def test_nobody_there_is_one_line_and_a_failure(tmp_path: Path) -> None:
    done = await forgotten(tmp_path, free_port())
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert "refuses connections" in done.stderr


async def test_without_mqtt_nobody_is_asked(tmp_path: Path) -> None:
    done = await forgotten(tmp_path, free_port(), enabled="false")
    assert (done.exit_code, "not used" in done.stdout) == (0, True)
