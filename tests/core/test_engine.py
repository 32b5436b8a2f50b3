"""What the engine decides, told by example."""

from dataclasses import replace
from math import floor

import pytest
from rig import HOME, Rig, telegram

from bridge.core.appetite import PROOF, ROOM
from bridge.core.engine import TOLERANCE
from bridge.core.limit import SMALL
from bridge.core.model import (
    BridgeState,
    Cause,
    ChargerBounds,
    ChargerState,
    Control,
    ControlChange,
    Controls,
    Happening,
    Link,
    LinkReport,
    Memory,
    NoCurrent,
    OnLapse,
    Outcome,
    Pace,
    PhaseReading,
    Problem,
    Reason,
    Refused,
    Result,
    Stopping,
    Telegram,
)
from bridge.core.pacing import PACES
from bridge.core.phases import PerPhase, Phase
from bridge.core.quiet import SLACK

PACING = PACES[Pace.NORMAL]


def left(load: float) -> int:
    """Whole A that a house load leaves for the car."""
    return floor(HOME.fuse - HOME.margin - load)


def charging(in_force: int = 16, **options: object) -> Rig:
    """A car that charges on three phases with what is in force, the house quiet for a minute."""
    rig = Rig(in_force=in_force, draw=PerPhase.all(float(in_force)), **options)  # type: ignore[arg-type]
    rig.memory = Memory(PerPhase.all(0.4), None, in_force)
    rig.__post_init__()
    rig.start(seconds=60)
    rig.orders.clear()
    return rig


# --- lowering and raising


def test_the_car_makes_room_for_the_oven_at_once() -> None:
    rig = charging()
    decision = rig.house(2.0, 14.0, 2.0)
    assert (decision.limit, decision.reason, decision.phase) == (10, Reason.OVERLOAD, Phase.L2)
    assert rig.orders[-1].currents == (10, 10, 10)
    assert decision.excess == pytest.approx(5.0)


def test_one_excess_is_taken_back_once() -> None:
    rig = charging()
    for _ in range(4):  # the car has not followed yet
        rig.house(2.0, 14.0, 2.0)
    assert [order.current for order in rig.orders] == [10]


def test_an_excess_that_grows_is_taken_back_again() -> None:
    rig = charging()
    rig.house(2.0, 12.0, 2.0)
    grown = HOME.fuse - 12 + SMALL + 0.5
    rig.house(2.0, grown, 2.0, seconds=6)
    assert [order.current for order in rig.orders] == [12, left(grown)]


def test_within_the_margin_nothing_is_lowered() -> None:
    rig = charging()
    rig.house(2.0, 8.8, 2.0, seconds=5)
    assert rig.orders == []


def test_whole_amperes_cost_a_margin_of_one() -> None:
    rig = charging()
    reading = PhaseReading(28.0, whole_amperes=True)
    rig.now += 1
    rig.see(Telegram((reading, reading, reading)))
    assert rig.decide().limit == 12


def test_the_limit_rises_only_after_a_quiet_window() -> None:
    rig = charging()
    rig.house(2.0, 14.0, 2.0)
    rig.car_draws(10.0)
    rig.house(2.0, 14.0, 2.0, seconds=60)
    rig.orders.clear()
    window = int(max(PACING.least, PACING.price / 6))
    rig.house(2.0, 2.0, 2.0, seconds=window - 2)
    assert rig.orders == []
    decision = rig.house(2.0, 2.0, 2.0, seconds=4)
    assert decision.limit == 16
    assert [order.cause for order in rig.orders] == [Cause.RAISE]


def test_a_raise_takes_what_the_window_left_and_no_more() -> None:
    rig = charging()
    rig.house(2.0, 14.0, 2.0)
    rig.car_draws(10.0)
    for _ in range(30):
        rig.house(2.0, 11.0, 2.0, seconds=5)
        rig.house(2.0, 3.0, 2.0, seconds=5)
    assert rig.orders[-1].current == 13


def test_small_change_is_raised_late() -> None:
    rig = charging()
    rig.house(2.0, 14.0, 2.0)
    rig.car_draws(10.0)
    rig.house(2.0, 14.0, 2.0, seconds=60)
    rig.orders.clear()
    price = int(PACING.price)
    rig.house(2.0, 13.0, 2.0, seconds=price - 1)
    assert rig.orders == []
    rig.house(2.0, 13.0, 2.0, seconds=3)
    assert [order.current for order in rig.orders] == [11]


