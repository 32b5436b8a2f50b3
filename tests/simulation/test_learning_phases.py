"""Lessons and wrong phase maps in closed loop: a car that really starts, a cloud that is really late."""

from dataclasses import replace
from itertools import groupby, permutations

import pytest
from evening import HOME, Evening

from bridge.core.model import (
    ChargerReport,
    ChargerState,
    Control,
    ControlChange,
    Decision,
    Event,
    Happening,
    LearnBy,
    LearningStage,
    Observation,
    Problem,
    Reason,
    SetCircuitLimit,
    Snapshot,
    Stopping,
)
from bridge.core.phases import NOTHING, PerPhase, Phase, PhaseMap
from bridge.simulator.appliances import Appliance, scripted
from bridge.simulator.car import Car, CarModel
from bridge.simulator.house import House
from bridge.simulator.meter import DSMR_4, DSMR_5, MeterKind

ROTATED = (Phase.L2, Phase.L3, Phase.L1)
STARTED = 240
"""s after which the car charges steadily, its first start over."""
LONGEST = 700


def fridges() -> list[Appliance]:
    return [scripted("fridge", (phase,), [(0.0, 1e6, 300.0)]) for phase in Phase]


class Learning(Evening):
    """An evening whose charger is wired otherwise than its settings say."""

    def __init__(
        self,
        wiring: tuple[Phase, ...] = ROTATED,
        more: tuple[Appliance, ...] = (),
        meter: MeterKind = DSMR_5,
        seed: int = 1,
        car: CarModel | None = None,
    ) -> None:
        self._told_until = 0.0
        super().__init__(seed, house=House([*fridges(), *more]), meter=meter, car=car)
        self.wiring = PhaseMap(wiring)
        self.decisions: list[Decision] = []
        self.run(STARTED)

    def _plan(self, delay: float, event: Observation | SetCircuitLimit) -> None:
        """Reports of one stream come in order."""
        if isinstance(event, ChargerReport):
            self._told_until = max(self._told_until, self.now + delay)
            delay = self._told_until - self.now
        super()._plan(delay, event)

    def step(self) -> None:
        super().step()
        assert self.decision is not None
        self.decisions.append(self.decision)

    def ask(self, by: LearnBy = LearnBy.START) -> None:
        self.engine.observe(ControlChange(Control.LEARN_PHASES, by), float(self.now))

    def shown(self) -> Snapshot:
        return self.engine.snapshot(float(self.now))

    @property
    def stage(self) -> LearningStage:
        return self.shown().pairing.stage

    def until_over(self, within: int = LONGEST) -> int:
        """Let the lesson end; how long it took, s."""
        for second in range(within):
            if self.stage not in {LearningStage.PAUSING, LearningStage.WATCHING, LearningStage.ONE_PHASE} and (
                self.stage is not LearningStage.RESTORING
            ):
                return second
            self.step()
        raise AssertionError(f"still {self.stage}")

    def told(self) -> Event:
        return next(event for event in reversed(self.shown().events) if event.reason is Reason.LEARNING)


@pytest.mark.parametrize("wiring", list(permutations(Phase)))
def test_a_lesson_finds_each_wiring_and_the_car_charges_on(wiring: tuple[Phase, ...]) -> None:
    home = Learning(wiring)
    home.ask()
    assert home.until_over() < 300
    agrees = wiring == HOME.phases
    assert home.stage is (LearningStage.AGREES if agrees else LearningStage.DIFFERS)
    assert home.told().kind is Happening.PHASES_LEARNT
    if not agrees:
        assert f'phases = ["{wiring[0]}", "{wiring[1]}", "{wiring[2]}"]' in home.told().text
    assert (Problem.WRONG_PAIRING in home.shown().problems) is not agrees
    home.run(120)
    assert min(home.car.draw) > 15


def test_it_does_with_a_meter_that_tells_every_ten_seconds() -> None:
    home = Learning(meter=DSMR_4)
    home.ask()
    home.until_over()
    assert home.stage is LearningStage.DIFFERS


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("after", [0, 45, 60, 75])
def test_a_kettle_during_the_lesson_costs_at_most_a_second_try(phase: Phase, after: int) -> None:
    home = Learning(more=(scripted("kettle", (phase,), [(STARTED + after, 150.0, 2200.0)]),))
    home.ask()
    home.until_over(1500)
    assert home.stage is LearningStage.DIFFERS
    assert '["L2", "L3", "L1"]' in home.told().text


