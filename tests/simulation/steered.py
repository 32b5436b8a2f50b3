"""Whole evenings in closed loop for Hypothesis: drawn houses, a plant that keeps its word, faults on demand."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from bridge.core.model import Decision, Installation, Link, LinkReport, SetCircuitLimit
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.bridge import Bridge
from bridge.simulator.closed_loop.controller import Order, Site, Telegram
from bridge.simulator.closed_loop.plant import Cloud, Course, House, Plant, run
from bridge.simulator.meter import EXACT

HOME = Installation(fuse=25.0, maximum=16)
CAR = CarModel(resume=(12.0, 12.0), stagger=0.0, share=1.0)
PLANT = Plant(meter=EXACT, car=CAR)
OUTAGES = replace(PLANT, cloud=Cloud(outages_per_day=72.0))
SECONDS = 2400

load = st.tuples(
    st.integers(0, SECONDS - 60),  # begins
    st.integers(5, 900),  # lasts
    st.floats(1.0, 14.0),  # A
    st.integers(0, 2),  # phase
    st.sampled_from([0, 0, 18, 90]),  # pulses with this period, 0 = steady
)
evenings = st.lists(load, max_size=8)


def house(loads: list[tuple[int, int, float, int, int]], *, turn: int = 0, solar: float = 0.0) -> House:
    """Rows of A on L1 to L3; `turn` moves each load by so many phases, `solar` A are exported on each."""
    rows = [[1.0 - solar] * 3 for _ in range(SECONDS)]
    for begins, lasts, amperes, phase, period in loads:
        for second in range(begins, min(begins + lasts, SECONDS)):
            if not period or (second - begins) % period < period / 2:
                rows[second][(phase + turn) % 3] += amperes
    return House(rows, [[0.0] * 3] * SECONDS)


def thrice(rows: House) -> House:
    """The same again and again: two hours."""
    return House([*rows.active] * 3, [*rows.reactive] * 3)


def gentle(rows: House) -> House:
    """The same house, but one that always leaves the minimum current."""
    most = HOME.fuse - HOME.margin - HOME.minimum
    return House([[min(load, most) for load in row] for row in rows.active], rows.reactive)


@dataclass
class Steered(Bridge):
    """The engine in the loop, every decision on record; the meter may fall silent and the breaker may open."""

    home: Installation = HOME
    silent: tuple[float, float] = (0.0, 0.0)
    breaker: tuple[float, float] = (0.0, 0.0)
    asks_twice: bool = False
    decisions: list[tuple[float, Decision]] = field(default_factory=list)
    commands: list[tuple[float, SetCircuitLimit]] = field(default_factory=list)

    def __post_init__(self) -> None:
        places = tuple(phase.place for phase in self.home.phases)
        super().__init__(Site(self.home.fuse, self.home.maximum, places), is_fine=True, home=self.home)

    def told(self, telegram: Telegram, now: float) -> None:
        if not self.silent[0] <= now < self.silent[1]:
            super().told(telegram, now)

    def decide(self, now: float) -> Order | None:
        start, end = self.breaker
        if end > start and now == start:
            self.engine.observe(LinkReport(Link.CHARGER, is_up=False, detail="", retry_after=end - start), now)
        if self.asks_twice:
            self.engine.decide(now)
        order = super().decide(now)
        assert self.decision is not None
        self.decisions.append((now, self.decision))
        if order is not None and self.decision.command is not None:
            self.commands.append((now, self.decision.command))
        return order


def evening(rows: House, *, plant: Plant = PLANT, seed: int = 1, **options: object) -> tuple[Steered, Course]:
    """Let the engine steer it. The wiring of plant and home is one."""
    bridge = Steered(**options)  # type: ignore[arg-type]
    wiring = tuple(phase.place for phase in bridge.home.phases)
    return bridge, run(rows, replace(plant, wiring=wiring), bridge, seed)


def free(rows: House, second: int, phases: tuple[int, ...] = (0, 1, 2)) -> float:
    """What the house leaves below the fuse, A."""
    return HOME.fuse - max(rows.active[second][place] for place in phases)
