"""An order counts when it is read back; lost ones are repeated, others' are told apart."""

import pytest

from bridge.core.model import Cause, Outcome, Result, SetCircuitLimit
from bridge.core.orders import CONFIRM_WITHIN, UNDERCUT_FOR, Orders, Stage
from bridge.core.phases import PerPhase


def order(current: int, number: int = 1, *, ttl: int = 10, cause: Cause = Cause.LOWER) -> SetCircuitLimit:
    return SetCircuitLimit((current, current, current), ttl, cause, number)


def due(orders: Orders, current: int, now: float, *, ttl: int = 10, is_live: bool = True) -> Cause | None:
    return orders.due((current, current, current), ttl, now, is_live=is_live)


def in_force(current: int = 10, *, now: float = 0.0, ttl: int = 10) -> Orders:
    """An order that was sent and read back."""
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), now)
    orders.sent(order(current, ttl=ttl), now)
    orders.ended(Outcome(1, Result.ACCEPTED), now)
    orders.read_back(PerPhase.all(float(current)), now)
    return orders


def test_an_accepted_order_is_not_yet_in_force() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    orders.ended(Outcome(1, Result.ACCEPTED), 1.0)
    assert orders.stage is Stage.ACCEPTED
    assert (orders.limit, orders.exposed) == (10, 16)


def test_the_read_back_puts_it_in_force() -> None:
    orders = in_force(10)
    assert orders.stage is Stage.IN_FORCE
    assert orders.exposed == 10


def test_a_read_back_of_another_value_does_not() -> None:
    orders = Orders(3)
    orders.sent(order(10), 0.0)
    orders.read_back(PerPhase(10.0, 10.0, 16.0), 1.0)
    assert orders.stage is Stage.SENT


def test_a_charger_without_read_back_is_ordered_nothing() -> None:
    assert due(Orders(3), 10, 0.0) is None


@pytest.mark.parametrize(("is_live", "bound"), [(True, 15.0), (False, 75.0)], ids=["live stream", "dead stream"])
def test_an_order_that_is_not_read_back_in_time_is_lost_and_repeated(is_live: bool, bound: float) -> None:  # noqa: FBT001
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    orders.ended(Outcome(1, Result.ACCEPTED), 1.0)
    assert due(orders, 10, bound - 1, is_live=is_live) is None
    assert not orders.is_lost(bound - 1, is_live=is_live)
    assert due(orders, 10, bound + 1, is_live=is_live) is Cause.LOWER
    assert orders.is_lost(bound + 1, is_live=is_live)


def test_a_lost_order_stays_lost_through_its_repeats_until_it_is_read_back() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    orders.sent(order(10, 2), 16.0)
    assert orders.is_lost(17.0, is_live=True)
    orders.sent(order(9, 3), 20.0)
    assert orders.is_lost(21.0, is_live=True)
    orders.read_back(PerPhase.all(9.0), 23.0)
    assert not orders.is_lost(23.0, is_live=True)


def test_an_order_overtaken_by_the_next_is_a_sign_of_life() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(12), 0.0)
    orders.sent(order(10, 2), 8.0)
    orders.read_back(PerPhase.all(12.0), 12.0)
    assert not orders.is_lost(20.0, is_live=True)


def test_a_limit_that_lapsed_and_cannot_be_ordered_again_is_lost() -> None:
    orders = in_force(16)
    orders.sent(order(16, 2, cause=Cause.REFRESH), 590.0)
    orders.ended(Outcome(2, Result.REJECTED), 591.0)
    orders.read_back(PerPhase.all(6.0), 605.0)
    assert due(orders, 16, 621.0) is None
    assert orders.is_lost(621.0, is_live=True)


def test_repeats_of_a_lost_order_grow_rarer() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    repeats = []
    for now in range(1, 1800):
        if due(orders, 10, float(now)) is not None:
            orders.sent(order(10), float(now))
            repeats.append(now)
    assert repeats[0] == CONFIRM_WITHIN + 1
    assert len(repeats) <= 1800 / CONFIRM_WITHIN / 4


