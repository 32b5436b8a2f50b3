"""An engine with a charger that obeys, driven second by second."""

from dataclasses import dataclass, field, replace

from bridge.core.engine import Engine
from bridge.core.model import (
    ChargerReport,
    ChargerState,
    Decision,
    Installation,
    Memory,
    Observation,
    Ordered,
    Outcome,
    PhaseReading,
    Result,
    SetCircuitLimit,
    Snapshot,
    Telegram,
)
from bridge.core.phases import NOTHING, PerPhase

HOME = Installation(fuse=25.0, maximum=16, margin=0.1)
"""With a margin of its own: the examples must not depend on the default."""


def telegram(*currents: float | None) -> Telegram:
    """Mains currents of L1 to L3, A, as a meter with decimals would send them."""
    readings = [PhaseReading(current) if current is not None else None for current in currents]
    return Telegram((readings[0], readings[1], readings[2]))


@dataclass
class Rig:
    """The world around an engine: obeys at once unless told otherwise."""

    installation: Installation = HOME
    memory: Memory | None = None
    in_force: int = 16
    draw: PerPhase = NOTHING
    state: ChargerState = ChargerState.CHARGING
    obeys: bool = True
    answers: bool = True
    now: float = 1000.0
    orders: list[SetCircuitLimit] = field(default_factory=list)
    report: ChargerReport = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.installation, self.now, self.memory)
        self.report = ChargerReport(
            state=self.state, draw=self.draw, dynamic_current=PerPhase.all(float(self.in_force))
        )

    def see(self, seen: Observation) -> None:
        self.engine.observe(seen, self.now)

    def tell_charger(self, **changes: object) -> None:
        """The charger reports that something changed."""
        self.report = replace(self.report, **changes)  # type: ignore[arg-type]
        self.see(self.report)

    def car_draws(self, *amperes: float) -> None:
        self.draw = PerPhase(*amperes) if len(amperes) > 1 else PerPhase.all(amperes[0])
        self.tell_charger(draw=self.draw)

    def decide(self) -> Decision:
        """Decide and carry out what was decided."""
        decision = self.engine.decide(self.now)
        if decision.command is not None:
            self._carry_out(decision.command)
        return decision

    def _carry_out(self, command: SetCircuitLimit) -> None:
        self.orders.append(command)
        self.see(Ordered(command))
        if self.answers:
            self.see(Outcome(command.number, Result.ACCEPTED))
        if self.obeys:
            self.see(Outcome(command.number, Result.EXECUTED))
            self.tell_charger(dynamic_current=PerPhase(*map(float, command.currents)))

    def house(self, *loads: float | None, seconds: int = 1) -> Decision:
        """So many seconds with this house load on L1 to L3 (A), one telegram each; the car draws on top."""
        decision = self.engine.decide(self.now)
        for _ in range(seconds):
            self.now += 1.0
            currents = [load + draw if load is not None else None for load, draw in zip(loads, self.draw, strict=True)]
            self.see(telegram(*currents))
            decision = self.decide()
        return decision

    def silence(self, seconds: int) -> Decision:
        """So many seconds without a telegram."""
        decision = self.engine.decide(self.now)
        for _ in range(seconds):
            self.now += 1.0
            decision = self.decide()
        return decision

    def start(self, *loads: float, seconds: int = 1) -> Decision:
        """The first report and the first telegrams."""
        self.see(self.report)
        return self.house(*(loads or (2.0, 2.0, 2.0)), seconds=seconds)

    @property
    def in_force_now(self) -> int:
        """What the charger last read back, A."""
        assert self.report.dynamic_current is not None
        return int(min(self.report.dynamic_current))

    def snapshot(self) -> Snapshot:
        return self.engine.snapshot(self.now)
