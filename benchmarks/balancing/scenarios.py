"""What is run: houses, cars, meters and clouds. A scenario is one day, and small enough to go to another process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.balancing.houses import DEVELOPMENT_SEEDS, FAMILIES, REPORT_SEEDS, house
from benchmarks.balancing.recordings import recording
from benchmarks.balancing.trace import DAY, Trace
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.plant import HARD, Plant
from bridge.simulator.closed_loop.plant import House as Rows
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5, EXACT

PLAIN, SLOW, REAL = "plain", "plain, 10 s", "hard"
SEEDS: Final = {"report": REPORT_SEEDS, "development": DEVELOPMENT_SEEDS}
PLAIN_HOUSES = 60
"""So many of the seeds are for the plain plant, the others for the hard one."""
ALIKE = CarModel(resume=(12.0, 12.0), stagger=0.0, share=1.0)
"""The car of the field's first comparison."""
PLANT = Plant(meter=EXACT, car=ALIKE)
METERS: Final = {"DSMR 5": DSMR_5, "DSMR 4": DSMR_4, "Belgian": BELGIAN}
QUICK_FAMILIES = ("busy", "all-electric", "solar", "one-phase")


class Choice(NamedTuple):
    """A car behind its charger, on the hard plant."""

    name: str
    plant: Plant


def _hard(name: str, car: CarModel, wiring: tuple[int, ...] = (0, 1, 2), maximum: int = 16) -> Choice:
    return Choice(name, Plant(DSMR_5, HARD, car, wiring, maximum))


TURNED = (1, 2, 0)
ORDINARY = _hard("3 × 16 A", CarModel())
ONE = _hard("1 × 16 A", CarModel(phases=1))
TURNED_THREE = _hard("3 × 16 A, rotated", CarModel(), TURNED)
TURNED_ONE = _hard("1 × 16 A, rotated", CarModel(phases=1), TURNED)
MODEST = _hard("3 × 10 A", CarModel(maximum=10.0))
FILLING = _hard("3 × 16 A, 60 kWh", CarModel(wants=60.0, tapers_below=15.0))
STARTS_LATE = _hard("3 × 16 A, 5 min at 6 A", CarModel(resume_at_minimum=300.0))
STRONG = _hard("3 × 32 A", CarModel(maximum=32.0), maximum=32)
SINGLE = (
    _hard("1 × 32 A", CarModel(phases=1, maximum=32.0), (0,), 32),
    _hard("1 × 16 A", CarModel(phases=1), (0,)),
    _hard("1 × 10 A of 32 A", CarModel(phases=1, maximum=10.0), (0,), 32),
)
CORE = ("busy", "all-electric", "solar")
"""With an ordinary car, two houses each, these are run with every meter."""
DESIGN: Final[dict[str, tuple[Choice, ...]]] = {
    "busy": (ORDINARY, ORDINARY, ONE, MODEST, FILLING),
    "gas": (ORDINARY, TURNED_THREE, STARTS_LATE),
    "all-electric": (ORDINARY, ORDINARY, TURNED_ONE, STARTS_LATE, FILLING),
    "solar": (ORDINARY, ORDINARY, ONE, TURNED_THREE, FILLING),
    "small": (ORDINARY, MODEST, STARTS_LATE),
    "large": (STRONG, ORDINARY, TURNED_ONE),
    "one-phase": SINGLE,
}
"""Every family with the cars that one may meet there, and every car somewhere: no full product. A day each."""


@dataclass(frozen=True)
class Scenario:
    """One day of one house on one plant."""

    group: str
    family: str
    """Or the name of a recording."""
    seed: int
    """Of house, cloud and car."""
    plant: Plant
    car: str
    meter: str
    day: int = 0
    csv: Path | None = None
    csv_fuse: float = 0.0
    """A; that of a family is its own."""

    @property
    def house(self) -> str:
        """Name of the day: what two plants may have in common."""
        day = f", day {self.day + 1}" if self.day else ""
        return f"{self.family}{day}" if self.csv else f"{self.family} {self.seed}{day}"

    @property
    def title(self) -> str:
        return f"{self.group}: {self.house}, {self.car}, {self.meter}"

    @property
    def luck(self) -> int:
        """Seed of cloud and car."""
        return self.seed + 1_000_003 * self.day

    def load(self) -> "Loaded":
        """Build the house, or take one of the last: runs of one house come in a row."""
        return _load(self.family, self.seed, self.day, self.csv, self.csv_fuse)


class Loaded(NamedTuple):
    """One house for the judge and for the plant."""

    trace: Trace
    rows: Rows


@lru_cache(maxsize=2)
def _load(family: str, seed: int, day: int, csv: Path | None, fuse: float) -> Loaded:
    whole = recording(csv, fuse) if csv else house(family, seed, day + 1)
    trace = whole.part(day * DAY, DAY)
    return Loaded(trace, trace.house)


def plain(seeds: Sequence[int], days: int) -> list[Scenario]:
    """Busy houses with exact meters; a day each as long as there are houses, then their next days."""
    places = [divmod(number, PLAIN_HOUSES) for number in range(days)]
    return [Scenario(PLAIN, "busy", seeds[place], PLANT, "3 × 16 A", "exact", day) for day, place in places]


def slow(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return the same with a telegram every 10 s."""
    plant = replace(PLANT, meter=EXACT._replace(period=10.0))
    return [replace(each, group=SLOW, plant=plant, meter="exact, 10 s") for each in scenarios]


def hard(seeds: Sequence[int]) -> list[Scenario]:
    """Return the design with DSMR 5, on houses that the plain plant does not have."""
    numbers = iter(seeds[PLAIN_HOUSES:])
    return [
        Scenario(REAL, family, next(numbers), choice.plant, choice.name, "DSMR 5")
        for family, choices in DESIGN.items()
        for choice in choices
    ]


def is_core(scenario: Scenario) -> bool:
    return scenario.group == REAL and scenario.family in CORE and scenario.car == ORDINARY.name


def other_meters(scenarios: Sequence[Scenario]) -> Iterator[Scenario]:
    """Yield the core of them with each of the other meters."""
    for scenario in filter(is_core, scenarios):
        for name, meter in METERS.items():
            if name != scenario.meter:
                yield replace(scenario, plant=replace(scenario.plant, meter=meter), meter=name)


def quick(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """One house of each of four families."""
    return [next(each for each in scenarios if each.family == family) for family in QUICK_FAMILIES]


def recorded(csv: Path, fuse: float) -> list[Scenario]:
    """Return the days of a recording behind a fuse (A), on both plants. Raises RecordingError."""
    whole = recording(csv, fuse)
    choice = SINGLE[0] if whole.phases == 1 else ORDINARY
    car = replace(ALIKE, phases=whole.phases, maximum=choice.plant.car.maximum)
    exact = replace(choice.plant, meter=EXACT, cloud=PLANT.cloud, car=car)
    return [
        Scenario(group, csv.stem, 1, plant, choice.name, meter, day, csv, fuse)
        for group, plant, meter in ((PLAIN, exact, "exact"), (REAL, choice.plant, "DSMR 5"))
        for day in range(ceil(len(whole) / DAY))
    ]


def fuse_of(family: str) -> str:
    """`3 × 25 A` and the like."""
    return f"{FAMILIES[family].phases} × {FAMILIES[family].fuse:g} A"