def test_an_unanswered_order_is_repeated_with_growing_delay() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    orders.ended(Outcome(1, Result.UNANSWERED), 1.0)
    assert due(orders, 10, 5.0) is None
    assert due(orders, 10, 6.0) is Cause.LOWER
    orders.sent(order(10, 2), 6.0)
    orders.ended(Outcome(2, Result.UNANSWERED), 7.0)
    assert due(orders, 10, 16.0) is None
    assert due(orders, 10, 17.0) is Cause.LOWER
    assert orders.is_lost(17.0, is_live=True)


def test_nothing_is_raised_before_the_order_before_is_in_force() -> None:
    orders = in_force(16)
    orders.sent(order(0, 2), 10.0)
    assert due(orders, 10, 60.0) is None
    assert due(orders, 16, 60.0) is None
    orders.read_back(PerPhase.all(0.0), 61.0)
    assert due(orders, 10, 61.0) is Cause.RAISE


def test_a_rejected_order_rests_for_ten_minutes_but_another_may_go() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    orders.ended(Outcome(1, Result.REJECTED), 1.0)
    assert due(orders, 10, 599.0) is None
    assert due(orders, 9, 599.0) is Cause.LOWER
    assert due(orders, 10, 602.0) is Cause.LOWER


def test_a_refused_reduction_may_be_given_anew_once_orders_are_taken_again() -> None:
    orders = in_force(10)
    orders.sent(order(0, 2), 100.0)
    orders.ended(Outcome(2, Result.REJECTED), 101.0)
    orders.sent(order(16, 3, cause=Cause.RAISE), 140.0)
    orders.ended(Outcome(3, Result.REJECTED), 141.0)
    assert due(orders, 0, 150.0) is None
    orders.sent(order(8, 4), 150.0)
    orders.read_back(PerPhase.all(8.0), 153.0)
    assert due(orders, 0, 160.0) is Cause.LOWER
    assert due(orders, 16, 200.0) is None, "a refused raise can wait"


def test_a_refused_order_leaves_what_stands_to_be_refreshed() -> None:
    orders = in_force(10)
    orders.sent(order(16, 2, cause=Cause.RAISE), 100.0)
    orders.ended(Outcome(2, Result.REJECTED), 101.0)
    assert orders.is_lost(101.0, is_live=True)
    assert orders.limit == 10
    assert due(orders, 16, 140.0) is None
    assert due(orders, 10, 140.0) is Cause.REFRESH


def test_the_breaker_stops_everything() -> None:
    orders = in_force()
    orders.sent(order(6, 2), 10.0)
    orders.ended(Outcome(2, Result.RATE_LIMITED, retry_after=900.0), 11.0)
    assert due(orders, 0, 910.0) is None
    assert due(orders, 0, 912.0) is Cause.LOWER


def test_an_outcome_of_an_older_order_is_ignored() -> None:
    orders = in_force()
    orders.sent(order(8, 2), 10.0)
    orders.ended(Outcome(1, Result.REJECTED), 11.0)
    assert orders.stage is Stage.SENT


def test_a_refresh_is_due_at_a_third_of_the_time_to_live() -> None:
    orders = in_force()
    assert due(orders, 10, 199.0) is None
    assert due(orders, 10, 200.0) is Cause.REFRESH


def test_an_order_for_ever_needs_no_refresh() -> None:
    orders = in_force(ttl=0)
    assert due(orders, 10, 86400.0, ttl=0) is None


def test_another_time_to_live_is_a_refresh() -> None:
    assert due(in_force(ttl=0), 10, 1.0, ttl=10) is Cause.REFRESH


def test_a_time_to_live_that_changes_to_and_fro_is_no_storm_of_refreshes() -> None:
    orders, refreshes = in_force(ttl=0), 0
    for now in range(10, 1000, 10):
        ttl = 10 if now % 20 else 0
        if due(orders, 10, float(now), ttl=ttl) is Cause.REFRESH:
            refreshes += 1
            orders.sent(order(10, now, ttl=ttl, cause=Cause.REFRESH), float(now))
            orders.ended(Outcome(now, Result.ACCEPTED), float(now))
    assert refreshes <= 10