def test_a_lesson_only_ever_lowers() -> None:
    with_lesson, without = Learning(), Learning()
    with_lesson.ask()
    for _ in range(LONGEST):
        with_lesson.step()
        without.step()
        assert with_lesson.decisions[-1].limit <= without.decisions[-1].limit
    assert {decision.limit for decision in with_lesson.decisions[STARTED:]} >= {0, 16}


def test_an_overload_during_the_lesson_keeps_the_car_paused() -> None:
    heater = scripted("heater", (Phase.L2,), [(STARTED + 15, 250.0, 5200.0)])
    home = Learning(more=(heater,))
    home.ask()
    home.run(240)
    assert home.decisions[-1].limit == 0
    assert home.decisions[-1].reason is Reason.PAUSE
    assert home.fuse.peak < 1.0
    home.until_over()
    assert home.stage is LearningStage.DIFFERS
    assert home.fuse.peak < 1.0


def test_it_says_what_it_waits_for_and_gives_up_in_the_end() -> None:
    boiler = scripted("boiler", (Phase.L2,), [(STARTED + 20, 1e6, 5500.0)])
    home = Learning(more=(boiler,))
    home.ask()
    home.run(60)
    assert home.shown().pairing.text == "learning the phases: waiting until L2 leaves enough for the car"
    home.run(900)
    assert home.shown().pairing.text == (
        "phases not learnt: L2 did not leave enough for the car within 15 min: try again in a quieter hour"
    )


def test_a_car_that_is_unplugged_ends_the_lesson() -> None:
    home = Learning()
    home.ask()
    home.run(10)
    home.engine.observe(ChargerReport(ChargerState.DISCONNECTED, PerPhase.all(0.0), NOTHING), float(home.now))
    assert home.stage is LearningStage.FAILED
    assert home.told().text == "phases not learnt: no car is plugged in"


def test_a_silent_meter_ends_the_lesson_with_the_fallback_current() -> None:
    home = Learning()
    home.ask()
    home.run(10)
    home.meter_is_silent = True
    home.run(60)
    assert home.decisions[-1].reason is Reason.METER_STALE
    assert home.decisions[-1].limit == HOME.fallback, "as if there had been no lesson"
    home.meter_is_silent = False
    home.run(300)
    assert home.stage is LearningStage.FAILED
    assert "the meter is silent" in home.told().text
    assert min(home.car.draw) > 15


def test_a_service_that_stops_in_the_middle_leaves_what_it_would_have_left_without_the_lesson() -> None:
    home = Learning()
    home.ask()
    home.run(15)
    assert home.dynamic == 0
    home.engine.observe(Stopping(), float(home.now))
    last = home.engine.decide(float(home.now)).command
    assert last is not None
    assert (last.current, last.time_to_live) == (HOME.fallback, 0)


def test_a_house_that_fills_up_meanwhile_is_not_forgotten_at_the_stop() -> None:
    home = Learning(more=(scripted("heater", (Phase.L2,), [(STARTED + 12, 400.0, 5700.0)]),))
    home.ask()
    home.run(60)
    home.engine.observe(Stopping(), float(home.now))
    assert home.engine.decide(float(home.now)).limit == 0


def test_charging_that_is_forbidden_meanwhile_stays_forbidden_at_the_stop() -> None:
    home = Learning()
    home.ask()
    home.run(15)
    home.engine.observe(ControlChange(Control.CHARGING_ALLOWED, value=False), float(home.now))
    home.engine.observe(Stopping(), float(home.now))
    assert home.engine.decide(float(home.now)).limit == 0


def test_a_pause_that_the_car_does_not_follow_ends_by_itself() -> None:
    home = Learning()
    home.ask()
    home.cloud_is_down = True
    home.run(120)
    assert home.stage is LearningStage.FAILED
    assert home.decisions[-1].reason is Reason.CHARGER_LOST
    home.cloud_is_down = False
    home.run(300)
    assert min(home.car.draw) > 15