def test_a_small_overload_costs_no_order_before_it_adds_up() -> None:
    rig = charging()
    excess = SMALL / 2
    load = HOME.fuse - 16 + excess
    rig.house(2.0, load, 2.0, seconds=int(TOLERANCE / excess) - 1)
    assert rig.orders == []
    rig.house(2.0, load, 2.0, seconds=3)
    assert [order.current for order in rig.orders] == [left(load)]


def test_a_load_that_cycles_is_waited_for() -> None:
    rig = charging()
    for _ in range(3):
        rig.house(2.0, 14.0, 2.0, seconds=40)
        rig.car_draws(float(rig.orders[-1].current))
        rig.house(2.0, 2.0, 2.0, seconds=50)
    rig.orders.clear()
    rig.house(2.0, 14.0, 2.0, seconds=40)
    rig.car_draws(10.0)
    late = int(PACING.patience * 50 + SLACK)
    rig.house(2.0, 2.0, 2.0, seconds=late - 10)
    assert [order.cause for order in rig.orders if order.cause is Cause.RAISE] == []
    assert rig.house(2.0, 2.0, 2.0, seconds=15).limit == 16


def test_a_motor_that_starts_is_known_after_it_has_started_before() -> None:
    rig = charging()
    limits = []
    for _ in range(4):
        rig.house(7.0, 2.0, 2.0, seconds=120)
        rig.car_draws(float(rig.in_force_now))
        rig.orders.clear()
        rig.house(15.0, 2.0, 2.0)
        limits.append([order.current for order in rig.orders])
    assert limits[0] == [9]
    assert limits[-1] == []


def test_a_car_that_takes_less_is_not_offered_more_than_it_may_want() -> None:
    rig = charging()
    rig.car_draws(10.0)
    rig.house(2.0, 2.0, 2.0, seconds=int(PROOF) + 5)
    rig.house(2.0, 17.0, 2.0, seconds=3)
    assert rig.orders[-1].current == 7
    rig.car_draws(7.0)
    rig.house(2.0, 2.0, 2.0, seconds=120)
    assert rig.orders[-1].current == 10 + ROOM
    rig.car_draws(12.0)
    assert rig.house(2.0, 2.0, 2.0, seconds=60).limit == 16, "it wants more after all"


def test_a_raise_that_must_wait_does_not_keep_the_limit_from_being_refreshed() -> None:
    rig = charging()
    for _ in range(16):  # each time one lower and one raise, until the hour's raises are spent
        rig.house(2.0, 14.0, 2.0, seconds=5)
        rig.car_draws(10.0)
        rig.house(2.0, 2.0, 2.0, seconds=130)
        rig.car_draws(float(rig.in_force_now))
    assert rig.in_force_now == 10
    rig.orders.clear()
    rig.house(2.0, 2.0, 2.0, seconds=600)
    assert [order.cause for order in rig.orders].count(Cause.REFRESH) >= 2


@pytest.mark.parametrize("minutes", [1, 2, 3, 5])
def test_no_time_to_live_ever_ends_between_two_refreshes(minutes: int) -> None:
    rig = charging(installation=replace(HOME, time_to_live=minutes))
    ends = rig.now + 60.0 * minutes
    for _ in range(2 * 3600):
        told = len(rig.orders)
        rig.house(2.0, 2.0, 2.0)
        if len(rig.orders) > told:
            ends = rig.now + 60.0 * rig.orders[-1].time_to_live
        assert rig.now < ends


def test_a_report_that_is_quicker_than_the_meter_does_not_wobble_the_house_load() -> None:
    rig = charging()
    rig.house(2.0, 14.0, 2.0, seconds=3)
    rig.tell_charger(draw=PerPhase.all(10.0))  # the telegram still tells of 16 A
    assert rig.house(2.0, 14.0, 2.0).numbers[0].house_load == pytest.approx(2.0)


# --- hold, pause, resume


def test_a_short_overload_is_held_at_the_minimum_current() -> None:
    rig = charging()
    decision = rig.house(2.0, 21.0, 2.0)
    assert (decision.limit, decision.reason) == (6, Reason.OVERLOAD)
    rig.car_draws(6.0)
    assert rig.house(2.0, 21.0, 2.0, seconds=10).reason is Reason.HOLD


def test_a_long_overload_pauses() -> None:
    rig = charging()
    rig.house(2.0, 21.0, 2.0)
    rig.car_draws(6.0)
    decision = rig.house(2.0, 21.0, 2.0, seconds=90)
    assert (decision.limit, decision.reason) == (0, Reason.PAUSE)
    assert rig.snapshot().state is BridgeState.PAUSED