def test_an_order_that_is_executed_but_never_read_back_is_repeated_ever_more_rarely() -> None:
    orders, repeats = Orders(3), 0
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    for now in range(1, 3600):
        orders.ended(Outcome(orders.newest.number, Result.EXECUTED), float(now))  # type: ignore[union-attr]
        if due(orders, 10, float(now)) is not None:
            orders.sent(order(10, now), float(now))
            repeats += 1
    assert repeats <= 3600 / CONFIRM_WITHIN / 8


def test_a_refresh_counts_when_the_charger_answers() -> None:
    orders = in_force()
    orders.ended(Outcome(1, Result.EXECUTED), 1.0)
    orders.sent(order(10, 2, cause=Cause.REFRESH), 201.0)
    orders.ended(Outcome(2, Result.ACCEPTED), 202.0)
    assert due(orders, 10, 261.0) is Cause.REFRESH, "accepted is not enough"
    orders.sent(order(10, 3, cause=Cause.REFRESH), 261.0)
    orders.ended(Outcome(3, Result.EXECUTED), 263.0)
    assert due(orders, 10, 460.0) is None


def test_where_the_charger_never_answers_an_accepted_refresh_must_do() -> None:
    orders = in_force()
    orders.sent(order(10, 2, cause=Cause.REFRESH), 200.0)
    orders.ended(Outcome(2, Result.ACCEPTED), 201.0)
    assert due(orders, 10, 400.0) is None


def test_a_failed_refresh_is_tried_again_soon_and_the_order_stays_in_force() -> None:
    orders = in_force()
    orders.sent(order(10, 2, cause=Cause.REFRESH), 200.0)
    orders.ended(Outcome(2, Result.UNANSWERED), 201.0)
    assert orders.stage is Stage.IN_FORCE
    assert due(orders, 10, 216.0) is Cause.REFRESH


def test_a_limit_that_jumps_up_is_corrected_twelve_times_an_hour() -> None:
    orders = in_force()
    corrections = 0
    for now in range(10, 3000, 10):
        orders.read_back(PerPhase.all(40.0), float(now))
        if due(orders, 10, float(now)) is Cause.LOWER:
            corrections += 1
            orders.sent(order(10, corrections + 1), float(now))
            orders.read_back(PerPhase.all(10.0), now + 2.0)
    assert corrections == 12
    assert orders.is_contested(3000.0)
    assert not orders.is_contested(8000.0)


def test_a_limit_that_drops_by_somebody_elses_hand_is_told_from_a_lapse() -> None:
    orders = in_force()
    orders.read_back(PerPhase.all(6.0), 100.0)
    assert orders.is_undercut(100.0 + UNDERCUT_FOR)
    lapsed = in_force()
    lapsed.read_back(PerPhase.all(6.0), 601.0)
    assert not lapsed.is_undercut(601.0)
    assert due(lapsed, 10, 601.0) is Cause.RAISE


def test_a_time_to_live_begins_when_the_order_leaves() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(6.0), 0.0)
    orders.sent(order(16, cause=Cause.RAISE), 0.0)
    orders.read_back(PerPhase.all(16.0), 40.0)  # polled: the stream is dead
    orders.read_back(PerPhase.all(6.0), 600.0)
    assert orders.has_lapsed(600.0)


def test_a_lost_refresh_moves_no_lapse() -> None:
    orders = in_force(16, ttl=0)
    orders.sent(order(16, 2, cause=Cause.REFRESH), 5000.0)
    assert not orders.has_lapsed(5100.0)
    orders = in_force(16)
    orders.sent(order(16, 2, ttl=0, cause=Cause.REFRESH), 150.0)
    assert orders.has_lapsed(600.0)


