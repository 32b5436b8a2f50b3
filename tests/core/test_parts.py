"""The smaller parts of the core: thermal model, budget, pairing, freshness, session, knobs, phases."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import controls as knobs
from bridge.core.budget import Budget
from bridge.core.freshness import Freshness
from bridge.core.house_load import OBEYS_WITHIN, RAMP_GAIN, DrawHistory
from bridge.core.model import (
    Cause,
    ChargerReport,
    ChargerState,
    Control,
    ControlChange,
    Installation,
    Pace,
    PhaseReading,
    Protection,
    Spent,
)
from bridge.core.phase_track import PhaseTrack
from bridge.core.phases import PerPhase, Phase, PhaseMap
from bridge.core.quiet import Quiet
from bridge.core.session import Session
from bridge.core.thermal import fuse_model

MCB = fuse_model(25.0, Protection.MCB)
HOME = Installation(fuse=25.0, maximum=16)

# --- thermal model: seconds to the limit, against the table of the standards' lower envelope


def seconds_to_limit(multiple: float, start: float, protection: Protection) -> int:
    model, theta, seconds = fuse_model(25.0, protection), start, 0
    while theta < model.limit and seconds < 3600:
        theta = model.heated(theta, multiple * 25.0, 1.0)
        seconds += 1
    return seconds


@pytest.mark.parametrize(
    ("multiple", "cold", "warm"), [(1.15, 202, 117), (1.3, 85, 31), (1.45, 56, 17), (2.0, 23, 6), (2.55, 13, 3)]
)
def test_an_automat_goes_when_the_table_says(multiple: float, cold: int, warm: int) -> None:
    assert seconds_to_limit(multiple, 0.0, Protection.MCB) == pytest.approx(cold, abs=1.5)
    assert seconds_to_limit(multiple, 1.0, Protection.MCB) == pytest.approx(warm, abs=1.5)


@pytest.mark.parametrize(("multiple", "cold"), [(1.3, 58), (1.6, 21), (2.0, 11)])
def test_a_melting_fuse_goes_when_the_table_says(multiple: float, cold: int) -> None:
    assert seconds_to_limit(multiple, 0.0, Protection.GG) == pytest.approx(cold, abs=1.5)


@given(st.floats(0, 3), st.floats(0, 80), st.floats(0, 300))
def test_heat_moves_towards_the_steady_state_and_never_past_it(theta: float, current: float, seconds: float) -> None:
    steady = (current / 25.0) ** 2
    heated = MCB.heated(theta, current, seconds)
    assert min(theta, steady) - 1e-9 <= heated <= max(theta, steady) + 1e-9


def test_from_1_45_times_the_rating_nothing_is_borne() -> None:
    assert not MCB.bears(0.0, 36.25, 0.1)
    assert MCB.bears(0.0, 36.0, 5.0)


# --- budget


def test_after_a_raise_a_reduction_waits_for_nothing() -> None:
    budget = Budget()
    budget.spend(Cause.RAISE, 100.0)
    assert budget.allows(Cause.LOWER, 100.5)


def test_a_phase_that_was_not_reported_to_start_may_take_all_it_was_just_offered() -> None:
    draws = DrawHistory()
    draws.report(PerPhase(6.0, 0.0, 0.0), 0.0)
    draws.forget_past(5.0)
    draws.offer(9.0, 5.0)
    draws.expect_rise(30.0)
    assert draws.bounds(0, 6.0) == (6.0, 6.0 + RAMP_GAIN)
    assert draws.bounds(1, 6.0) == (0.0, 9.0)


def test_reductions_wait_five_seconds_raises_thirty() -> None:
    budget = Budget()
    budget.spend(Cause.LOWER, 100.0)
    assert not budget.allows(Cause.LOWER, 104.0)
    assert budget.allows(Cause.LOWER, 105.0)
    assert not budget.allows(Cause.RAISE, 129.0)
    assert budget.allows(Cause.RAISE, 130.0)
    assert budget.allows(Cause.REFRESH, 100.0)


def test_what_does_not_reduce_waits_for_a_refresh_to_land() -> None:
    budget = Budget()
    budget.spend(Cause.REFRESH, 100.0)
    for cause in (Cause.RAISE, Cause.REFRESH):
        assert not budget.allows(cause, 110.0)
        assert budget.allows(cause, 115.0)
    assert budget.allows(Cause.LOWER, 100.0)


def test_raises_stop_at_thirty_changes_an_hour_reductions_at_sixty() -> None:
    budget = Budget()
    for second in range(0, 30 * 60, 60):
        budget.spend(Cause.LOWER, float(second))
    assert not budget.allows(Cause.RAISE, 1900.0)
    assert budget.allows(Cause.LOWER, 1900.0)
    for second in range(1900, 1900 + 30 * 10, 10):
        budget.spend(Cause.LOWER, float(second))
    assert not budget.allows(Cause.LOWER, 2300.0)
    assert not budget.allows(Cause.REFRESH, 2300.0)
    assert budget.allows(Cause.LOWER, 3661.0)
    assert budget.in_last_hour(2300.0) == 60


def test_refreshes_do_not_use_up_the_raises() -> None:
    budget = Budget()
    for second in range(0, 40 * 60, 60):
        budget.spend(Cause.REFRESH, float(second))
    assert budget.allows(Cause.RAISE, 2500.0)


def test_refreshes_grow_sparse_before_they_use_up_the_reductions() -> None:
    budget = Budget()
    refreshes = 0
    for second in range(0, 7200, 20):  # a time-to-live of one minute
        if budget.allows(Cause.REFRESH, float(second)):
            budget.spend(Cause.REFRESH, float(second))
            refreshes += 1
        assert budget.allows(Cause.LOWER, float(second))
    assert 50 <= refreshes <= 100


def test_changes_and_refreshes_together_leave_orders_for_reductions() -> None:
    budget = Budget()
    for second in range(7200):
        for cause in (Cause.RAISE, Cause.REFRESH):
            if budget.allows(cause, float(second)):
                budget.spend(cause, float(second))
        assert budget.allows(Cause.LOWER, float(second))


def test_a_raise_leaves_orders_for_reductions() -> None:
    budget = Budget()
    for second in range(0, 48 * 70, 70):
        budget.spend(Cause.REFRESH, float(second))
    assert not budget.allows(Cause.RAISE, 3400.0)
    assert budget.allows(Cause.LOWER, 3400.0)


def test_what_was_spent_before_a_restart_still_counts() -> None:
    before = Budget()
    for second in range(0, 60 * 20, 20):
        before.spend(Cause.LOWER, float(second))
    after = Budget(before.spent, 1190.0)
    assert not after.allows(Cause.LOWER, 1200.0)
    assert after.allows(Cause.LOWER, 3601.0)


def test_orders_of_another_time_are_not_believed() -> None:
    spent = [Spent(Cause.LOWER, at) for at in (-4000.0, 5000.0, inf, nan)] * 60
    assert Budget(spent, 1000.0).in_last_hour(1000.0) == 0


# --- pairing of mains and draw


def test_a_month_of_reports_without_a_telegram_is_forgotten() -> None:
    draws = DrawHistory()
    for minute in range(30 * 24 * 60):
        draws.report(PerPhase.all(10.0 + minute % 7), 60.0 * minute)
    assert len(draws._past) <= 2


def test_a_steady_draw_is_exact() -> None:
    draws = DrawHistory()
    draws.report(PerPhase.all(10.0), 0.0)
    draws.forget_past(60.0)
    draws.offer(16.0, 60.0)
    assert draws.bounds(0, 60.0) == (10.0, 10.0)


def test_after_a_report_the_draw_before_it_stays_possible_for_a_while() -> None:
    draws = DrawHistory()
    draws.report(PerPhase.all(16.0), 0.0)
    draws.forget_past(60.0)
    draws.report(PerPhase.all(6.0), 60.0)
    draws.forget_past(62.0)
    draws.offer(16.0, 58.0)
    draws.offer(6.0, 59.0)
    assert draws.bounds(1, 62.0) == (6.0, 16.0)
    draws.forget_past(64.0)
    assert draws.bounds(1, 64.0) == (6.0, 6.0)


def test_what_a_car_takes_beyond_its_offer_is_not_credited_once_it_had_the_time_to_follow() -> None:
    draws = DrawHistory()
    draws.report(PerPhase.all(16.0), 0.0)
    draws.forget_past(60.0)
    draws.offer(16.0, 59.0)
    draws.offer(14.0, 60.0)
    assert draws.bounds(0, 65.0) == (16.0, 16.0)
    assert draws.bounds(0, 60.0 + OBEYS_WITHIN) == (14.0, 14.0)


def test_a_car_that_was_offered_more_may_take_more_than_it_last_reported() -> None:
    draws = DrawHistory()
    draws.report(PerPhase.all(6.0), 0.0)
    draws.forget_past(5.0)
    draws.expect_rise(30.0)
    draws.offer(16.0, 10.0)
    assert draws.bounds(2, 10.0) == (6.0, 6.0 + RAMP_GAIN)
    assert draws.bounds(2, 31.0) == (6.0, 6.0)
    draws.offer(7.0, 11.0)
    assert draws.bounds(2, 11.0) == (6.0, 7.0)


# --- freshness


@pytest.mark.parametrize(("period", "age"), [(1.0, 5.0), (10.0, 35.0)], ids=["DSMR 5", "DSMR 4"])
def test_the_period_of_the_meter_decides_when_it_is_stale(period: float, age: float) -> None:
    freshness = Freshness(None, 0.0)
    for count in range(20):
        freshness.telegram(count * period)
    assert freshness.max_age == pytest.approx(age)


def test_the_owner_may_fix_the_age() -> None:
    freshness = Freshness(12.0, 0.0)
    for count in range(20):
        freshness.telegram(count * 10.0)
    assert freshness.max_age == 12.0


def test_a_lost_telegram_does_not_change_the_period() -> None:
    freshness = Freshness(None, 0.0)
    for now in (0.0, 1.0, 2.0, 4.5, 5.5):
        freshness.telegram(now)
    assert freshness.period == pytest.approx(1.0)


@pytest.mark.parametrize("burst", [0.0, 0.3])
def test_a_burst_on_connecting_is_no_period(burst: float) -> None:
    freshness = Freshness(None, 0.0)
    freshness.telegram(0.0)
    for count in range(20):
        freshness.telegram(burst + count * 10.0)
    assert freshness.max_age == pytest.approx(35.0)


def test_a_meter_that_slows_down_is_followed() -> None:
    freshness = Freshness(None, 0.0)
    for now in (*range(20), *range(30, 80, 10)):
        freshness.telegram(float(now))
    assert freshness.max_age == pytest.approx(35.0)


# --- one phase over time


def test_only_the_window_counts_for_the_highest_house_load() -> None:
    track = PhaseTrack(MCB, 1.0, Quiet(6, 16))
    for second in range(300):
        track.see(PhaseReading(20.0 if second == 100 else 5.0), (0.0, 0.0), float(second))
    assert track.highest_house_load(150.0, 299.0) == 5.0
    assert track.highest_house_load(220.0, 299.0) == 20.0
    assert track.has_measured(299.0, 299.0)
    track.forget()
    assert not track.has_measured(1.0, 299.0)


# --- the car


def session(*states: tuple[float, ChargerReport, PerPhase]) -> Session:
    car = Session(PhaseMap((Phase.L1, Phase.L2, Phase.L3)))
    for now, report, draw in states:
        car.see(report, draw, now)
    return car


CHARGING = ChargerReport(state=ChargerState.CHARGING)
ONE = PerPhase(16.0, 0.0, 0.0)
NONE = PerPhase(0.0, 0.0, 0.0)


def test_proof_of_a_one_phase_car_outlives_a_pause_but_not_the_plug() -> None:
    car = session((0.0, CHARGING, ONE), (70.0, CHARGING, NONE))
    assert car.used(80.0) == (True, False, False)
    car.see(ChargerReport(state=ChargerState.DISCONNECTED), NONE, 90.0)
    car.see(CHARGING, NONE, 100.0)
    assert car.used(100.0) == (True, True, True)


def test_a_draw_on_another_phase_undoes_the_proof_at_once() -> None:
    car = session((0.0, CHARGING, ONE), (70.0, CHARGING, PerPhase(16.0, 3.0, 0.0)))
    assert car.used(71.0)[1]


def test_phases_that_come_up_one_by_one_prove_nothing() -> None:
    car = session((0.0, CHARGING, ONE))
    assert car.used(34.0) == (True, True, True)


def test_a_disconnected_charger_that_draws_is_believed_to_draw() -> None:
    car = session((0.0, ChargerReport(state=ChargerState.DISCONNECTED), ONE))
    assert car.is_plugged


def test_a_car_that_stopped_by_itself_is_idle_after_a_minute() -> None:
    car = session((0.0, CHARGING, ONE), (500.0, CHARGING, NONE))
    assert not car.is_idle(550.0)
    assert car.is_idle(561.0)


def test_a_car_that_is_paused_again_before_it_resumed_is_not_asleep() -> None:
    car = session((0.0, CHARGING, ONE))
    car.ordered(16, 0, 10.0)
    car.see(CHARGING, NONE, 12.0)
    car.ordered(0, 16, 100.0)
    car.ordered(16, 0, 120.0)
    assert not car.is_asleep(900.0)
    car.ordered(0, 16, 1000.0)
    assert not car.is_asleep(1500.0)
    assert car.is_asleep(1600.0)


def test_a_car_that_was_woken_in_vain_is_told_again() -> None:
    car = session((0.0, CHARGING, ONE))
    car.ordered(16, 0, 10.0)
    car.see(CHARGING, NONE, 12.0)
    car.ordered(0, 16, 100.0)
    assert car.wake(700.0)
    car.ordered(16, 0, 700.2)  # the order leaves a little after the telegram that called for it
    car.ordered(0, 16, 730.0)
    assert car.is_asleep(1330.0)


# --- knobs


def test_a_charger_maximum_below_the_minimum_current_means_none() -> None:
    turned = knobs.turned(knobs.initial(HOME), ControlChange(Control.CHARGER_MAXIMUM, 4), HOME)
    assert turned.charger_maximum == 0


@pytest.mark.parametrize(
    "change",
    [
        ControlChange(Control.MAINS_LIMIT, value=True),
        ControlChange(Control.CHARGER_MAXIMUM, value=False),
        ControlChange(Control.PACE, 3),
        ControlChange(Control.BALANCING, Pace.CALM),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(change: ControlChange) -> None:
    with pytest.raises(ValueError, match=r"needs a number|wrong kind"):
        knobs.turned(knobs.initial(HOME), change, HOME)


# --- phases


@pytest.mark.parametrize("phases", [(), (Phase.L1, Phase.L2), (Phase.L1, Phase.L1, Phase.L2)])
def test_a_phase_map_needs_one_phase_or_three_different(phases: tuple[Phase, ...]) -> None:
    with pytest.raises(ValueError, match="phase"):
        PhaseMap(phases)


@given(st.permutations(list(Phase)), st.tuples(*[st.floats(0, 32)] * 3))
def test_a_phase_map_and_back_is_where_it_began(order: list[Phase], values: tuple[float, float, float]) -> None:
    wiring = PhaseMap(tuple(order))
    assert wiring.charger(wiring.mains(PerPhase(*values))) == values
