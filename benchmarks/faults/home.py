"""A house with a car that charges, its peers, and the service as systemd would run it."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.faults.house import Lever, Watch, script
from benchmarks.faults.mosquitto import Mosquitto  # noqa: TC001 as all others
from benchmarks.faults.systemd import NOT_RESTARTED, RESTART_AFTER, Systemd
from benchmarks.faults.telegrams import Telegrams
from benchmarks.faults.wire import FrozenWire, Wire, closed_port
from benchmarks.faults.witness import Witness
from bridge.core.phases import PerPhase, Phase
from bridge.simulator.timeline import Timeline
from bridge.simulator.world import World

LOOK_EVERY = 0.2
KNOB = 15
"""What the owner has turned the charger maximum to, A: it has to survive everything."""
FUSE = 25.0
SURGE = 3300.0
"""W on L2: the oven that comes on while something is broken. With the car at 15 A it is some 6 A over the fuse."""
MQTT_PASSWORD = "the broker's own secret 1f0c"  # noqa: S105 opens nothing but the simulator
SETTINGS = """\
[mains]
fuse = 25
{mains}
[mains.slimmelezer]
host = "{meter_host}"
port = {meter_port}
encryption_key = "{key}"
[charger]
max_current = 16
{charger}
[charger.easee]
username = "{username}"
password = "{password}"
api_url = "{api}"
stream_url = "{stream}"
{easee}
[mqtt]
host = "{broker_host}"
port = {broker_port}
username = "bridge"
password = "{mqtt_password}"
[log]
level = "debug"
"""


@dataclass
class Plan:
    """How a home is laid out, where it is not the usual."""

    speed: float = 10.0
    host: str = "127.0.0.1"
    key: str = ""
    """Of the meter's API."""
    is_frozen_wire: bool = False
    has_stepping_clock: bool = False
    """Under libfaketime, for `home.set_clock`."""
    absent: tuple[str, ...] = ()
    """Of meter, cloud and broker: what cannot be reached until `home.arrive`."""
    names: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    state_directory: str | None = None
    mains: str = ""
    charger: str = ""
    easee: str = ""
    """Further lines of these sections of settings.toml."""
    prepare: Callable[["Home"], None] = lambda _: None
    """Called before anything is started."""


