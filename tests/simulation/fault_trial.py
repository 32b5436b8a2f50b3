"""The real engine in closed loop with a house, a car and everything between them that can fail. One second a step."""

import tempfile
from pathlib import Path

from fault_cloud import Cloud
from fault_kinds import Fault, Kind
from fault_setting import QUIET_FROM, SECONDS, Course, Row, Setting, Timeline

from bridge.core.engine import Engine
from bridge.core.mains_estimate import estimate
from bridge.core.model import (
    Control,
    ControlChange,
    Decision,
    Installation,
    Memory,
    Observation,
    OnLapse,
    Ordered,
    PhaseReading,
    Stopping,
    Telegram,
)
from bridge.runtime.saving import SAVE_APART, SAVE_EVERY
from bridge.runtime.state_file import Clocks, StateFile
from bridge.simulator.car import Car, CarModel

CAR = CarModel(resume=(12.0, 25.0), stagger=0.0)
VOLTAGE = 230.0
WALL = 1.7e9
"""Of the day on which it all begins, s since 1970."""


class Trial:
    """Steps of a second; equal settings give equal courses."""

    def __init__(self, setting: Setting, directory: Path) -> None:
        known = setting.on_lapse if setting.is_lapse_known else OnLapse.UNKNOWN
        self.home = Installation(fuse=25.0, maximum=16, time_to_live=setting.time_to_live, on_lapse=known)
        self.course = Course()
        self.engine: Engine | None = None
        self._setting = setting
        self._house = setting.house
        self._timeline = Timeline(setting.faults)
        self._cloud = Cloud(setting, self._timeline, self.course, self._observe)
        self._car = Car(CAR, setting.seed)
        self._measured: Row | None = None
        self._before_silence: Row | None = None
        self._clock = 0.0
        self._file = StateFile(directory, self.home, Clocks(lambda: self._clock, lambda: WALL + self._clock))
        self._saved: tuple[int, Memory] | None = None
        self._start()
        self._observe(ControlChange(Control.CHARGER_MAXIMUM, setting.charger_maximum))

    @property
    def now(self) -> int:
        return self._timeline.now

    def run(self) -> Course:
        for _ in range(SECONDS):
            self._step()
        return self.course

    def _step(self) -> None:
        self._timeline.now += 1
        for fault in self._setting.faults:
            self._fail(fault)
        self._timeline.happen()
        self._cloud.lapse()
        house = self._house[min(self.now, QUIET_FROM)]
        offer = self._cloud.offer
        draw = max(self._car.step(1.0, float(offer if offer >= self.home.minimum else 0)))
        self._cloud.draws(draw)
        self._measure(house, draw)
        course = self.course
        course.decisions.append(self._decide())
        course.house.append(house)
        course.draw.append(draw)
        course.offer.append(offer)
        course.dynamic.append(self._cloud.dynamic)
        course.seen.append(self._seen)

    def _fail(self, fault: Fault) -> None:
        if fault.start == self.now:
            self._cloud.begin(fault.kind)
            if fault.kind is Kind.STOPPED:
                self._stop()
            elif fault.kind is Kind.KILLED:
                self.engine = None
        if fault.is_on(self.now):
            self._cloud.go_on(fault.kind, self.now - fault.start)
        if fault.end == self.now:
            self._cloud.end(fault.kind)
            is_ours = fault.kind in {Kind.STOPPED, Kind.KILLED}
            if is_ours and not self._timeline.is_on(Kind.STOPPED, Kind.KILLED):
                self._start()

    # --- the process

    def _start(self) -> None:
        memory = None
        if self._saved is not None:
            self._clock = float(self._saved[0])
            self._file.save(self._saved[1])
            self._clock = float(self.now)
            memory = self._file.load()
            self.course.starts.append(self.now)
        self._timeline.life += 1
        self.engine = Engine(self.home, float(self.now), memory)
        self._saved_at = (self.now - SAVE_APART, len(self.course.orders))
        self._seen: Row = (float(self.now),) * 3
        self._cloud.connect()

    def _stop(self) -> None:
        if self.engine is None:
            return
        self._observe(Stopping())
        self._cloud.let_land()
        self._decide()
        self._saved = (self.now, self.engine.memory(float(self.now)))
        self.engine = None

    def _save(self) -> None:
        """As `Saving` does: at once after an order, but not oftener than it may, and each minute."""
        if self.engine is None:
            return
        at, orders = self._saved_at
        if self.now - at >= (SAVE_APART if len(self.course.orders) > orders else SAVE_EVERY):
            self._saved_at = (self.now, len(self.course.orders))
            self._saved = (self.now, self.engine.memory(float(self.now)))

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
            self._cloud.order(command)
            self._observe(Ordered(command))
        self._cloud.send()
        self._save()
        return decision

    # --- the meter

    def _measure(self, house: Row, draw: float) -> None:
        """A telegram tells of the second before."""
        measured, self._measured = self._measured, (house[0] + draw, house[1] + draw, house[2] + draw)
        if measured is None or self.engine is None:
            return
        if self._timeline.is_on(Kind.METER_SILENT, Kind.OLD_VALUES):
            if self._timeline.is_on(Kind.OLD_VALUES):
                self._before_silence = self._before_silence or measured
            return
        if self._is_skipped():
            return
        if self._before_silence is not None:
            measured, self._before_silence = self._before_silence, None
        missing = 1 if self._timeline.is_on(Kind.PHASE_MISSING) else None
        readings = [None if place == missing else _reading(current) for place, current in enumerate(measured)]
        now = float(self.now)
        l1, l2, l3 = (old if reading is None else now for reading, old in zip(readings, self._seen, strict=True))
        self._seen = (l1, l2, l3)
        self._observe(Telegram((readings[0], readings[1], readings[2])))

    def _is_skipped(self) -> bool:
        is_between = self._timeline.is_on(Kind.SLOW_METER) and self.now % 10 != 0
        return is_between or (self._timeline.is_on(Kind.THIRD_LOST) and self.now % 3 == 0)


def _reading(current: float) -> PhaseReading | None:
    return estimate(abs(current), current * VOLTAGE, VOLTAGE, meter_is_fine=True)


def run(setting: Setting) -> tuple[Trial, Course]:
    """From the first second to the last."""
    with tempfile.TemporaryDirectory(prefix="trial-") as name:
        trial = Trial(setting, Path(name))
        return trial, trial.run()