def test_a_gross_overload_is_reduced_at_once_and_paused_when_a_second_telegram_says_so() -> None:
    rig = charging()
    assert rig.house(2.0, 32.0, 2.0).limit == 6
    decision = rig.house(2.0, 32.0, 2.0)
    assert (decision.limit, decision.reason) == (0, Reason.PAUSE)
    rig.house(2.0, 32.0, 2.0, seconds=4)
    assert [order.current for order in rig.orders] == [6, 0]


def test_a_pause_ends_after_a_measured_quiet_window_at_seven_or_more() -> None:
    rig = charging()
    rig.house(2.0, 32.0, 2.0, seconds=6)
    rig.car_draws(0.0)
    rig.house(2.0, 20.0, 2.0, seconds=300)  # would leave exactly nothing above the minimum
    assert [order.current for order in rig.orders if order.cause is not Cause.REFRESH] == [6, 0]
    decision = rig.house(2.0, 10.0, 2.0, seconds=int(PACING.resume) - 30)
    assert decision.limit == 0
    assert rig.snapshot().expected_resume is not None
    decision = rig.house(2.0, 10.0, 2.0, seconds=40)
    assert decision.limit == 14


def test_the_bare_minimum_resumes_only_after_a_long_window() -> None:
    rig = charging()
    rig.house(2.0, 32.0, 2.0, seconds=6)
    rig.car_draws(0.0)
    assert rig.house(2.0, 18.2, 2.0, seconds=560).limit == 0
    assert rig.snapshot().expected_resume == pytest.approx(rig.now + 40.0, abs=10.0)
    assert rig.house(2.0, 18.2, 2.0, seconds=60).limit == 6


def test_a_car_that_does_not_resume_is_told_and_woken_once() -> None:
    rig = charging()
    rig.house(2.0, 32.0, 2.0, seconds=6)
    rig.car_draws(0.0)
    rig.house(2.0, 5.0, 2.0, seconds=150)
    assert rig.orders[-1].current == 16
    rig.orders.clear()
    rig.house(2.0, 5.0, 2.0, seconds=1500)
    changes = [order.current for order in rig.orders if order.cause is not Cause.REFRESH]
    assert changes == [0, 16]
    told = [event.kind for event in rig.snapshot().events].count(Happening.CAR_DOES_NOT_RESUME)
    assert told == 2  # once with the retry, once more when that did not help


# --- which phases count


def test_a_phase_that_a_one_phase_output_does_not_use_never_throttles() -> None:
    rig = charging()
    rig.tell_charger(output=(True, False, False))
    rig.car_draws(16.0, 0.0, 0.0)
    assert rig.house(2.0, 24.9, 24.9, seconds=30).limit == 16


def test_a_one_phase_car_on_a_three_phase_output_is_known_by_its_draw() -> None:
    rig = charging()
    rig.tell_charger(output=(True, True, True))
    rig.car_draws(16.0, 0.0, 0.0)
    rig.house(2.0, 2.0, 2.0, seconds=61)
    assert rig.house(2.0, 24.0, 2.0, seconds=30).limit == 16


def test_until_that_is_proven_every_phase_counts() -> None:
    rig = charging()
    rig.car_draws(16.0, 0.0, 0.0)
    assert rig.house(2.0, 18.0, 2.0, seconds=5).limit == 6


def test_rotated_wiring_pairs_each_draw_with_its_own_phase() -> None:
    house = replace(HOME, phases=(Phase.L3, Phase.L1, Phase.L2))
    rig = charging(installation=house)
    rig.tell_charger(output=(True, False, False))
    rig.tell_charger(draw=PerPhase(16.0, 0.0, 0.0))  # P1, wired to L3
    rig.draw = PerPhase(0.0, 0.0, 16.0)
    decision = rig.house(2.0, 24.0, 12.0, seconds=2)
    assert (decision.limit, decision.phase) == (12, Phase.L3)
    assert decision.numbers[2].house_load == pytest.approx(12.0)


def test_a_one_phase_installation_orders_nothing_on_phases_nobody_measures() -> None:
    rig = Rig(installation=replace(HOME, phases=(Phase.L2,), fuse=40.0, maximum=32), in_force=40)
    rig.start(0.0, 5.0, 0.0)
    rig.house(None, 5.0, None, seconds=40)
    assert rig.orders[-1].currents == (32, 0, 0)


