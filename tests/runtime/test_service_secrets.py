"""What a running service gives away: its process, its log at the lowest level, its state file, and MQTT."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
from service_rig import PASSWORD, HomeRig, until

from bridge.simulator.broker import EmbeddedBroker
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.faults import EVERYTHING, Answer
from bridge.simulator.variants import CLASSIC

NOISE_KEY = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="
MQTT_PASSWORD = "another one that nobody may read"
SECRETS = (PASSWORD, MQTT_PASSWORD, NOISE_KEY, "Bearer", "owner@example.com")
ENVIRONMENT = {
    "EV_LOAD_BRIDGE__MQTT__USERNAME": "bridge",
    "EV_LOAD_BRIDGE__MQTT__PASSWORD": MQTT_PASSWORD,
    "EV_LOAD_BRIDGE__MAINS__SLIMMELEZER__ENCRYPTION_KEY": NOISE_KEY,
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONWARNINGS": "always",
}


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
async def locked_home(home: HomeRig) -> HomeRig:
    """Its meter is encrypted."""
    home.device = EsphomeDevice(CLASSIC.sensors, encryption_key=NOISE_KEY)
    return home


def shown(text: str, *more: str) -> list[str]:
    return [secret for secret in (*SECRETS, *more) if secret in text]


def of_process(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")


def mode_of_process(pid: int, name: str) -> int:
    return Path(f"/proc/{pid}/{name}").stat().st_mode


async def test_an_evening_with_everything_written_down_shows_no_secret(
    locked_home: HomeRig, broker: EmbeddedBroker
) -> None:
    """Debug log, asyncio's debug mode, every warning; the meter, the cloud and the stream fail on the way."""
    home = locked_home
    heard: list[str] = []

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            heard.append(f"{message.topic} {message.payload!r}")  # noqa: PERF401 it is looked at while it grows

    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("#")
        listening = asyncio.create_task(listen(client))
        home.remember(16)
        await home.live()
        await home.start(mqtt_port=broker.port, environ=ENVIRONMENT)
        await until(lambda: home.limits[-1:] == [16])
        pid = home.process.pid
        command, limits = of_process(pid, "cmdline"), of_process(pid, "limits")
        home.cloud.hub.drop()
        home.house_load[1] = 15.0
        await until(lambda: home.limits[-1] < 16)
        tokens = {*home.cloud.accounts._access, *home.cloud.accounts._refresh}
        for answer in (Answer.server_error(), Answer.unauthorised()):
            calls = home.cloud.calls.total()
            home.cloud.faults.answer(EVERYTHING, answer, times=1)
            home.cloud.hub.drop()
            await until(lambda calls=calls: home.cloud.calls.total() > calls + 1)
        await home.device.stop()
        await until(lambda: "meter lost" in home.log_so_far)
        await until(lambda: any(text.startswith("homeassistant/") for text in heard))
        assert await home.stop() == 0
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    tokens |= {*home.cloud.accounts._access, *home.cloud.accounts._refresh}
    assert len(tokens) > 2
    assert "order 1: " in home.log
    assert shown(home.log, *tokens) == []
    assert shown("\n".join(heard), *tokens) == []
    for file in (home.directory / "state").iterdir():
        assert shown(file.read_text(), *tokens) == [], file
    assert shown(command) == []
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


async def test_what_the_environment_held_stays_visible_to_its_own_user(home: HomeRig) -> None:
    """Not a promise but a warning, as docs/security.md says: who may look there may also read our memory."""
    await home.start(environ=ENVIRONMENT)
    await until(lambda: home.systemd.count("READY=1"))
    assert MQTT_PASSWORD in of_process(home.process.pid, "environ")
    assert mode_of_process(home.process.pid, "environ") & 0o077 == 0
    assert await home.stop() == 0


@pytest.mark.parametrize("name", ["--help", "record"])
async def test_no_command_may_leave_a_core_dump(name: str) -> None:
    program = (
        "import resource, sys\n"
        f"sys.argv = ['ev-load-bridge', {name!r}, '--help']\n"
        "from bridge.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('core', resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert said.decode().splitlines()[-1] == "core (0, 0)"
