"""The service as a process of its own, between a simulated meter, a simulated cloud and a fake systemd."""

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bridge.core.model import Installation, Memory
from bridge.core.phases import PerPhase
from bridge.runtime import clock
from bridge.runtime.state_file import Clocks, StateFile
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.latency import AT_ONCE
from bridge.simulator.variants import CLASSIC, burst_values

PASSWORD = "a secret that nobody may read"
TELEGRAM_EVERY = 0.25
LOOK_EVERY = 0.02
VOLTAGE = 230.0
CAR = 16.0
"""What the car takes on each phase where it is allowed to, A."""

SETTINGS = """
[mains]
fuse = 25
telegram_max_age = 2
[mains.slimmelezer]
host = "127.0.0.1"
port = {meter}
[charger]
max_current = 16
[charger.easee]
username = "owner@example.com"
password = "{password}"
api_url = "{api}"
stream_url = "{stream}"
[mqtt]
enabled = {has_mqtt}
host = "127.0.0.1"
port = {mqtt}
[log]
level = "debug"
"""


async def until(condition: Callable[[], object], within: float = 60.0) -> None:
    """Wait until a condition holds. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 another process does not set our events
            await asyncio.sleep(LOOK_EVERY)


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Systemd:
    """The receiving end of sd_notify."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    def count(self, line: str) -> int:
        self._receive()
        return self.lines.count(line)

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> None:
        while True:
            try:
                self.lines += self._socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return


class HomeRig:
    """A house whose car obeys at once, its meter and its cloud, and the bridge that governs them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.device = EsphomeDevice(CLASSIC.sensors)
        self.cloud = EaseeCloud(password=PASSWORD, latency=AT_ONCE)
        self.systemd = Systemd(directory / "notify")
        self.house_load = [2.0, 3.0, 4.0]
        self.log = ""
        self._process: asyncio.subprocess.Process | None = None
        self._living: asyncio.Task[None] | None = None

    async def live(self) -> None:
        """Start meter and cloud, and let the house live."""
        await self.device.start()
        await self.cloud.start()
        self.cloud.charger.plug_in()
        self._living = asyncio.create_task(self._live())

    def remember(self, limit: int) -> None:
        """Leave behind what a bridge before this one would have, so that nothing is raised slowly first."""
        house = Installation(fuse=25.0, maximum=16)
        file = StateFile(self.directory / "state", house, Clocks(clock.now, time.time))
        file.save(Memory(PerPhase.all(0.3), None, limit))

    async def start(
        self,
        *,
        mqtt_port: int | None = None,
        password: str = PASSWORD,
        options: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Start the bridge, with variables added to its environment."""
        settings = self.directory / "settings.toml"
        settings.touch(mode=0o600)
        settings.write_text(
            SETTINGS.format(
                meter=self.device.port or closed_port(),
                password=password,
                api=self.cloud.api_url if self.cloud.port else f"http://127.0.0.1:{closed_port()}",
                stream=self.cloud.stream_url if self.cloud.port else f"http://127.0.0.1:{closed_port()}/hubs/chargers",
                has_mqtt="false" if mqtt_port is None else "true",
                mqtt=mqtt_port or 1883,
            )
        )
        environment = {
            "NOTIFY_SOCKET": str(self.systemd.path),
            "WATCHDOG_USEC": "3000000",
            "STATE_DIRECTORY": str(self.directory / "state"),
            "HOME": str(self.directory),
            **(environ or {}),
        }
        with (self.directory / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bridge", "run", "--config", str(settings), *options),
                env=environment,
                stderr=log,
            )

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    @property
    def log_so_far(self) -> str:
        return (self.directory / "log").read_text()

    async def ended(self, within: float = 60.0) -> int:
        """Wait for the bridge to end; its exit status."""
        async with asyncio.timeout(within):
            status = await self.process.wait()
        self.log = self.log_so_far
        return status

    async def stop(self) -> int:
        self.process.terminate()
        return await self.ended()

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._living is not None:
            self._living.cancel()
            await asyncio.gather(self._living, return_exceptions=True)
        await self.cloud.stop()
        await self.device.stop()
        self.systemd.close()

    @property
    def limits(self) -> list[int]:
        """The limits that the cloud has accepted, oldest first, A."""
        return [int(order.currents[0]) for order in self.cloud.orders]

    async def _live(self) -> None:
        while True:
            charger = self.cloud.charger
            charger.step(TELEGRAM_EVERY, PerPhase.all(min(charger.offer, CAR)))
            mains = [load + draw for load, draw in zip(self.house_load, charger.draw, strict=True)]
            metered = [float(int(current)) for current in mains]
            powers = [current * VOLTAGE for current in mains]
            self.device.publish(burst_values(CLASSIC, metered, powers, [VOLTAGE] * 3))
            await asyncio.sleep(TELEGRAM_EVERY)
