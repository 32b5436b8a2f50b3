"""Two devices behind one face: the simulated one, and ESPHome's own firmware as a process."""

import asyncio
import contextlib
import math
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aioesphomeapi.client import APIClient
from aioesphomeapi.core import APIConnectionError

from bridge.simulator.esphome_device import EsphomeDevice
from bridge.simulator.variants import CLASSIC, burst_values

if TYPE_CHECKING:
    from aioesphomeapi.model import UserService

BINARY = Path(__file__).parents[2] / ".venv-esphome" / "slimmelezer"
BOUND = 20.0
WATTS, VOLTS = (1210.0, -690.0, 0.0), (230.1, 231.0, 229.4)


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
