"""The same hour of the same house under each controller."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from benchmarks.balancing.contestants import build
from benchmarks.balancing.judge import judge
from benchmarks.balancing.running import Job
from benchmarks.balancing.scenarios import Scenario
from bridge.simulator.closed_loop.bridge import Bridge
from bridge.simulator.closed_loop.controller import Controller, Order, Report, Telegram
from bridge.simulator.closed_loop.figures import mains, ordered
from bridge.simulator.closed_loop.plant import run
from bridge.simulator.closed_loop.plot import SECONDS, Hour, telling_hour

if TYPE_CHECKING:
    from bridge.core.model import Reason

GRAIN = 0.6
"""A of flicker that is left out, so that the files stay small; never where it crosses the fuse."""


class _Watched:
    """Passes everything on, and remembers why the bridge did what it did."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.reasons: list[Reason] = []

    def told(self, telegram: Telegram, now: float) -> None:
        self._controller.told(telegram, now)

    def reported(self, report: Report, now: float) -> None:
        self._controller.reported(report, now)

    def answered(self, now: float, *, is_taken: bool) -> None:
        self._controller.answered(now, is_taken=is_taken)

    def decide(self, now: float) -> Order | None:
        order = self._controller.decide(now)
        if isinstance(self._controller, Bridge) and self._controller.decision is not None:
            self.reasons.append(self._controller.decision.reason)
        return order


def begin(scenario: Scenario) -> int:
    """Second at which the hour begins in which most happens, whoever steers."""
    trace, plant = scenario.load().trace, scenario.plant
    return telling_hour(trace.house_load[:, list(plant.used)].tolist(), trace.fuse, plant.maximum)


def draw(job: Job) -> Hour:
    """Run the whole day, and return its hour."""
    scenario, plant = job.scenario, job.scenario.plant
    trace, rows = scenario.load()
    watched = _Watched(build(job.contestant, plant, trace.fuse))
    course = run(rows, plant, watched, scenario.luck)
    figures, first = judge(trace, plant, course), begin(scenario)
    part = slice(first, first + SECONDS)
    shown = mains(rows, course.draw, first, first + SECONDS)
    return Hour(
        start=first,
        mains=list(zip(*(_calm(phase, trace.fuse) for phase in zip(*shown, strict=True)), strict=True)),
        fuse=trace.fuse,
        limit=ordered(course, plant)[part],
        draw=[max(row) for row in course.draw[part]],
        reasons=watched.reasons[part] or None,
        title=(
            f"{job.contestant}\n"
            f"whole day: {figures.energy:.1f} % energy, {figures.overload:.0f} A·s/h over the fuse, "
            f"{figures.set_points:.1f} set-points/h"
        ),
    )


def _calm(values: Sequence[float], fuse: float) -> Iterator[float]:
    """Hold each value until it changes by the grain or crosses the fuse, A."""
    held = values[0]
    for value in values:
        if abs(value - held) >= GRAIN or (value > fuse) != (held > fuse):
            held = value
        yield held