class Home:
    """All of it, for one row of the matrix."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        loop = asyncio.get_running_loop()
        self.directory = directory
        self.plan = plan
        self.lever = Lever(Phase.L2)
        self.others = tuple(Lever(phase) for phase in Phase)
        """What hangs on each phase besides: another charger, say."""
        self.world = World(
            script(self.lever, *self.others), timeline=Timeline(monotonic=loop.time), encryption_key=plan.key or None
        )
        self.telegrams = Telegrams(self.world)
        self.watch = Watch(self.world, FUSE)
        self.meter: Wire | FrozenWire = Wire(plan.host, 0)
        self.mosquitto: Mosquitto | None = None
        """The broker, where it is not the embedded one."""
        self.cloud = Wire(plan.host, 0)
        self.broker = Wire(plan.host, 0)
        self.witness = Witness(self.now, directory / "mqtt")
        self.systemd = Systemd(directory / "notify", self.now)
        self.starts = 0
        self.is_supervised = True
        """Whether an end is followed by a new start, as the unit says."""
        self.status: int | None = None
        """Exit status of the service that ended last."""
        self._process: asyncio.subprocess.Process | None = None
        self._origin = time.clock_gettime(time.CLOCK_BOOTTIME)
        self._tasks: list[asyncio.Task[None]] = []
        self._switches = {"dns": True, "slept": 0.0}
        self.executed: list[float] = []
        """When the charger followed an order of anybody."""
        self.settings_maximum = 16
        """What settings.toml allows, A."""
        self.full_from = 13.0
        """A on every phase: the car takes what the knob allows, less its own share."""
        self.first_clock = "+0"
        """Time of day at the start, as for `set_clock`."""
        self.remembered = ""
        """What a row has to give back when it mends."""
        self.world.cloud.accounts.username = "owner-4711@example.com"
        self.world.cloud.accounts.password = "only the owner knows 81c2"  # noqa: S105 opens nothing but the simulator
        self._overhear()
        plan.prepare(self)

    def now(self) -> float:
        """Simulated seconds since the home was made."""
        return self.world.timeline.now

    async def until(self, condition: Callable[[], object], within: float, what: str) -> float:
        """Wait until it holds; returns when it did. Raises AssertionError naming what was waited for."""
        end = self.now() + within
        while not condition():
            if self.now() > end:
                raise AssertionError(f"not within {within:g} s: {what}")
            await asyncio.sleep(LOOK_EVERY)
        return self.now()

    # --- life ----------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start peers, service and witness."""
        for peer in (self.world.device, self.world.cloud, self.world.broker):
            peer.host = self.plan.host
        await self.world.start()
        if self.mosquitto is not None:
            await self.mosquitto.start()
        await self._lay_wires()
        self._tasks = [
            asyncio.create_task(self.witness.run()),
            asyncio.create_task(self.systemd.run()),
            asyncio.create_task(self._supervise()),
        ]

    async def arrive(self) -> None:
        """Peers that were absent can be reached."""
        for name in self.plan.absent:
            await self._wires[name].start()

    async def close(self) -> None:
        self.is_supervised = False
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wire in (self.meter, self.cloud, self.broker):
            await wire.stop()
        if self.mosquitto is not None:
            await self.mosquitto.stop()
        await self.world.stop()
        self.witness.close()
        self.systemd.close()

    @property
    def _wires(self) -> dict[str, Wire | FrozenWire]:
        return {"meter": self.meter, "cloud": self.cloud, "broker": self.broker}

    async def _lay_wires(self) -> None:
        host, world = self.plan.host, self.world
        if self.plan.is_frozen_wire:
            self.meter = FrozenWire(host, 0)
        broker = self.mosquitto.port if self.mosquitto else world.broker.port
        for (name, wire), far in zip(self._wires.items(), (world.device.port, world.cloud.port, broker), strict=True):
            wire.far = far
            if name in self.plan.absent:
                wire.port = closed_port()
            else:
                await wire.start()
        self.witness.host, self.witness.port = host, broker

    def _overhear(self) -> None:
        charger = self.world.cloud.charger
        follow = charger.set_dynamic_current

        def set_dynamic_current(*args: Any) -> None:
            self.executed.append(self.now())
            follow(*args)

        charger.set_dynamic_current = set_dynamic_current  # type: ignore[method-assign, assignment]

    def write(self, currents: PerPhase) -> None:
        """Somebody else orders a limit for the circuit, A on P1 to P3."""
        self.world.cloud.write_dynamic_current(currents)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside the play, until the home is closed."""
        self._tasks.append(asyncio.create_task(work))

    # --- the service ---------------------------------------------------------------------------------

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    @property
    def log(self) -> list[str]:
        """All lines written so far, over all starts."""
        path = self.directory / "log"
        return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []

    async def stop(self) -> int:
        """Stop it as systemd does, for good."""
        self.is_supervised = False
        self.process.terminate()
        return await self.process.wait()

    def again(self) -> None:
        """Start it once more, and go on as systemd would."""
        self.is_supervised = True
        self._tasks.append(asyncio.create_task(self._supervise()))

    def switch(self, **changes: Any) -> None:
        """Tell the service's machine what to do: see benchmarks.faults.service."""
        import signal  # noqa: PLC0415 one use

        self._switches |= changes
        (self.directory / "switches").write_text(json.dumps(self._switches), encoding="utf-8")
        self.process.send_signal(signal.SIGUSR1)

    def set_clock(self, step: str) -> None:
        """Step the time of day of the service's machine, as libfaketime writes it: "+1h", "-365d", "+0"."""
        (self.directory / "clock").write_text(f"{step}\n", encoding="utf-8")

    async def _supervise(self) -> None:
        while True:
            await self._start()
            ended = asyncio.create_task(self.process.wait())
            while not ended.done():
                await asyncio.wait({ended}, timeout=LOOK_EVERY)
                if self.systemd.is_overdue:
                    with suppress(ProcessLookupError):
                        self.process.send_signal(6)  # SIGABRT, as the watchdog does
                    self.systemd.forget()
            self.status = ended.result()
            if not self.is_supervised or self.status == 0 or self.status in NOT_RESTARTED:
                return
            await asyncio.sleep(RESTART_AFTER)

    async def _start(self) -> None:
        settings = self.directory / "settings.toml"
        settings.touch(mode=0o600)
        settings.write_text(self._settings(), encoding="utf-8")
        self.systemd.forget()
        with (self.directory / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.faults.service", "run"), env=self._environment(), stderr=log
            )
        self.starts += 1

    def _settings(self) -> str:
        plan = self.plan
        names = list(plan.names) or [plan.host]
        name, in_url = names[0], f"[{names[-1]}]" if ":" in names[-1] else names[-1]
        api = f"http://{in_url}:{self.cloud.port}"
        return SETTINGS.format(
            mains=plan.mains,
            charger=plan.charger,
            easee=plan.easee,
            meter_host=name,
            meter_port=self.meter.port,
            key=plan.key,
            username=self.world.cloud.accounts.username,
            password=self.world.cloud.accounts.password,
            api=api,
            stream=f"{api}/hubs/chargers",
            broker_host=name,
            broker_port=self.broker.port,
            mqtt_password=MQTT_PASSWORD,
        )

    def _environment(self) -> dict[str, str]:
        faults = {
            "speed": self.plan.speed,
            "origin": self._origin,
            "names": self.plan.names,
            "switches": str(self.directory / "switches"),
        }
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "HOME": str(self.directory),
            "TZ": "UTC",
            "CREDENTIALS_DIRECTORY": str(self.directory),
            "NOTIFY_SOCKET": str(self.systemd.path),
            "WATCHDOG_USEC": "30000000",
            "STATE_DIRECTORY": self.plan.state_directory or str(self.directory / "state"),
            "FAULTS": json.dumps(faults),
            **(self._stepping_clock() if self.plan.has_stepping_clock else {}),
            **self.plan.environment,
        }

    def _stepping_clock(self) -> dict[str, str]:
        if not (self.directory / "clock").exists():
            self.set_clock(self.first_clock)
        return {
            "LD_PRELOAD": next(str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")),
            "FAKETIME_TIMESTAMP_FILE": str(self.directory / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@asynccontextmanager
async def lived_in(directory: Path, plan: Plan) -> AsyncIterator[Home]:
    """Open a home and close it whatever happens."""
    home = Home(directory, plan)
    try:
        await home.open()
        yield home
    finally:
        await home.close()