def test_export_never_throttles() -> None:
    rig = charging()
    rig.house(-25.0, -30.0, -12.0, seconds=60)
    assert rig.orders == []


# --- no car, no telegram, no charger


def test_without_a_car_the_circuit_is_parked_for_good() -> None:
    rig = Rig(state=ChargerState.DISCONNECTED, in_force=40)
    decision = rig.start(12.0, 3.0, 3.0)
    assert (decision.limit, decision.reason) == (12, Reason.PARKED)
    assert rig.orders[-1].time_to_live == 0
    assert rig.snapshot().state is BridgeState.PARKED


def test_a_parked_limit_follows_the_house_down_and_waits_a_quarter_hour_to_rise() -> None:
    rig = Rig(state=ChargerState.DISCONNECTED, in_force=16)
    rig.start(3.0, 3.0, 3.0, seconds=120)
    rig.house(15.0, 3.0, 3.0, seconds=60)
    assert rig.orders[-1].current == 9
    rig.house(3.0, 3.0, 3.0, seconds=850)
    assert rig.orders[-1].current == 9
    rig.house(3.0, 3.0, 3.0, seconds=120)
    assert rig.orders[-1].current == 16


def test_where_a_lapse_would_raise_no_order_may_lapse() -> None:
    rig = charging(installation=replace(HOME, on_lapse=OnLapse.MAXIMUM))
    rig.house(2.0, 14.0, 2.0)
    assert (rig.orders[-1].current, rig.orders[-1].time_to_live) == (10, 0)
    rig.car_draws(10.0)
    count = len(rig.orders)
    rig.house(2.0, 14.0, 2.0, seconds=900)
    assert len(rig.orders) == count, "what never lapses needs no refresh"


def test_plugging_in_puts_the_parked_limit_under_a_time_to_live() -> None:
    rig = Rig(state=ChargerState.DISCONNECTED, in_force=16)
    rig.start(3.0, 3.0, 3.0, seconds=120)
    rig.tell_charger(state=ChargerState.AWAITING_START)
    rig.house(3.0, 3.0, 3.0, seconds=2)
    assert rig.orders[-1].time_to_live == 10
    assert rig.orders[-1].current == 16


def test_a_silent_meter_orders_the_fallback_current_for_good() -> None:
    rig = charging()
    decision = rig.silence(7)
    assert (decision.limit, decision.reason) == (6, Reason.METER_STALE)
    assert (rig.orders[-1].current, rig.orders[-1].time_to_live) == (6, 0)
    assert {Problem.METER_STALE, Problem.FALLBACK} <= rig.snapshot().problems
    assert rig.snapshot().events[-1].kind is Happening.FALLBACK


def test_one_silent_phase_is_enough_to_be_blind() -> None:
    rig = charging()
    assert rig.house(2.0, None, 2.0, seconds=7).reason is Reason.METER_STALE


def test_a_blind_order_may_lapse_where_the_charger_is_known_to_fall_to_its_offline_current() -> None:
    rig = charging(installation=replace(HOME, on_lapse=OnLapse.OFFLINE_CURRENT))
    rig.silence(7)
    assert rig.orders[-1].time_to_live == 10


def test_a_blind_order_never_raises_until_a_quarter_hour_of_pause_has_passed() -> None:
    rig = charging()
    rig.house(2.0, 32.0, 2.0, seconds=6)
    rig.car_draws(0.0)
    rig.orders.clear()
    rig.silence(890)
    assert all(order.current == 0 for order in rig.orders)
    rig.silence(20)
    assert rig.orders[-1].current == 6


def test_a_raise_that_was_lost_is_not_given_in_part_while_blind() -> None:
    rig = charging()
    rig.house(2.0, 32.0, 2.0, seconds=6)
    rig.car_draws(0.0)
    rig.obeys = False
    assert rig.house(2.0, 2.0, 2.0, seconds=int(PACING.resume) + 10).limit == 16
    rig.orders.clear()
    decision = rig.silence(10)
    assert (decision.limit, decision.reason) == (0, Reason.METER_STALE)
    assert {order.current for order in rig.orders} == {0}


def test_a_meter_that_comes_back_must_be_measured_anew_before_anything_rises() -> None:
    rig = charging()
    rig.silence(60)
    rig.car_draws(6.0)
    assert rig.house(2.0, 2.0, 2.0, seconds=9).limit == 6
    assert rig.house(2.0, 2.0, 2.0, seconds=25).limit == 16


