"""Draws the picture of docs/how-it-decides.md: an hour of an evening, played in the closed loop.

In the checkout: `.venv/bin/python -m scripts.evening_picture [FILE]`, by default docs/how-it-decides.svg. The house is
made up below, the cloud has a tail and losses, the seed is fixed: the same hour each time. Prints what happened when.
"""  # noqa: INP001 a script, not a package

import random
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bridge.core.model import Reason
from bridge.core.phases import Phase
from bridge.core.thermal import ACT_AT
from bridge.simulator.appliances import ALL_PHASES, Appliance, base_load, scripted
from bridge.simulator.closed_loop.bridge import Bridge
from bridge.simulator.closed_loop.controller import Order, Site
from bridge.simulator.closed_loop.figures import mains, ordered
from bridge.simulator.closed_loop.plant import HARD, Course, House, Plant, run
from bridge.simulator.closed_loop.plot import (
    OVER,
    PHASE_COLOURS,
    SECONDS,
    Hour,
    corners,
    draw_limit,
    draw_mains,
    dress,
    explain,
    write,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SEED: Final = 5
FUSE, MAXIMUM = 25.0, 16
BEGINS: Final = 18 * 3600
"""Second of the day."""
BEFORE: Final = 300
"""s that are played and not drawn: the bridge has seen the house for a while."""
VOLTS: Final = 230.0
PICTURE: Final = Path(__file__).resolve().parent.parent / "docs" / "how-it-decides.svg"
OVEN: Final = [
    (BEFORE + 300, 480, 2900.0),
    *((BEFORE + 840 + 100 * turn, 40, 2900.0) for turn in range(12)),
]
"""Heats up for eight minutes, then a thermostat keeps it warm."""


class Evening(NamedTuple):
    """What was played."""

    house: House
    course: Course
    limit: Sequence[int]
    reasons: Sequence[Reason]
    thermal: Sequence[tuple[float, float, float]]
    """Share of what the fuse bears on L1 to L3, as the bridge reckons it."""


def appliances(seed: int) -> list[Appliance]:
    rng = random.Random(seed)  # noqa: S311 loads, not secrets
    return [
        *(base_load(rng, phase) for phase in Phase),
        scripted("oven", (Phase.L2,), OVEN),
        scripted("coffee machine", (Phase.L2,), [(BEFORE + 620, 55, 1250.0)]),
        scripted("hob", (Phase.L1,), [(BEFORE + 1500, 400, 2000.0)]),
        scripted("heat pump", ALL_PHASES, [(BEFORE + 1980, 1100, 3000.0)], power_factor=0.88),
        scripted("dryer", (Phase.L2,), [(BEFORE + 2320, 700, 2200.0)]),
        scripted("kettle", (Phase.L2,), [(BEFORE + 2500, 190, 1900.0)]),
    ]


def house(seed: int, seconds: int) -> House:
    active = [[0.0, 0.0, 0.0] for _ in range(seconds)]
    reactive = [[0.0, 0.0, 0.0] for _ in range(seconds)]
    for each in appliances(seed):
        share = 1 / (VOLTS * len(each.phases))
        sideways = sqrt(1 - each.power_factor**2) / each.power_factor
        for second, watts in enumerate(_course(each, seconds)):
            for phase in each.phases:
                active[second][phase.place] += watts * share
                reactive[second][phase.place] += watts * share * sideways
    return House(active, reactive)


def _course(appliance: Appliance, seconds: int) -> Iterator[float]:
    until, watts = 0.0, 0.0
    for second in range(seconds):
        while second >= until:
            stage = next(appliance.stages)
            until, watts = until + stage.seconds, stage.watts
        yield watts


class Watched(Bridge):
    """Remembers each decision's reason and heat."""

    def watch(self) -> "Watched":
        self.reasons: list[Reason] = []
        self.thermal: list[tuple[float, float, float]] = []
        return self

    def decide(self, now: float) -> Order | None:
        order = super().decide(now)
        if self.decision is not None:
            l1, l2, l3 = (numbers.thermal_load for numbers in self.decision.numbers)
            self.reasons.append(self.decision.reason)
            self.thermal.append((l1, l2, l3))
        return order


def evening(seed: int = SEED) -> Evening:
    """Play it."""
    plant = Plant(cloud=HARD, maximum=MAXIMUM)
    home = house(seed, BEFORE + SECONDS)
    bridge = Watched(Site(FUSE, MAXIMUM, plant.wiring)).watch()
    course = run(home, plant, bridge, seed)
    return Evening(home, course, ordered(course, plant)[BEFORE:], bridge.reasons[BEFORE:], bridge.thermal[BEFORE:])


def hour(seen: Evening) -> Hour:
    return Hour(
        start=BEGINS,
        mains=mains(seen.house, seen.course.draw, BEFORE, BEFORE + SECONDS),
        fuse=FUSE,
        limit=seen.limit,
        draw=[max(row) for row in seen.course.draw[BEFORE:]],
        reasons=seen.reasons,
        title="An hour of an evening: fuse 25 A, a car of 3 × 16 A, a meter that tells whole amperes each second",
    )


def draw(figure: "Figure", seen: Evening) -> None:
    told = hour(seen)
    upper, middle, lower, foot = figure.subplots(4, 1, height_ratios=[3.0, 1.5, 2.0, 0.5])
    draw_mains(upper, told)
    _draw_thermal(middle, seen)
    draw_limit(lower, told)
    for axes in (upper, middle, lower):
        dress(axes, told)
    for axes in (upper, middle):
        axes.tick_params(labelbottom=False, bottom=False)
    upper.set_title(told.title, loc="left", fontsize=10)
    explain(foot, [told])


def _draw_thermal(axes: "Axes", seen: Evening) -> None:
    for phase in Phase:
        seconds, shares = corners([row[phase.place] * 100 for row in seen.thermal])
        axes.plot(seconds, shares, color=PHASE_COLOURS[phase], linewidth=1.1)
    axes.axhline(ACT_AT * 100, color=OVER, linewidth=1.0, linestyle=(0, (2, 2)))
    axes.set_ylim(0, 105)
    axes.set_ylabel("fuse heat [%]")


def tell(seen: Evening) -> Iterator[str]:
    """Say when which limit was ordered, and why."""
    start = 0
    for (limit, reason), run_of in groupby(zip(seen.limit, seen.reasons, strict=True)):
        yield f"{(BEGINS + start) // 3600:02}:{(BEGINS + start) % 3600 // 60:02}:{start % 60:02} {limit:>2} A {reason}"
        start += len(list(run_of))


if __name__ == "__main__":
    played = evening()
    sys.stdout.writelines(f"{line}\n" for line in tell(played))
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE, 6.4, lambda figure: draw(figure, played))
