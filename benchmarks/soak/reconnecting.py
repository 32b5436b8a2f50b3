"""The service as a process of its own: its three connections are cut, over and over again."""

import asyncio
import re
import tempfile
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.faults.fast import FastLoop
from benchmarks.faults.home import Home, Plan, lived_in
from benchmarks.faults.playing import charging
from benchmarks.faults.wire import Wire

SPEED = 20.0
EVERY = 20.0
"""s between two cuts, in fast time."""


@dataclass(frozen=True)
class Look:
    """The process after so many cuts."""

    cuts: int
    resident: float
    """MB."""
    descriptors: int
    threads: int
    lines: int
    """Of the log from INFO on, since the start."""


def run(cuts: int) -> list[Look]:
    """Cut meter, cloud and broker in turn; a look at the start and after each sixth of the cuts."""
    with (
        tempfile.TemporaryDirectory(prefix="ev-load-bridge-soak-") as name,
        asyncio.Runner(loop_factory=lambda: FastLoop(SPEED)) as runner,
    ):
        return runner.run(_cut(cuts, Path(name)))


async def _cut(cuts: int, directory: Path) -> list[Look]:
    async with lived_in(directory, Plan(speed=SPEED)) as home:
        await charging(home)
        looks = [_look(home, 0)]
        wires = cycle((home.meter, home.cloud, home.broker))
        for number in range(1, cuts + 1):
            wire = next(wires)
            assert isinstance(wire, Wire)  # noqa: S101 the usual plan
            wire.cut()
            await asyncio.sleep(EVERY)
            if number % (cuts // 6) == 0:
                looks.append(_look(home, number))
        if home.starts != 1:
            raise RuntimeError("the service did not survive it in one piece")
        await charging(home)
        return looks


def _look(home: Home, cuts: int) -> Look:
    status = Path(f"/proc/{home.process.pid}/status").read_text(encoding="ascii")
    told = {name: int(value) for name, value in re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE)}
    return Look(
        cuts=cuts,
        resident=told["VmRSS"] / 1024,
        descriptors=sum(1 for _ in Path(f"/proc/{home.process.pid}/fd").iterdir()),
        threads=told["Threads"],
        lines=sum(" DEBUG " not in line for line in home.log),
    )