def test_a_start_is_no_licence_to_charge() -> None:
    rig = Rig(in_force=40)
    rig.see(rig.report)
    decision = rig.decide()
    assert (decision.limit, decision.reason) == (6, Reason.STARTING)
    assert rig.orders[-1].current == 6


def test_a_restart_goes_on_where_it_was_without_a_jump() -> None:
    rig = Rig(in_force=13, memory=Memory(PerPhase.all(0.9), None, 13))
    rig.see(rig.report)
    assert rig.decide().limit == 13
    assert rig.orders == [], "nothing is refreshed that nobody has measured"
    rig.house(2.0, 2.0, 2.0)
    assert [(order.current, order.cause) for order in rig.orders] == [(13, Cause.REFRESH)]


def test_a_restart_does_not_give_the_budget_back() -> None:
    rig = Rig(in_force=13, memory=Memory(PerPhase.all(0.9), None, 13))
    rig.start()
    assert len(rig.orders) == 1
    rig.now += 10
    again = Rig(in_force=13, memory=rig.engine.memory(rig.now), now=rig.now)
    again.start(seconds=10)
    assert again.snapshot().commands_last_hour == 2, "one before the restart and one after it"


def test_a_raise_that_never_came_in_force_says_nothing_of_what_the_car_would_take() -> None:
    rig = Rig(in_force=6, draw=PerPhase.all(6.0), memory=Memory(PerPhase.all(0.4), None, 6))
    rig.start(seconds=5)
    rig.obeys = False
    rig.house(2.0, 2.0, 2.0, seconds=400)
    assert {order.current for order in rig.orders if order.cause is Cause.RAISE} == {16}
    rig.obeys = True
    rig.house(18.0, 2.0, 2.0, seconds=60)
    assert rig.in_force_now == 6
    rig.house(2.0, 2.0, 2.0, seconds=200)
    assert rig.orders[-1].current == 16


@pytest.mark.parametrize(("oven", "limit"), [(15.4, 9), (2.0, 15)])
def test_a_charging_car_is_not_taken_for_the_house_when_the_meter_was_faster(oven: float, limit: int) -> None:
    rig = Rig(in_force=15, draw=PerPhase.all(15.0), memory=Memory(PerPhase.all(0.5), None, 15))
    rig.house(2.0, oven, 2.0)
    rig.see(rig.report)
    assert rig.decide().limit == limit
    assert rig.house(2.0, oven, 2.0).limit == limit


def test_without_a_report_nothing_is_ordered() -> None:
    rig = Rig()
    rig.now += 1
    rig.see(telegram(2.0, 2.0, 2.0))
    decision = rig.decide()
    assert decision.reason is Reason.STARTING
    assert rig.orders == []


# --- what binds


def test_whatever_binds_at_the_charger_is_never_exceeded() -> None:
    rig = charging()
    rig.tell_charger(bounds=ChargerBounds(circuit_maximum=13.9, rated_current=16.0, charger_maximum=32.0))
    assert rig.house(0.0, 0.0, 0.0).limit == 13


@pytest.mark.parametrize("minimum_bound", [3.0, 5.9])
def test_a_bound_below_the_minimum_current_means_none(minimum_bound: float) -> None:
    rig = charging()
    rig.tell_charger(bounds=ChargerBounds(circuit_maximum=minimum_bound))
    assert rig.house(0.0, 0.0, 0.0).limit == 0


# --- the owner's knobs


def test_charging_not_allowed_is_zero_amperes_for_good() -> None:
    rig = charging()
    rig.see(ControlChange(Control.CHARGING_ALLOWED, value=False))
    decision = rig.house(2.0, 2.0, 2.0)
    assert (decision.limit, decision.reason) == (0, Reason.NOT_ALLOWED)
    assert rig.orders[-1].time_to_live == 0


def test_balancing_off_holds_the_fallback_current_and_still_protects() -> None:
    rig = charging()
    rig.see(ControlChange(Control.BALANCING, value=False))
    assert rig.house(2.0, 2.0, 2.0, seconds=10).limit == 6
    assert rig.house(2.0, 2.0, 2.0).reason is Reason.BALANCING_OFF
    rig.car_draws(6.0)
    rig.house(2.0, 2.0, 2.0, seconds=5)
    assert rig.house(2.0, 33.0, 2.0, seconds=2).limit == 0


def test_a_lower_mains_limit_counts_like_a_smaller_fuse() -> None:
    rig = charging()
    rig.see(ControlChange(Control.MAINS_LIMIT, 15.0))
    assert rig.house(2.0, 2.0, 2.0).limit == 12


