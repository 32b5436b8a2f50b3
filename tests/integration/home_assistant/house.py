"""A lively house with the real service on a broker of your own, to be looked at in Home Assistant."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from evening import evening

from bridge.simulator.script import Script
from bridge.simulator.world import World

SETTINGS = """\
[mains]
fuse = 25

[mains.slimmelezer]
host = "{peers.meter_host}"
port = {peers.meter_port}

[charger]
max_current = 16
fallback_current = 6

[charger.easee]
username = "{peers.username}"
password = "{peers.password}"
charger = "{peers.serial}"
api_url = "{peers.api_url}"
stream_url = "{peers.stream_url}"

[balancing]
pace = "eager"

[mqtt]
host = "{host}"
port = {port}
"""
STOP = 15.0


class House:
    """The simulated peers, and the service as a process of its own."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world = world
        self._directory = directory
        self._service: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        log = (self._directory / "service.log").open("ab")
        command = (sys.executable, "-m", "bridge", "run", "--config", str(self._directory / "settings.toml"))
        env = {**os.environ, "STATE_DIRECTORY": str(self._directory)}
        self._service = await asyncio.create_subprocess_exec(*command, env=env, stdout=log, stderr=log)
        log.close()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        service, self._service = self._service, None
        if service is None or service.returncode is not None:
            return
        service.send_signal(how)
        try:
            await asyncio.wait_for(service.wait(), STOP)
        except TimeoutError:
            service.kill()
            await service.wait()

    def log(self) -> str:
        return (self._directory / "service.log").read_text(encoding="utf-8")


@asynccontextmanager
async def house(host: str, port: int, script: Script | None = None) -> AsyncIterator[House]:
    """Everything but the broker; the service is not started yet."""
    world = World(script)
    await world.start()
    try:
        with tempfile.TemporaryDirectory(prefix="ev-load-bridge-house-") as name:
            settings = Path(name) / "settings.toml"
            settings.touch(mode=0o600)
            settings.write_text(SETTINGS.format(peers=world.addresses, host=host, port=port), encoding="utf-8")
            home = House(world, Path(name))
            try:
                yield home
            finally:
                await home.stop()
    finally:
        await world.stop()


async def _live(host: str, port: int, seconds: float) -> None:
    async with house(host, port, evening()) as home:
        await home.start()
        await asyncio.sleep(seconds)
        await home.stop()
        sys.stdout.write(home.log())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float, nargs="?", default=600.0)
    given = parser.parse_args()
    asyncio.run(_live(given.host, given.port, given.seconds))
