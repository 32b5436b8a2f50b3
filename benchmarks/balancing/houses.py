"""Houses for the benchmark: families that differ in fuse and appliances, and in each as many houses as seeds.

All of a house follows from (family, seed). Figures per family, and what they are calibrated to, are in calibration.py.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from math import acos, tan

import numpy as np

from benchmarks.balancing.loads import (
    BATHING,
    COOKING,
    DRINKING,
    HEATING,
    NIGHT_TARIFF,
    WASHING,
    dishwasher,
    dryer,
    fridge,
    induction_ring,
    instant_heater,
    microwave,
    modulating_heat_pump,
    restless_base,
    rhythmic,
    sauna,
    small_tank,
)
from benchmarks.balancing.sky import Daylight, solar_under_clouds
from benchmarks.balancing.trace import DAY, Amperes, Trace
from bridge.core.phases import Phase
from bridge.simulator.appliances import (
    ALL_PHASES,
    HOUR,
    MINUTE,
    Appliance,
    boiler,
    heat_pump,
    hob,
    kettle,
    oven,
    washing_machine,
)

VOLTAGE = 230.0
DEVELOPMENT_SEEDS = range(1, 101)
"""For tuning and for tests."""
REPORT_SEEDS = range(1001, 1101)
"""For published figures only: nothing may be tuned on them, neither a controller nor a family."""


class Lots:
    """What is drawn for one house. Each thing has its own lots, so that a new one shifts none of the others."""

    def __init__(self, family: str, seed: int) -> None:
        self._house = f"{family}-{seed}"
        self.first, self.second, self.third = self.draw("phases").choice(tuple(permutations(Phase)))

    def draw(self, thing: str) -> random.Random:
        return random.Random(f"{self._house}-{thing}")  # noqa: S311 household habits, not secrets

    def has(self, thing: str, chance: float) -> bool:
        return self.draw(f"has {thing}").random() < chance

    def between(self, thing: str, low: float, high: float) -> float:
        return self.draw(f"how much {thing}").uniform(low, high)


Furnish = Callable[[Lots], Iterable[Appliance]]


@dataclass(frozen=True)
class Family:
    """Houses of one kind."""

    purpose: str
    fuse: float
    """A per phase."""
    furnish: Furnish
    phases: int = 3
    """1: everything is on L1."""


def house(family: str, seed: int, days: int = 1) -> Trace:
    """Build one house from midnight on. More days begin with the same first day."""
    kind = FAMILIES[family]
    appliances = kind.furnish(Lots(family, seed))
    if kind.phases == 1:
        appliances = [each._replace(phases=(Phase.L1,)) for each in appliances]
    return trace_of(f"{family} {seed}", appliances, days * DAY, kind.fuse, kind.phases)


def trace_of(name: str, appliances: Iterable[Appliance], seconds: int, fuse: float, phases: int = 3) -> Trace:
    """Add up so many seconds of these appliances. Stages end at the whole second next to their exact end."""
    active, reactive = np.zeros((seconds, 3)), np.zeros((seconds, 3))
    for appliance in appliances:
        share = _watts(appliance, seconds) / (VOLTAGE * len(appliance.phases))
        for phase in appliance.phases:
            active[:, phase.place] += share
            reactive[:, phase.place] += share * tan(acos(appliance.power_factor))
    # a libm that differs in the last digit must not make another house
    return Trace(name, active.round(4), reactive.round(4), fuse, phases)


def _watts(appliance: Appliance, seconds: int) -> Amperes:
    """Power of the whole appliance, W, a value a second."""
    ends, watts, now = [0.0], [], 0.0
    while now < seconds:
        stage = next(appliance.stages)
        now = min(now + stage.seconds, float(seconds))
        ends.append(now)
        watts.append(stage.watts)
    bounds = np.rint(ends).astype(np.int64)
    return np.repeat(np.array(watts), bounds[1:] - bounds[:-1])


def _living(lots: Lots, watts: tuple[float, float]) -> Iterator[Appliance]:
    for phase in Phase:
        yield restless_base(lots.draw(f"base {phase}"), phase, lots.between(f"base {phase}", *watts))
    yield fridge(lots.draw("fridge"), lots.first)
    if lots.has("freezer", 0.5):
        yield fridge(lots.draw("freezer"), lots.third)
    pause = lots.between("kettle", 1.5, 4) * HOUR
    yield rhythmic(kettle(lots.draw("kettle"), lots.first, pause), DRINKING)
    if lots.has("microwave", 0.8):
        yield rhythmic(microwave(lots.draw("microwave"), lots.second), COOKING)


def _washing(lots: Lots, pause: tuple[float, float]) -> Iterator[Appliance]:
    """Clothes and dishes, with the mean pause of each in h."""
    hours = lots.between("washing", *pause) * HOUR
    yield rhythmic(washing_machine(lots.draw("washing"), lots.third, hours), WASHING)
    if lots.has("dishwasher", 0.8):
        yield rhythmic(dishwasher(lots.draw("dishes"), lots.second, lots.between("dishes", 20, 36) * HOUR), WASHING)
    if lots.has("dryer", 0.5):
        yield rhythmic(dryer(lots.draw("dryer"), lots.first, 1.5 * hours), WASHING)


def _busy(lots: Lots) -> Iterator[Appliance]:
    yield from _living(lots, (230, 350))
    yield from _washing(lots, (12, 22))
    yield rhythmic(oven(lots.draw("oven"), lots.second, lots.between("oven", 2.5, 5) * HOUR), COOKING)
    for ring, phase in enumerate((lots.first, lots.second)):
        yield rhythmic(hob(lots.draw(f"ring {ring}"), phase, lots.between("rings", 1, 3) * HOUR), COOKING)
    yield rhythmic(small_tank(lots.draw("tank"), lots.third, lots.between("tank", 6, 10) * HOUR), NIGHT_TARIFF)
    yield rhythmic(heat_pump(lots.draw("heat"), lots.between("heat", 50, 90) * MINUTE), HEATING)


def _gas(lots: Lots) -> Iterator[Appliance]:
    yield from _living(lots, (100, 260))
    yield from _washing(lots, (16, 36))
    yield rhythmic(oven(lots.draw("oven"), lots.second, lots.between("oven", 8, 20) * HOUR), COOKING)


def _all_electric(lots: Lots) -> Iterator[Appliance]:
    yield from _living(lots, (150, 300))
    yield from _washing(lots, (16, 30))
    yield rhythmic(oven(lots.draw("oven"), lots.second, lots.between("oven", 6, 12) * HOUR), COOKING)
    for ring, phase in enumerate((lots.first, lots.first, lots.second)):
        pause = lots.between("rings", 5, 9) * HOUR
        yield rhythmic(induction_ring(lots.draw(f"ring {ring}"), phase, pause), COOKING)
    yield rhythmic(boiler(lots.draw("boiler"), lots.third, lots.between("boiler", 10, 16) * HOUR), NIGHT_TARIFF)
    heat = modulating_heat_pump(lots.draw("heat"), lots.between("heat", 2500, 5000))
    yield rhythmic(heat, HEATING)
    if lots.has("sauna", 0.25):
        yield rhythmic(sauna(lots.draw("sauna"), lots.between("sauna", 6000, 9000)), BATHING)


def _solar(lots: Lots) -> Iterator[Appliance]:
    yield from (_busy if lots.has("old heating", 0.5) else _all_electric)(lots)
    is_small = lots.has("small inverter", 0.3)
    peak = lots.between("peak", 2000, 3600) if is_small else lots.between("peak", 4500, 10000)
    noon = lots.between("noon", 12.2, 13.7)
    half = lots.between("daylight", 4.5, 8)
    daylight = Daylight((noon - half) * HOUR, (noon + half) * HOUR)
    yield solar_under_clouds(lots.draw("sky"), peak, (lots.third,) if is_small else ALL_PHASES, daylight)


def _small(lots: Lots) -> Iterator[Appliance]:
    yield from _living(lots, (60, 180))
    yield from _washing(lots, (24, 48))
    if lots.has("oven", 0.7):
        yield rhythmic(oven(lots.draw("oven"), lots.second, lots.between("oven", 10, 24) * HOUR), COOKING)


def _large(lots: Lots) -> Iterator[Appliance]:
    yield from _all_electric(lots)
    yield rhythmic(sauna(lots.draw("spa"), lots.between("spa", 9000, 12000), 24 * HOUR), BATHING)
    if lots.has("instant heater", 0.7):
        heater = instant_heater(lots.draw("tap"), lots.between("tap", 11000, 15000), lots.between("taps", 4, 8) * HOUR)
        yield rhythmic(heater, BATHING)
    yield rhythmic(heat_pump(lots.draw("pool"), lots.between("pool", 40, 90) * MINUTE), WASHING)


def _one_phase(lots: Lots) -> Iterator[Appliance]:
    yield from _gas(lots)
    if lots.has("boiler", 0.5):
        yield rhythmic(boiler(lots.draw("boiler"), lots.third, lots.between("boiler", 12, 18) * HOUR), NIGHT_TARIFF)
    if lots.has("hybrid heat pump", 0.4):
        yield rhythmic(modulating_heat_pump(lots.draw("heat"), lots.between("heat", 1200, 2500)), HEATING)


FAMILIES = {
    "busy": Family("the hard one: cooks, washes and heats all day, with a heat pump that starts hard", 25.0, _busy),
    "gas": Family("gas for heating and hob: kettle, oven, washer, dishwasher", 25.0, _gas),
    "all-electric": Family(
        "modulating heat pump, boiler, induction hob, oven, dryer, perhaps a sauna", 25.0, _all_electric
    ),
    "solar": Family("busy or all-electric, with panels under clouds on one phase or three", 25.0, _solar),
    "small": Family("a flat or terraced house on a small fuse", 16.0, _small),
    "large": Family("all-electric with sauna, pool and perhaps instant hot water", 35.0, _large),
    "one-phase": Family("everything on L1, with gas for heating and hob", 40.0, _one_phase, phases=1),
}