def test_no_knob_exceeds_the_settings() -> None:
    rig = charging()
    rig.see(ControlChange(Control.MAINS_LIMIT, 63.0))
    rig.see(ControlChange(Control.CHARGER_MAXIMUM, 32))
    controls = rig.snapshot().controls
    assert (controls.mains_limit, controls.charger_maximum) == (25.0, 16)


def test_remembered_knobs_do_not_exceed_settings_that_were_lowered_since() -> None:
    memory = Memory(PerPhase.all(1.0), Controls(mains_limit=35.0, charger_maximum=32, pace=Pace.CALM), 16)
    controls = Rig(memory=memory).snapshot().controls
    assert (controls.mains_limit, controls.charger_maximum, controls.pace) == (25.0, 16, Pace.CALM)


def test_a_knob_turned_to_nonsense_is_counted_and_stays() -> None:
    rig = charging()
    rig.see(ControlChange(Control.BALANCING, 3.5))
    rig.see(Refused(Link.MQTT))
    assert rig.snapshot().refused == 2
    assert rig.snapshot().controls.balancing


def test_a_parked_limit_that_waits_to_be_raised_stays_parked_for_good() -> None:
    rig = Rig(state=ChargerState.DISCONNECTED, in_force=16)
    rig.start(3.0, 3.0, 3.0, seconds=100)
    rig.see(ControlChange(Control.CHARGER_MAXIMUM, 10))
    rig.house(3.0, 3.0, 3.0, seconds=5)
    rig.see(ControlChange(Control.CHARGER_MAXIMUM, 16))
    decision = rig.house(3.0, 3.0, 3.0, seconds=10)
    assert (decision.limit, decision.reason) == (10, Reason.PARKED)
    assert {order.time_to_live for order in rig.orders} == {0}


def test_a_resume_that_must_wait_is_a_pause_that_tells_its_end() -> None:
    rig = charging()
    rig.see(ControlChange(Control.CHARGING_ALLOWED, value=False))
    rig.house(2.0, 2.0, 2.0, seconds=5)
    rig.car_draws(0.0)
    rig.see(ControlChange(Control.CHARGING_ALLOWED, value=True))
    decision = rig.house(2.0, 2.0, 2.0, seconds=5)
    assert (decision.limit, decision.reason) == (0, Reason.PAUSE)
    assert rig.snapshot().expected_resume is not None


# --- others who write the limit


def test_a_charger_that_rebooted_is_ordered_again_at_once() -> None:
    rig = charging(in_force=12)
    rig.house(2.0, 12.0, 2.0, seconds=10)
    rig.tell_charger(dynamic_current=PerPhase.all(40.0))
    rig.house(2.0, 12.0, 2.0)
    assert rig.orders[-1].current == 12
    assert rig.orders[-1].cause is Cause.LOWER


def test_a_limit_that_somebody_raised_is_ordered_again_and_said() -> None:
    rig = charging(in_force=12)
    rig.house(2.0, 12.0, 2.0, seconds=10)
    rig.tell_charger(dynamic_current=PerPhase.all(40.0))
    rig.house(2.0, 12.0, 2.0)
    change = rig.snapshot().last_change
    assert change is not None
    assert (change.text, change.reason) == (
        "limit 40 → 12 A (raised by another app, or the charger has restarted)",
        Reason.OTHER_CONTROLLER,
    )


def test_a_car_held_by_the_chargers_own_limit_is_held_by_another_controller() -> None:
    rig = charging()
    rig.tell_charger(dynamic_charger_current=8.0)
    rig.house(2.0, 2.0, 2.0)
    assert Problem.OTHER_CONTROLLER in rig.snapshot().problems
    rig.tell_charger(dynamic_charger_current=32.0)
    rig.house(2.0, 2.0, 2.0)
    assert Problem.OTHER_CONTROLLER not in rig.snapshot().problems


def test_somebody_who_keeps_raising_the_limit_is_answered_twelve_times_an_hour() -> None:
    rig = charging()
    for _ in range(30):
        rig.tell_charger(dynamic_current=PerPhase.all(32.0))
        rig.house(2.0, 2.0, 2.0, seconds=20)
    assert len([order for order in rig.orders if order.cause is Cause.LOWER]) == 12
    assert Problem.OTHER_CONTROLLER in rig.snapshot().problems


