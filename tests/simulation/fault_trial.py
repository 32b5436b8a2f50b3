"""The real engine in closed loop with a house, a car and everything between them that can fail. One second a step."""

import heapq
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import NamedTuple

from fault_kinds import Fault, Kind

from bridge.core.engine import Engine
from bridge.core.mains_estimate import estimate
from bridge.core.model import (
    ChargerBounds,
    ChargerReport,
    ChargerState,
    Control,
    ControlChange,
    Decision,
    Installation,
    Link,
    LinkReport,
    Memory,
    Observation,
    OnLapse,
    Ordered,
    Outcome,
    PhaseReading,
    Result,
    SetCircuitLimit,
    Stopping,
    Telegram,
)
from bridge.core.phases import NOTHING, PerPhase
from bridge.runtime.state_file import Clocks, StateFile
from bridge.simulator.car import Car, CarModel

CAR = CarModel(resume=(12.0, 25.0), stagger=0.0)
UNLIMITED = 40
"""What an Easee Home is at after a reboot, A."""
VOLTAGE = 230.0
WALL = 1.7e9
LOOK = "look"
"""Read over REST."""
BOUNDS = ChargerBounds(circuit_maximum=32.0, charger_maximum=32.0)
ORDER_FAILS = (Kind.REFUSES, Kind.HANGS, Kind.REJECTS, Kind.CLOUD_LOST, Kind.OFFLINE)
NOT_TOLD = (Kind.STREAM_SILENT, Kind.CLOUD_LOST)
STREAM_DEAD_AFTER = 45
SHORTEST_BAN = 30
REPORT_STEP = 0.4
"""A change of the draw that the charger reports, A."""
REQUEST_TIMEOUT = 10
SAVE_EVERY = 60
SAVE_APART = 5

Row = tuple[float, float, float]


class Setting(NamedTuple):
    """What surrounds the faults."""

    house: Sequence[Row]
    """House load on L1 to L3, A; a row a second. The last one stays."""
    seconds: int
    faults: tuple[Fault, ...]
    seed: int = 1
    on_lapse: OnLapse = OnLapse.NEVER
    is_lapse_known: bool = False
    offline_current: int = 6
    time_to_live: int = 10
    charger_maximum: int = 16
    """Where the owner has turned that knob, A."""


@dataclass
class Course:
    """What happened, for the judges."""

    house: list[Row] = field(default_factory=list)
    draw: list[float] = field(default_factory=list)
    offer: list[float] = field(default_factory=list)
    dynamic: list[int] = field(default_factory=list)
    seen: list[Row] = field(default_factory=list)
    """When each phase was last in a telegram, as the present engine knows; s."""
    decisions: list[Decision | None] = field(default_factory=list)
    orders: list[tuple[int, SetCircuitLimit]] = field(default_factory=list)
    bans: list[tuple[int, int]] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])