def test_a_refresh_that_renews_nothing_is_told_from_somebodys_will() -> None:
    orders = in_force(16)
    orders.offline = 6.0
    orders.sent(order(16, 2, ttl=30, cause=Cause.REFRESH), 400.0)
    orders.ended(Outcome(2, Result.EXECUTED), 402.0)
    orders.read_back(PerPhase.all(6.0), 601.0)
    assert not orders.is_undercut(620.0)
    assert due(orders, 16, 620.0) is Cause.RAISE
    orders.sent(order(16, 3, cause=Cause.RAISE), 620.0)
    orders.read_back(PerPhase.all(16.0), 623.0)
    orders.read_back(PerPhase.all(6.0), 700.0)  # not a time-to-live later: somebody means it
    assert orders.is_undercut(720.0)


def test_an_order_of_before_the_start_may_lapse_at_any_time() -> None:
    orders = Orders(3)
    orders.offline = 6.0
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(16, cause=Cause.REFRESH), 1.0)
    orders.ended(Outcome(1, Result.EXECUTED), 3.0)  # the same again may renew nothing
    orders.read_back(PerPhase.all(6.0), 90.0)
    assert not orders.is_undercut(110.0)
    assert due(orders, 16, 110.0) is Cause.RAISE
    orders.sent(order(16, 2, cause=Cause.RAISE), 110.0)
    orders.read_back(PerPhase.all(16.0), 113.0)
    orders.read_back(PerPhase.all(6.0), 150.0)  # that one was new: somebody means it
    assert orders.is_undercut(170.0)


def test_a_read_back_out_of_order_is_nobodys_will() -> None:
    orders = in_force(16)
    orders.read_back(PerPhase.all(10.0), 100.0)
    assert not orders.is_undercut(100.0)
    assert due(orders, 16, 100.0) is None
    orders.read_back(PerPhase.all(16.0), 104.0)
    assert not orders.is_undercut(120.0)


def test_adopting_a_foreign_limit_puts_it_under_our_time_to_live() -> None:
    orders = in_force()
    orders.read_back(PerPhase.all(6.0), 100.0)
    orders.adopt()
    assert orders.limit == 6
    assert due(orders, 6, 101.0) is Cause.REFRESH
    orders.sent(order(6, 2, cause=Cause.REFRESH), 101.0)
    orders.ended(Outcome(2, Result.ACCEPTED), 102.0)
    assert orders.stage is Stage.IN_FORCE


def test_an_overtaken_order_leaves_the_newer_one_alone() -> None:
    orders = in_force()
    orders.sent(order(8, 2), 10.0)
    orders.ended(Outcome(2, Result.OVERTAKEN), 10.0)
    assert orders.stage is Stage.SENT


def test_a_late_acceptance_revives_a_failed_order() -> None:
    orders = Orders(3)
    orders.read_back(PerPhase.all(16.0), 0.0)
    orders.sent(order(10), 0.0)
    orders.ended(Outcome(1, Result.UNANSWERED), 10.0)
    orders.ended(Outcome(1, Result.EXECUTED), 11.0)
    assert orders.stage is Stage.ACCEPTED
    assert due(orders, 10, 12.0) is None


def test_the_last_order_is_given_again_where_somebody_raised_the_limit() -> None:
    orders = in_force(6, ttl=0)
    assert orders.last((6, 6, 6), 0, 100.0) is None
    orders.read_back(PerPhase.all(32.0), 101.0)
    assert orders.last((6, 6, 6), 0, 102.0) is Cause.LOWER


def test_one_phase_installations_look_at_their_one_phase_only() -> None:
    orders = Orders(1)
    orders.read_back(PerPhase(16.0, 0.0, 0.0), 0.0)
    assert orders.in_force == 16
    orders.sent(SetCircuitLimit((10, 0, 0), 10, Cause.LOWER, 1), 0.0)
    orders.read_back(PerPhase(10.0, 32.0, 32.0), 1.0)
    assert orders.stage is Stage.IN_FORCE
