"""Sets the stage for the demo: the peers, and a settings.toml that points the service at them."""

import errno
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which
from typing import NamedTuple

from bridge.commands.demo_address import is_open, local, reachable
from bridge.core.model import Memory
from bridge.errors import DeviceUnavailableError
from bridge.mirror.options import NAME, MqttOptions
from bridge.runtime import clock
from bridge.runtime.state_file import Clocks, StateFile
from bridge.settings import Settings, load
from bridge.simulator.script import Script, demo_script
from bridge.simulator.world import World

MQTT_PORT = 1883
"""Tried first where others are to find the broker."""
MAXIMUM = 16
"""What the car takes at most, A."""
PUBLISH_EVERY = 0.5
"""s; a person is watching."""
TEMPLATE = """\
[mains]
fuse = {fuse}

[mains.slimmelezer]
host = "{peers.meter_host}"
port = {peers.meter_port}

[charger]
max_current = {maximum}

[charger.easee]
username = "{peers.username}"
password = "{peers.password}"
charger = "{peers.serial}"
api_url = "{peers.api_url}"
stream_url = "{peers.stream_url}"

[balancing]
pace = "eager"

[mqtt]
host = "{mqtt_host}"
port = {peers.mqtt_port}
publish_every = {publish_every}
"""


class Stage(NamedTuple):
    """Everything that is there before the service starts."""

    world: World
    script: Script
    settings: Settings
    directory: Path
    """For the service's state file; gone with the demo."""
    mqtt: MqttOptions

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Where everything is: a word and what there is to say."""
        peers = self.world.addresses
        yield "meter", f"{peers.meter_host}:{peers.meter_port} (Slimmelezer, ESPHome API)"
        yield "cloud", f"{peers.api_url} (Easee, REST and SignalR)"
        yield "broker", f"{peers.mqtt_host}:{peers.mqtt_port} (MQTT 3.1.1 only)"
        yield "look", self.look()
        yield "", f"{_command()} watch --host {reachable(peers.mqtt_host)} --port {peers.mqtt_port}"
        yield "pace", "eager, so that three minutes show it all; at home it is normal"
        if is_open(peers.mqtt_host):
            yield "careful", "anonymous access: who reaches the broker may read and turn everything while the demo runs"
            yield "", "in Home Assistant, choose MQTT protocol 3.1.1 for this broker"

    def footer(self) -> tuple[str, str]:
        """The same in two short lines."""
        peers = self.world.addresses
        meter, cloud = f"{peers.meter_host}:{peers.meter_port}", peers.api_url.removeprefix("http://")
        return f"meter {meter} · cloud {cloud} · broker {peers.mqtt_host}:{peers.mqtt_port}", self.look()

    def look(self) -> str:
        """Say how to look at it with another client."""
        peers = self.world.addresses
        return f"mosquitto_sub -h {reachable(peers.mqtt_host)} -p {peers.mqtt_port} -t '{self.mqtt.topic}/#' -v"


def _command() -> str:
    """How to call us from where this was started."""
    return NAME if which(NAME) else f"{os.path.relpath(sys.executable)} -m bridge"


@asynccontextmanager
async def staged(seed: int, listen: str) -> AsyncIterator[Stage]:
    """Start the peers and write the settings; all is gone afterwards.

    Raises DeviceUnavailableError where the broker cannot listen at `listen`.
    """
    script = demo_script(seed)
    world = await _started(script, seed, listen)
    try:
        with tempfile.TemporaryDirectory(prefix="ev-load-bridge-demo-") as name:
            directory = Path(name)
            settings = _settings(world, script, directory)
            _remember(world, settings, directory)
            mqtt = MqttOptions(host=settings.mqtt.host, port=settings.mqtt.port)
            yield Stage(world, script, settings, directory, mqtt)
    finally:
        await world.stop()


async def _started(script: Script, seed: int, listen: str) -> World:
    """Start a world; where others are to find its broker, on the usual port if that is free."""
    for port in (MQTT_PORT, 0) if is_open(listen) else (0,):
        world = World(script, seed=seed, listen=listen, mqtt_port=port)
        try:
            await world.start()
        except OSError as error:
            if port == 0 or error.errno != errno.EADDRINUSE:
                raise _cannot_listen(listen, error) from error
        else:
            return world
    raise AssertionError("unreachable: port 0 is the last to be tried")


def _cannot_listen(listen: str, error: OSError) -> DeviceUnavailableError:
    # asyncio repeats the address in its text; a name that cannot be resolved has a negative number
    number = error.errno or 0
    cause = os.strerror(number) if number > 0 else error.strerror
    return DeviceUnavailableError("demo", f"cannot listen on {listen} ({cause}); give an address of this machine")


def _settings(world: World, script: Script, directory: Path) -> Settings:
    peers = world.addresses
    path = directory / "settings.toml"
    path.touch(mode=0o600)
    text = TEMPLATE.format(
        fuse=script.fuse,
        maximum=MAXIMUM,
        peers=peers,
        mqtt_host=local(peers.mqtt_host),
        publish_every=PUBLISH_EVERY,
    )
    path.write_text(text, encoding="utf-8")
    return load(path, {})


def _remember(world: World, settings: Settings, directory: Path) -> None:
    """Leave behind what a bridge that was here a moment ago would have: the play begins with a car at full speed."""
    state_file = StateFile(directory, settings.installation(), Clocks(clock.now, time.time))
    state_file.save(Memory(thermal=world.physics.fuse.theta, controls=None, limit=MAXIMUM))
