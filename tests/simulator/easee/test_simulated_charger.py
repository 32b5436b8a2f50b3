"""The charger's state machine, without any cloud."""

import pytest

from bridge.core.model import OnLapse
from bridge.core.phases import NOTHING, PerPhase
from bridge.simulator.easee_charger import Box, EaseeCharger, OpMode
from bridge.simulator.easee_readings import readings, reason_for_no_current
from bridge.simulator.faults import Faults
from bridge.simulator.timeline import Timeline


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def charger(timeline: Timeline, faults: Faults) -> EaseeCharger:
    box = EaseeCharger(Box(), timeline, faults)
    box.plug_in()
    return box


def test_the_lowest_of_all_limits_is_offered(charger: EaseeCharger) -> None:
    assert charger.offer == 16, "circuit maximum"
    charger.set_dynamic_current(PerPhase(12, 9, 15), 0)
    assert charger.offer == 9, "one pilot wire: the lowest phase"
    charger.set_dynamic_charger_current(7)
    assert charger.offer == 7


@pytest.mark.parametrize(
    ("on_lapse", "expected"),
    [(OnLapse.OFFLINE_CURRENT, 6), (OnLapse.MAXIMUM, 40), (OnLapse.NEVER, 9), (OnLapse.UNKNOWN, 9)],
)
def test_a_time_to_live_ends_in_one_of_three_ways(
    charger: EaseeCharger, timeline: Timeline, faults: Faults, on_lapse: OnLapse, expected: float
) -> None:
    faults.on_lapse = on_lapse
    charger.set_dynamic_current(PerPhase.all(9), 1)
    timeline.advance(59)
    assert charger.dynamic_current == PerPhase.all(9)
    timeline.advance(2)
    assert charger.dynamic_current == PerPhase.all(expected)


def test_an_identical_order_renews_the_time_to_live_unless_told_otherwise(
    charger: EaseeCharger, timeline: Timeline, faults: Faults
) -> None:
    for _ in range(3):
        charger.set_dynamic_current(PerPhase.all(9), 1)
        timeline.advance(50)
    assert charger.dynamic_current == PerPhase.all(9)
    faults.ignore_identical = True
    charger.set_dynamic_current(PerPhase.all(9), 1)
    timeline.advance(11)
    assert charger.dynamic_current == PerPhase.all(6)


def test_for_ever_means_for_ever_and_a_reboot_forgets(charger: EaseeCharger, timeline: Timeline) -> None:
    charger.set_dynamic_current(PerPhase.all(9), 0)
    charger.set_dynamic_charger_current(8)
    timeline.advance(1e6)
    assert charger.offer == 8
    charger.reboot()
    assert (charger.dynamic_current, charger.dynamic_charger_current) == ((40, 40, 40), 32)


def test_below_six_amperes_is_a_pause(charger: EaseeCharger) -> None:
    charger.step(1, PerPhase.all(15))
    assert charger.op_mode == OpMode.CHARGING
    charger.set_dynamic_current(PerPhase.all(5), 0)
    charger.step(1, NOTHING)
    assert (charger.offer, charger.op_mode, reason_for_no_current(charger)) == (0, OpMode.AWAITING_START, 2)
    charger.set_dynamic_current(PerPhase.all(7), 0)
    assert (charger.op_mode, reason_for_no_current(charger)) == (OpMode.READY, 79)


def test_one_starved_phase_drops_an_automatic_charger_to_one_phase_for_good(charger: EaseeCharger) -> None:
    charger.set_dynamic_current(PerPhase(0, 10, 10), 0)
    assert charger.output == (False, True, False)
    charger.set_dynamic_current(PerPhase.all(16), 0)
    assert (charger.output, readings(charger)[110]) == ((False, True, False), 12)
    charger.unplug()
    charger.plug_in()
    assert charger.output == (True, True, True)


def test_a_pause_on_all_phases_keeps_three_phases(charger: EaseeCharger) -> None:
    charger.set_dynamic_current(NOTHING, 0)
    charger.set_dynamic_current(PerPhase.all(10), 0)
    assert readings(charger)[110] == 30


def test_a_charger_locked_to_three_phases_stops_instead(timeline: Timeline, faults: Faults) -> None:
    charger = EaseeCharger(Box(phase_mode=3), timeline, faults)
    charger.plug_in()
    charger.set_dynamic_current(PerPhase(0, 10, 10), 0)
    assert (charger.offer, charger.output) == (0, (True, True, True))


def test_a_one_phase_car_is_recognised_after_a_while(charger: EaseeCharger) -> None:
    for _ in range(60):
        charger.step(1, PerPhase(10, 0, 0))
    assert charger.output == (True, False, False)
    charger.set_dynamic_current(PerPhase(14, 6, 6), 0)
    assert charger.offer == 14, "what the other phases leave no longer matters"


def test_one_phase_output_may_sit_on_p3(charger: EaseeCharger, faults: Faults) -> None:
    faults.one_phase_on = 2
    charger.step(1, PerPhase(0, 0, 10))
    assert (readings(charger)[110], readings(charger)[185], readings(charger)[182]) == (14, 10, 10)


def test_without_the_cloud_the_offline_current_binds_too(charger: EaseeCharger) -> None:
    charger.step(1, PerPhase.all(5.8))
    charger.go_offline()
    assert (charger.offer, reason_for_no_current(charger)) == (6, 30)
    charger.come_back()
    assert charger.offer == 16


@pytest.mark.parametrize(
    ("set_up", "expected"),
    [
        pytest.param(lambda c: c.set_dynamic_current(PerPhase.all(9), 0), 27, id="limited by the dynamic circuit"),
        pytest.param(lambda _: None, 26, id="limited by the circuit maximum"),
        pytest.param(lambda c: c.set_dynamic_charger_current(9), 78, id="limited by another actor"),
    ],
)
def test_while_charging_the_binding_limit_is_named(charger: EaseeCharger, set_up: object, expected: int) -> None:
    set_up(charger)  # type: ignore[operator]
    charger.step(1, PerPhase.all(charger.offer))
    assert reason_for_no_current(charger) == expected


def test_the_circuit_totals_include_the_other_charger(charger: EaseeCharger) -> None:
    charger.other_draw = PerPhase(0, 0, 6)
    charger.step(1, PerPhase(10, 10, 10))
    values = readings(charger)
    assert [values[73], values[74], values[75]] == [10, 10, 16]
    assert 73 not in readings(charger, with_totals=False)


def test_states_can_be_forced(charger: EaseeCharger, faults: Faults) -> None:
    for forced in (0, 5, 42):
        faults.op_mode = forced
        assert readings(charger)[109] == forced


def test_energy_counts_and_starts_anew_with_each_car(charger: EaseeCharger) -> None:
    for _ in range(3600):
        charger.step(1, PerPhase.all(10))
    assert charger.session_energy == pytest.approx(6.9)
    charger.is_full = True
    charger.step(1, NOTHING)
    assert charger.op_mode == OpMode.COMPLETED
    charger.unplug()
    assert charger.op_mode == OpMode.DISCONNECTED
    charger.plug_in()
    assert charger.session_energy == 0