def test_somebody_who_lowers_the_limit_is_respected_until_the_car_leaves() -> None:
    rig = charging()
    rig.tell_charger(dynamic_current=PerPhase.all(10.0))
    decision = rig.house(2.0, 2.0, 2.0, seconds=120)
    assert (decision.limit, decision.reason) == (10, Reason.OTHER_CONTROLLER)
    assert Problem.OTHER_CONTROLLER in rig.snapshot().problems
    rig.car_draws(0.0)
    rig.tell_charger(state=ChargerState.DISCONNECTED)
    rig.house(2.0, 2.0, 2.0, seconds=120)
    rig.tell_charger(state=ChargerState.CHARGING)
    assert rig.house(2.0, 2.0, 2.0, seconds=60).limit == 16


def test_somebody_who_leaves_less_than_the_minimum_is_named() -> None:
    rig = charging()
    rig.tell_charger(dynamic_current=PerPhase.all(3.0))
    rig.car_draws(0.0)
    decision = rig.house(2.0, 2.0, 2.0, seconds=60)
    assert (decision.limit, decision.reason) == (0, Reason.OTHER_CONTROLLER)


def test_an_equalizer_is_reported() -> None:
    rig = charging()
    rig.tell_charger(no_current=NoCurrent.EQUALIZER)
    assert Problem.OTHER_CONTROLLER in rig.snapshot().problems


def test_somebody_who_lowers_a_parked_circuit_is_not_fought() -> None:
    rig = Rig(state=ChargerState.DISCONNECTED, in_force=16)
    rig.start(3.0, 3.0, 3.0, seconds=120)
    rig.orders.clear()
    rig.tell_charger(dynamic_current=PerPhase.all(8.0))
    rig.house(3.0, 3.0, 3.0, seconds=300)
    assert {order.current for order in rig.orders} == {8}
    assert len(rig.orders) == 1


def test_a_car_that_ignores_its_limit_is_cut_off() -> None:
    rig = charging()
    rig.house(2.0, 14.0, 2.0, seconds=10)
    assert rig.in_force_now == 10
    decision = rig.house(2.0, 14.0, 2.0, seconds=15)  # still 16 A, 30 A on L2
    assert (decision.limit, decision.reason, decision.phase) == (0, Reason.PAUSE, Phase.L2)


def test_a_draw_from_before_the_limit_is_no_disobedience_while_the_stream_is_dead() -> None:
    rig = charging()
    rig.see(LinkReport(Link.STREAM, is_up=False, detail="no pings"))
    rig.house(2.0, 12.0, 2.0)
    rig.draw = PerPhase.all(11.6)  # it follows, but the next poll is far
    assert rig.house(2.0, 13.6, 2.0, seconds=40).limit >= 6


def test_a_car_that_takes_a_little_more_than_its_limit_makes_room_all_the_same() -> None:
    rig = charging(in_force=14)
    rig.car_draws(15.4)
    rig.house(10.5, 2.0, 2.0, seconds=20 + int(2 * TOLERANCE))  # 25.9 A on L1, though 14 A would fit
    assert rig.in_force_now <= 13


def test_a_draw_that_was_never_reported_is_bounded_by_the_limit() -> None:
    rig = Rig(in_force=10, memory=Memory(PerPhase.all(0.4), None, 10))
    rig.report = replace(rig.report, draw=None)
    rig.draw = PerPhase.all(10.0)
    rig.start(5.0, 5.0, 5.0, seconds=60)
    assert rig.orders[-1].current == 10


def test_a_parked_circuit_heeds_all_phases_whatever_the_last_car_used() -> None:
    rig = Rig(state=ChargerState.DISCONNECTED, in_force=16)
    rig.tell_charger(output=(True, False, False))
    assert rig.house(2.0, 2.0, 17.0).limit == 7


def test_a_pulsing_overload_is_told_once() -> None:
    rig = charging()
    for _ in range(10):
        rig.house(2.0, 12.0, 2.0, seconds=3)
        rig.car_draws(float(rig.in_force_now))
        rig.house(2.0, 27.0, 2.0, seconds=3)
    told = [event for event in rig.snapshot().events if event.kind is Happening.OVERLOAD]
    assert len(told) == 1


def test_an_overload_on_a_phase_that_fell_silent_is_not_told_for_ever() -> None:
    rig = charging(in_force=6)
    rig.tell_charger(output=(True, False, False))
    rig.car_draws(6.0, 0.0, 0.0)
    rig.house(2.0, 2.0, 26.0)
    assert Problem.OVERLOAD in rig.snapshot().problems
    rig.house(2.0, 2.0, None, seconds=40)
    assert Problem.OVERLOAD not in rig.snapshot().problems