class Trial:
    """Steps of a second; equal settings give equal courses."""

    def __init__(self, setting: Setting, directory: Path) -> None:
        self.setting = setting
        known = setting.on_lapse if setting.is_lapse_known else OnLapse.UNKNOWN
        self.home = Installation(fuse=25.0, maximum=16, time_to_live=setting.time_to_live, on_lapse=known)
        self.course = Course()
        self.now = 0
        self._rng = random.Random(setting.seed)  # noqa: S311 lags, not secrets
        self._car = Car(CAR, setting.seed)
        self._events: list[tuple[float, int, object]] = []
        self._count = count()
        self._lands_after = self._tells_after = 0.0
        self.dynamic = 16
        self._lapses_at: float = float("inf")
        self._told_draw = 0.0
        self._banned_until = 0
        self._is_down = {Link.CHARGER: False, Link.STREAM: False}
        self._before: tuple[Row, int] | None = None
        self._kept_reading: Row | None = None
        self._slot: SetCircuitLimit | None = None
        self._in_flight: int | None = None
        self._clock = 0.0
        clocks = Clocks(lambda: self._clock, lambda: WALL + self._clock)
        self._file = StateFile(directory, self.home, clocks)
        self._saved: tuple[int, Memory] | None = None
        self.engine: Engine | None = None
        self._start()
        self._observe(ControlChange(Control.CHARGER_MAXIMUM, setting.charger_maximum))

    def run(self) -> Course:
        for _ in range(self.setting.seconds):
            self._step()
        return self.course

    def is_on(self, *kinds: Kind) -> bool:
        return any(fault.kind in kinds and fault.is_on(self.now) for fault in self.setting.faults)

    # --- one second ----------------------------------------------------------------------------

    def _step(self) -> None:
        self.now += 1
        for fault in self.setting.faults:
            if fault.start == self.now:
                self._begin(fault)
            if fault.is_on(self.now):
                self._go_on(fault)
            if fault.end == self.now:
                self._end(fault)
        while self._events and self._events[0][0] <= self.now:
            self._happen(heapq.heappop(self._events)[2])
        self._lapse()
        house = self._house()
        draw = max(self._car.step(1.0, float(self.offer if self.offer >= 6 else 0)))
        self._tell_draw(draw)
        self._measure(house, draw)
        decision = self._decide()
        course = self.course
        course.house.append(house)
        course.draw.append(draw)
        course.offer.append(self.offer)
        course.dynamic.append(self.dynamic)
        course.decisions.append(decision)
        course.seen.append(self._seen)

    def _house(self) -> Row:
        return self.setting.house[min(self.now, len(self.setting.house) - 1)]

    @property
    def offer(self) -> int:
        """What the charger offers the car, A."""
        return min(self.dynamic, self.setting.offline_current) if self.is_on(Kind.OFFLINE) else self.dynamic

    def _lapse(self) -> None:
        if self.now < self._lapses_at:
            return
        self._lapses_at = float("inf")
        if self.setting.on_lapse is OnLapse.OFFLINE_CURRENT:
            self._set(self.setting.offline_current)
        elif self.setting.on_lapse is OnLapse.MAXIMUM:
            self._set(UNLIMITED)

    # --- faults --------------------------------------------------------------------------------

    def _begin(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.REBOOT:
                self._lapses_at = float("inf")
                self._set(UNLIMITED)
            case Kind.OTHER_LOWERS:
                self._set(6 + self._rng.randrange(4))
            case Kind.OFFLINE | Kind.UNKNOWN_STATE:
                self._tell_report(5.0)
            case Kind.CLOUD_LOST:
                self._plan(LinkReport(Link.CHARGER, is_up=False, detail="gone"), 4.0)
            case Kind.KILLED:
                self.engine = None
            case Kind.STOPPED:
                self._stop()

    def _go_on(self, fault: Fault) -> None:
        lasted = self.now - fault.start
        if fault.kind is Kind.OTHER_RAISES and lasted % 150 == 0:
            self._set(32)
        if fault.kind in NOT_TOLD and lasted == STREAM_DEAD_AFTER:
            self._is_down[Link.STREAM] = True
            self._observe(LinkReport(Link.STREAM, is_up=False, detail="silent"))
        if fault.kind is Kind.STREAM_SILENT and lasted >= STREAM_DEAD_AFTER and lasted % 30 == 15:
            self._poll()

    def _end(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.OTHER_LOWERS:
                self._set(UNLIMITED)
            case Kind.OFFLINE | Kind.UNKNOWN_STATE:
                self._tell_report(2.0)
            case Kind.STREAM_SILENT | Kind.CLOUD_LOST if not self.is_on(*NOT_TOLD):
                self._is_down[Link.STREAM] = False
                self._plan(LinkReport(Link.CHARGER, is_up=True), 1.0)
                self._plan(LinkReport(Link.STREAM, is_up=True), 1.0)
                self._tell_report(1.5)
            case Kind.KILLED | Kind.STOPPED if not self.is_on(Kind.KILLED, Kind.STOPPED):
                self._start()

    # --- ourselves -----------------------------------------------------------------------------

    def _start(self) -> None:
        memory = None
        if self._saved is not None:
            self._clock = float(self._saved[0])
            self._file.save(self._saved[1])
            self._clock = float(self.now)
            memory = self._file.load()
            self.course.starts.append(self.now)
        self.engine = Engine(self.home, float(self.now), memory)
        self._seen: Row = (float(self.now),) * 3
        self._slot = self._in_flight = None
        banned = self._banned_until - self.now
        if banned > 0:
            self._plan(LinkReport(Link.CHARGER, is_up=False, detail="banned", retry_after=float(banned)), 0.8)
        self._plan(LOOK, max(banned, 0) + 2.0)
        if self._is_down[Link.STREAM]:
            self._observe(LinkReport(Link.STREAM, is_up=False, detail="silent"))

    def _stop(self) -> None:
        if self.engine is None:
            return
        self._observe(Stopping())
        self._in_flight = None
        self._decide()
        self._saved = (self.now, self.engine.memory())
        self.engine = None

    def _save(self) -> None:
        if self.engine is None or self.now % SAVE_APART:
            return
        memory = self.engine.memory()
        is_turned = self._saved is None or replace(memory, thermal=NOTHING) != replace(self._saved[1], thermal=NOTHING)
        if is_turned or self._saved is None or self.now - self._saved[0] >= SAVE_EVERY:
            self._saved = (self.now, memory)

    def _observe(self, seen: Observation) -> None:
        if self.engine is not None:
            self.engine.observe(seen, float(self.now))

    def _decide(self) -> Decision | None:
        if self.engine is None:
            return None
        decision = self.engine.decide(float(self.now))
        command = decision.command
        if command is not None:
            self.course.orders.append((self.now, command))
            if self._slot is not None:
                self._observe(Outcome(self._slot.number, Result.OVERTAKEN))
            self._slot = command
            self._observe(Ordered(command))
        self._send()
        self._save()
        return decision

    # --- orders --------------------------------------------------------------------------------

    def _send(self) -> None:
        """One order is under way at a time; the newest waits."""
        if self._slot is None or self._in_flight is not None:
            return
        command, self._slot = self._slot, None
        self._in_flight = command.number
        if self.now < self._banned_until or self.is_on(Kind.BANNED):
            self._ban()
            told = float(self._banned_until - self.now)
            self._answer(Outcome(command.number, Result.RATE_LIMITED, "banned", told), 0.3)
        elif self.is_on(Kind.REJECTS):
            self._answer(Outcome(command.number, Result.REJECTED), 0.5)
        elif self.is_on(Kind.HANGS, Kind.CLOUD_LOST):
            self._answer(Outcome(command.number, Result.UNANSWERED), REQUEST_TIMEOUT)
            if self.is_on(Kind.HANGS) and self._rng.random() < 0.5:
                self._land(command)
        elif self.is_on(Kind.REFUSES, Kind.OFFLINE):
            self._answer(Outcome(command.number, Result.UNANSWERED), 1.0)
        else:
            self._answer(Outcome(command.number, Result.ACCEPTED), 0.4)
            if not self.is_on(Kind.SWALLOWS):
                self._land(command)
            if self.is_on(Kind.STREAM_SILENT) and self._is_down[Link.STREAM]:
                self._plan(LOOK, 3.0)

    def _ban(self) -> None:
        until = max((fault.end for fault in self.setting.faults if self._bans(fault)), default=0)
        if self.now >= self._banned_until:
            self._banned_until = max(until, self.now + SHORTEST_BAN)
            self.course.bans.append((self.now + 1, self._banned_until))
            told = float(self._banned_until - self.now)
            self._plan(LinkReport(Link.CHARGER, is_up=False, detail="banned", retry_after=told), 0.3)
            self._plan(LinkReport(Link.CHARGER, is_up=True), told + 1.0)

    def _bans(self, fault: Fault) -> bool:
        return fault.kind is Kind.BANNED and fault.is_on(self.now)

    def _land(self, command: SetCircuitLimit) -> None:
        latency = self._rng.uniform(5.0, 40.0) if self.is_on(Kind.LATE_ORDERS) else self._rng.uniform(1.0, 4.0)
        self._lands_after = max(self._lands_after, self.now + latency)
        self._plan(("landed", self._life, command), self._lands_after - self.now)

    def _answer(self, outcome: Outcome, lag: float) -> None:
        self._plan(("answered", self._life, outcome), lag)

    def _take(self, life: int, command: SetCircuitLimit) -> None:
        is_same = command.current == self.dynamic
        if not (is_same and self.is_on(Kind.SAME_IGNORED)):
            self._lapses_at = self.now + 60.0 * command.time_to_live if command.time_to_live else float("inf")
        if life == self._life:
            self._tell(Outcome(command.number, Result.EXECUTED), self._rng.uniform(0.5, 1.5))
        self._set(command.current)

    def _set(self, current: int) -> None:
        if current != self.dynamic:
            self.dynamic = current
            self._tell_report(self._rng.uniform(0.5, 2.0))

    # --- what is told --------------------------------------------------------------------------

    def _happen(self, event: object) -> None:
        match event:
            case ("landed", int(life), SetCircuitLimit() as command):
                self._take(life, command)
            case ("answered", self._life, Outcome() as outcome):
                if outcome.number == self._in_flight:
                    self._in_flight = None
                self._observe(outcome)
            case ("told", self._life, (Outcome() | ChargerReport()) as seen):
                if not self.is_on(*NOT_TOLD):
                    self._observe(seen)
            case LinkReport():
                self._observe(event)
            case "look":
                self._poll()

    @property
    def _life(self) -> int:
        """Which process it is: what was meant for the one before reaches nobody."""
        return len(self.course.starts)

    def _tell(self, seen: Outcome | ChargerReport, lag: float) -> None:
        """By the stream, in order."""
        if self.is_on(Kind.LATE_REPORTS):
            lag = self._rng.uniform(10.0, 30.0)
        self._tells_after = max(self._tells_after, self.now + lag)
        self._plan(("told", self._life, seen), self._tells_after - self.now)

    def _tell_report(self, lag: float) -> None:
        self._tell(self._report(), lag)

    def _poll(self) -> None:
        if self.now >= self._banned_until and not self.is_on(Kind.CLOUD_LOST):
            self._observe(self._report())

    def _report(self) -> ChargerReport:
        state = ChargerState.CHARGING
        if self.is_on(Kind.OFFLINE):
            state = ChargerState.OFFLINE
        elif self.is_on(Kind.UNKNOWN_STATE):
            state = ChargerState.UNKNOWN
        return ChargerReport(
            state=state,
            dynamic_current=PerPhase.all(float(self.dynamic)),
            draw=PerPhase.all(self._told_draw),
            cloud_connected=not self.is_on(Kind.OFFLINE),
            bounds=replace(BOUNDS, offline_current=float(self.setting.offline_current)),
        )

    def _tell_draw(self, draw: float) -> None:
        if abs(draw - self._told_draw) >= REPORT_STEP or (draw == 0 and self._told_draw != 0):
            self._told_draw = draw
            self._tell_report(self._rng.uniform(1.0, 3.0))

    def _measure(self, house: Row, draw: float) -> None:
        """A telegram tells of the second before."""
        measured, self._before = self._before, ((house[0] + draw, house[1] + draw, house[2] + draw), self.now)
        if measured is None or self.engine is None:
            return
        currents, at = measured
        if self.is_on(Kind.METER_SILENT, Kind.OLD_VALUES):
            self._kept_reading = self._kept_reading or currents
            return
        if (self.is_on(Kind.SLOW_METER) and at % 10) or (self.is_on(Kind.THIRD_LOST) and at % 3 == 0):
            return
        if self._kept_reading is not None:
            currents, self._kept_reading = self._kept_reading, None
        missing = 1 if self.is_on(Kind.PHASE_MISSING) else None
        readings = [None if place == missing else _reading(current) for place, current in enumerate(currents)]
        now = float(self.now)
        l1, l2, l3 = (old if reading is None else now for reading, old in zip(readings, self._seen, strict=True))
        self._seen = (l1, l2, l3)
        self._observe(Telegram((readings[0], readings[1], readings[2])))

    def _plan(self, what: object, lag: float) -> None:
        heapq.heappush(self._events, (self.now + lag, next(self._count), what))


def _reading(current: float) -> PhaseReading | None:
    return estimate(abs(current), current * VOLTAGE, VOLTAGE, meter_is_fine=True)


def run(setting: Setting) -> tuple[Trial, Course]:
    """From the first second to the last."""
    with tempfile.TemporaryDirectory(prefix="trial-") as name:
        trial = Trial(setting, Path(name))
        return trial, trial.run()
