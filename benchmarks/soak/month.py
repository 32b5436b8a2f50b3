"""A month in virtual time: the real engine, runtime and mirror, with failing parts around them."""

import asyncio
import gc
import io
import logging
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.house import Broker, Charger, House, Meter
from benchmarks.soak.leap import LeapLoop
from bridge.core.engine import Engine
from bridge.core.model import Installation, Link
from bridge.mirror import client
from bridge.mirror.client import MqttMirror
from bridge.mirror.options import MqttOptions
from bridge.runtime import control_loop, logs
from bridge.runtime.control_loop import ControlLoop
from bridge.runtime.delivery import Delivery
from bridge.runtime.log_quota import Quota
from bridge.runtime.saving import Saving
from bridge.runtime.state_file import Clocks, StateFile
from bridge.runtime.supervisor import keep_running
from bridge.runtime.transitions import TransitionLog

DAY = 86400.0
SEED = 4


@dataclass(frozen=True)
class Sample:
    """At the end of a day."""

    day: int
    resident: float
    """MB."""
    objects: int
    tasks: int
    descriptors: int
    lines: int
    """Of the log, since the start."""
    log_bytes: int
    messages: int
    """On MQTT, since the start."""
    state_bytes: int
    orders: int


class Lines(io.StringIO):
    """A log that is counted and thrown away."""

    lines = volume = 0

    def write(self, text: str, /) -> int:
        self.lines += text.count("\n")
        self.volume += len(text)
        return len(text)


def run(days: int, period: float) -> list[Sample]:
    """Live so many days with a telegram and a decision every `period` s; a sample at the end of each."""
    control_loop.DECIDE_EVERY = period
    log = Lines()
    loop = LeapLoop()
    logs.set_up("info", {}, log)
    _in_virtual_time(loop)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        return loop.run_until_complete(_live(House(SEED, period), days, log, Path(name)))


def _in_virtual_time(loop: LeapLoop) -> None:
    """Let the log's quota go by the same time."""
    for handler in logging.getLogger().handlers:
        for old in [each for each in handler.filters if isinstance(each, Quota)]:
            handler.removeFilter(old)
            handler.addFilter(Quota(loop.time))


async def _live(house: House, days: int, log: Lines, directory: Path) -> list[Sample]:
    loop, installation = asyncio.get_running_loop(), Installation(fuse=25.0, maximum=16)
    meter, charger, broker = Meter(house), Charger(house), Broker(house)
    client.connected = broker.connected()  # type: ignore[assignment, attr-defined]
    mirror = MqttMirror(MqttOptions("broker"), installation, loop.time, "soak")
    engine = Engine(installation, loop.time(), None)
    state_file = StateFile(directory, installation, Clocks(loop.time, loop.time))
    saving = Saving(lambda: engine.memory(loop.time()), state_file.save)
    control = ControlLoop(engine, loop.time, [TransitionLog().show, saving.show, mirror.show])
    delivery = Delivery(charger, control.orders, control.tell)
    parts = (
        control.steer(),
        delivery.carry(),
        keep_running(Link.METER, meter.follow, control.tell),
        keep_running(Link.CHARGER, charger.follow, control.tell),
        keep_running(Link.MQTT, mirror.run, control.tell),
        saving.run(),
    )
    tasks = [asyncio.create_task(part) for part in parts]
    samples = []
    for day in range(1, days + 1):
        await asyncio.sleep(DAY)
        for task in tasks:
            if task.done():
                task.result()
        samples.append(_sample(day, log, broker, directory, engine))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return samples


def _sample(day: int, log: Lines, broker: Broker, directory: Path, engine: Engine) -> Sample:
    gc.collect()
    resident = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return Sample(
        day=day,
        resident=int(resident[1]) / 1024 if resident else 0.0,
        objects=len(gc.get_objects()),
        tasks=len(asyncio.all_tasks()),
        descriptors=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        lines=log.lines,
        log_bytes=log.volume,
        messages=broker.messages,
        state_bytes=(directory / "state.json").stat().st_size,
        orders=engine._dispatch.number,  # noqa: SLF001 counted nowhere else over a month
    )