def test_a_refused_reduction_is_followed_by_a_lower_one() -> None:
    rig = charging(obeys=False, answers=False)
    for _ in range(8):
        rig.house(2.0, 14.0, 2.0)
        if rig.orders:
            rig.see(Outcome(rig.orders[-1].number, Result.REJECTED))
        rig.now += 5.0
    assert [order.current for order in rig.orders] == [10, 9, 8, 7, 6, 0]


def test_the_start_of_a_car_is_not_taken_for_an_overload() -> None:
    rig = Rig(in_force=6, state=ChargerState.AWAITING_START, memory=Memory(PerPhase.all(0.4), None, 6))
    rig.start(15.0, 2.0, 2.0, seconds=40)
    assert rig.in_force_now == 9
    rig.orders.clear()
    rig.draw = PerPhase.all(8.7)  # it starts at once; the report is three seconds late
    rig.house(15.0, 2.0, 2.0, seconds=3)
    rig.car_draws(8.7)
    rig.house(15.0, 2.0, 2.0, seconds=10)
    assert rig.orders == []


# --- stopping


def test_stopping_leaves_the_lower_of_limit_and_fallback_for_good() -> None:
    rig = charging()
    rig.see(Stopping())
    rig.decide()
    assert (rig.orders[-1].current, rig.orders[-1].time_to_live) == (6, 0)


def test_stopping_in_a_pause_leaves_the_pause() -> None:
    rig = charging()
    rig.house(2.0, 32.0, 2.0, seconds=6)
    rig.see(Stopping())
    rig.decide()
    assert rig.orders[-1].current == 0


def test_the_stopping_order_waits_for_no_pace() -> None:
    rig = charging()
    rig.house(2.0, 12.0, 2.0)
    rig.now += 0.5
    rig.see(Stopping())
    rig.decide()
    assert [order.current for order in rig.orders] == [12, 6]
    rig.decide()
    assert len(rig.orders) == 2


def test_the_stopping_order_puts_a_running_fallback_order_there_for_good() -> None:
    rig = charging(in_force=6)
    rig.see(Stopping())
    rig.decide()
    assert (rig.orders[-1].current, rig.orders[-1].time_to_live) == (6, 0)


def test_the_stopping_order_respects_the_breaker() -> None:
    rig = charging()
    rig.see(LinkReport(Link.CHARGER, is_up=False, detail="banned", retry_after=600.0))
    rig.see(Stopping())
    assert rig.decide().command is None


def test_dry_run_decides_and_shows_but_never_orders() -> None:
    rig = charging(installation=replace(HOME, dry_run=True))
    rig.house(2.0, 14.0, 2.0, seconds=5)
    assert rig.orders == []
    assert rig.engine.decide(rig.now).limit == 10
    assert rig.snapshot().events[-1].text.startswith("limit 16 → 10 A (overload: L2")


def test_the_log_line_says_what_why_and_where() -> None:
    rig = charging()
    rig.house(2.0, 12.1, 2.0)
    change = rig.snapshot().last_change
    assert change is not None
    assert change.text == "limit 16 → 12 A (overload: L2 +3.1 A)"


def test_a_lost_charger_is_a_problem() -> None:
    rig = charging()
    rig.see(LinkReport(Link.CHARGER, is_up=False, detail="no answer"))
    assert Problem.CHARGER_LOST in rig.snapshot().problems


def test_a_limit_that_does_not_come_in_force_says_why() -> None:
    rig = charging()
    rig.obeys = False
    rig.house(2.0, 14.0, 2.0, seconds=10)
    assert Problem.CHARGER_LOST not in rig.snapshot().problems
    for _ in range(40):
        decision = rig.house(2.0, 14.0, 2.0, seconds=10)
        assert (decision.limit, decision.reason) == (10, Reason.CHARGER_LOST)
        assert Problem.CHARGER_LOST in rig.snapshot().problems


def test_a_ban_shows_when_the_cloud_is_called_again() -> None:
    rig = charging()
    assert rig.snapshot().next_try is None
    rig.house(2.0, 14.0, 2.0)
    rig.see(Outcome(rig.orders[-1].number, Result.RATE_LIMITED, retry_after=900.0))
    rig.house(2.0, 18.0, 2.0, seconds=5)
    assert rig.engine.decide(rig.now).reason is Reason.RATE_LIMITED
    assert rig.snapshot().next_try == pytest.approx(rig.now + 895.0)
    assert Problem.CHARGER_LOST in rig.snapshot().problems