def test_what_a_lesson_holds_down_ends_though_nothing_is_seen_any_more() -> None:
    home = Learning()
    home.ask()
    later = [home.engine.decide(float(home.now + second)) for second in (1, 120)]
    assert later[0].reason is Reason.LEARNING
    assert later[1].reason is not Reason.LEARNING


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda home: home.engine.observe(ControlChange(Control.CHARGING_ALLOWED, value=False), float(home.now)),
            "allow",
        ),
        (lambda home: setattr(home, "meter_is_silent", True) or home.run(30), "meter"),
        (lambda home: home.engine.observe(replace(home._report(NOTHING)), float(home.now)), "no car is charging"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused_with_the_reason(change: object, why: str) -> None:
    home = Learning()
    change(home)  # type: ignore[operator]
    home.ask()
    assert home.stage is LearningStage.FAILED
    assert why in home.told().text
    home.step()
    assert home.decisions[-1].reason is not Reason.LEARNING


def test_pressing_twice_is_one_lesson() -> None:
    home = Learning()
    home.ask()
    home.run(20)
    home.ask()
    home.until_over()
    assert home.tally.pauses == 1


def test_a_car_that_takes_all_phases_at_once_leaves_it_open_after_two_tries() -> None:
    home = Learning(car=CarModel(stagger=0.0))
    home.ask()
    home.until_over()
    assert home.stage is LearningStage.UNDECIDED
    assert home.tally.pauses == 2
    assert "too much alike" in home.told().text
    assert Problem.WRONG_PAIRING not in home.shown().problems


def test_a_one_phase_car_tells_of_its_phase_alone() -> None:
    home = Learning(car=CarModel(phases=1))
    home.ask()
    home.until_over()
    assert home.stage is LearningStage.DIFFERS
    assert "P1 on L2" in home.told().text
    assert "the rest open" in home.told().text


def test_a_wrong_map_is_noticed_from_ordinary_starts() -> None:
    home = Learning()
    assert Problem.WRONG_PAIRING not in home.shown().problems, "one start is not enough"
    for _ in range(2):
        for allowed in (False, True):
            home.engine.observe(ControlChange(Control.CHARGING_ALLOWED, allowed), float(home.now))
            home.run(30 if not allowed else 240)
    assert Problem.WRONG_PAIRING in home.shown().problems
    assert home.shown().pairing.likely == ROTATED


def test_a_right_map_is_never_doubted_in_a_busy_evening() -> None:
    home = Evening(3, start=16 * 3600)
    for _ in range(6 * 3600):
        home.step()
        if home.now % 600 == 0:
            assert Problem.WRONG_PAIRING not in home.engine.snapshot(float(home.now)).problems


# --- one phase at a time


class Relays(Car):
    """A car behind a charger that follows each phase's own limit."""

    output = (True, True, True)

    def step(self, seconds: float, offer: float, output: tuple[bool, bool, bool] | None = None) -> PerPhase:
        return super().step(seconds, offer, output or self.output)


class Switching(Learning):
    """An automatic charger: with one limit left it goes to one phase; whether it comes back is its own affair."""

    def __init__(self, *, comes_back: bool = True) -> None:
        self.comes_back = comes_back
        self.limits = PerPhase.all(16.0)
        super().__init__(car=CarModel(stagger=0.0))

    def run(self, seconds: int):  # type: ignore[no-untyped-def]  # noqa: ANN201
        if not isinstance(self.car, Relays):
            self.car = Relays(self.car.model, 1)
        return super().run(seconds)

    def _take(self, command: SetCircuitLimit) -> None:
        assert isinstance(self.car, Relays)
        self.limits = PerPhase(*map(float, command.currents))
        able = tuple(limit >= 6 for limit in self.limits)
        if any(able) and (self.comes_back or self.car.output == (True, True, True)):
            self.car.output = (able[0], able[1], able[2])
        super()._take(command)
        used = [limit for limit, is_on in zip(self.limits, self.car.output, strict=True) if is_on]
        self.dynamic = int(min(used))

    def _report(self, draw: PerPhase) -> ChargerReport:
        return replace(super()._report(draw), dynamic_current=self.limits, output=getattr(self.car, "output", None))


def test_one_phase_at_a_time_tells_where_a_quick_car_tells_nothing() -> None:
    home = Switching()
    home.ask(LearnBy.ONE_PHASE)
    home.until_over(1500)
    ordered = [order.currents for _, order in home.tally.orders]
    singles = [currents.index(max(currents)) for currents in ordered if sum(current > 0 for current in currents) == 1]
    assert [place for place, _ in groupby(singles)] == [0, 1]
    assert home.stage is LearningStage.DIFFERS
    assert home.told().text.endswith("charging on three phases again")
    assert '["L2", "L3", "L1"]' in home.told().text
    home.run(120)
    assert min(home.car.draw) > 15


def test_a_charger_that_stays_on_one_phase_is_told_of() -> None:
    home = Switching(comes_back=False)
    home.ask(LearnBy.ONE_PHASE)
    home.until_over(1500)
    assert home.told().text.endswith("the charger stays on one phase: unplug the car and plug it in again")
    assert "P1 on L2" in home.told().text


def test_a_charger_that_does_not_switch_is_not_asked_to() -> None:
    home = Learning()
    home.engine.observe(replace(home._report(home.car.draw), switches_phases=False), float(home.now))
    home.ask(LearnBy.ONE_PHASE)
    assert home.stage is LearningStage.FAILED
    assert "does not switch" in home.told().text
