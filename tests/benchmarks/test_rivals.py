"""Each rival does what is told of it, in small situations made for it."""

import pytest
from drive import SITE, Drive, limits, one, telegram

from benchmarks.balancing.rivals import RIVALS
from benchmarks.balancing.rivals.cryptotomte import Cryptotomte
from benchmarks.balancing.rivals.emulate import Emulate
from benchmarks.balancing.rivals.evcc import Evcc
from benchmarks.balancing.rivals.evse_load_balancer import EvseLoadBalancer
from benchmarks.balancing.rivals.feed_forward import FeedForward
from benchmarks.balancing.rivals.open_evse import OpenEvse
from benchmarks.balancing.rivals.openwb import OpenWb
from benchmarks.balancing.rivals.seed import Blueprint, Seed
from benchmarks.balancing.rivals.smart_evse import SmartEvse
from benchmarks.balancing.rivals.warp import Warp
from bridge.simulator.closed_loop.controller import Report
from bridge.simulator.closed_loop.plant import House, run
from bridge.simulator.closed_loop.plant import Plant as Surroundings


class TestTheSeed:
    def test_it_subtracts_the_standard_deviation(self) -> None:
        drive = Drive(Seed(SITE))
        for current in (20, 24, 20, 24, 20, 24):
            drive.on(2, current)
        assert drive.orders[-1][1] == one(16 + 25 - 24 - 2)
        assert limits(drive.orders[:5]) == [16, 16, 16, 16, 16], "five samples have no deviation yet"

    def test_the_blueprint_does_not(self) -> None:
        drive = Drive(Blueprint(SITE), in_force=one(8))
        for current in (20, 24, 20, 24, 20, 24):
            drive.on(2, current)
        assert limits(drive.orders) == [13, 9, 13, 9, 13, 9]

    def test_it_takes_the_same_excess_off_again_while_the_report_is_old(self) -> None:
        drive = Drive(Blueprint(SITE))
        drive.on(2, 31)
        drive.draws(16, one(10))
        drive.on(2, 32)
        assert limits(drive.orders) == [10, 3]

    def test_export_looks_like_import_and_tenths_are_not_seen(self) -> None:
        drive = Drive(Blueprint(SITE), in_force=one(10))
        assert drive.on(2, -28.9, 25.9, 24.0) == [(1.0, (7, 10, 11))]

    def test_it_calls_with_values_that_have_not_changed_but_only_on_a_changed_current(self) -> None:
        drive = Drive(Blueprint(SITE))
        drive.on(5, 10)
        drive.on(5, 11)
        assert [now for now, _ in drive.orders] == [1.0, 6.0]
        assert limits(drive.orders) == [16, 16]

    def test_a_negative_limit_becomes_none(self) -> None:
        assert limits(Drive(Seed(SITE), in_force=one(6)).on(2, 40)) == [0]

    def test_it_inverts_a_rotated_map(self) -> None:
        site = SITE._replace(to_mains=(1, 2, 0))
        assert Drive(Blueprint(site), in_force=one(6)).on(2, 20, 21, 22)[0][1] == (10, 9, 11)
        assert Drive(Seed(site), in_force=one(6)).on(2, 20, 21, 22)[0][1] == (9, 11, 10)


class TestEvseLoadBalancer:
    def test_the_conservative_mode_cuts_at_once(self) -> None:
        drive = Drive(EvseLoadBalancer(SITE, is_optimised=False))
        assert drive.on(3, 28.9) == [(0.0, one(13))], "floor(P/U)"

    def test_the_optimised_mode_lets_a_small_overload_be_for_a_minute(self) -> None:
        drive = Drive(EvseLoadBalancer(SITE, is_optimised=True))
        assert drive.on(100, 28.0) == [(59.0, one(13))]

    @pytest.mark.parametrize(("current", "second"), [(35.0, 29.0), (45.0, 9.0), (51.0, 0.0)])
    def test_and_a_larger_one_for_less(self, current: float, second: float) -> None:
        assert Drive(EvseLoadBalancer(SITE, is_optimised=True)).on(60, current)[0][0] == second

    @pytest.mark.parametrize("is_optimised", [True, False])
    def test_it_raises_a_quarter_of_an_hour_after_any_order(self, is_optimised: bool) -> None:  # noqa: FBT001
        drive = Drive(EvseLoadBalancer(SITE, is_optimised=is_optimised))
        (cut_at, _), *_ = drive.on(60, 28.0)
        drive.draws(13, one(13))
        assert drive.on(1000, 10.0) == [(cut_at + 901, one(16))]

    def test_it_cuts_again_only_after_twenty_seconds(self) -> None:
        drive = Drive(EvseLoadBalancer(SITE, is_optimised=False))
        drive.on(1, 28.0)
        drive.draws(13, one(13))
        assert drive.on(60, 27.0)[0] == (21.0, one(11))


class TestEvcc:
    def test_it_acts_each_thirty_seconds_only(self) -> None:
        drive = Drive(Evcc(SITE, 30.0))
        drive.on(1, 20.0)
        assert drive.on(60, 29.0) == [(30.0, one(12))]

    def test_it_adds_what_is_left_to_what_the_car_takes(self) -> None:
        assert limits(Drive(Evcc(SITE, 10.0), draw=9.6).on(1, 22.0, 23.0, -30.0)) == [11]

    def test_it_switches_off_below_the_minimum_and_on_again_in_any_later_cycle(self) -> None:
        drive = Drive(Evcc(SITE, 10.0))
        assert limits(drive.on(1, 36.0)) == [0]
        drive.draws(0.0)
        assert drive.on(10, 19.0) == [(10.0, one(6))]

    def test_it_switches_off_when_the_meter_is_silent_for_a_minute(self) -> None:
        drive = Drive(Evcc(SITE, 10.0))
        drive.on(1, 10.0)
        assert drive.silent(100) == [(70.0, one(0))]


class TestSmartEvse:
    def test_it_takes_a_quarter_of_a_surplus(self) -> None:
        drive = Drive(SmartEvse(SITE))
        drive.on(1, 33.0)
        drive.draws(8.0)
        assert limits(drive.on(1, 17.0)) == [10]

    def test_it_takes_the_whole_of_an_excess(self) -> None:
        assert limits(Drive(SmartEvse(SITE)).on(1, 31.0)) == [10]

    def test_it_holds_the_minimum_for_two_samples_and_stops_at_the_third(self) -> None:
        assert Drive(SmartEvse(SITE)).on(10, 38.0) == [(0.0, one(6)), (2.0, one(0))]

    def test_it_stops_at_once_at_twice_the_fuse(self) -> None:
        assert limits(Drive(SmartEvse(SITE)).on(1, 51.0)) == [0]

    def test_it_starts_again_after_a_minute_with_room(self) -> None:
        drive = Drive(SmartEvse(SITE))
        drive.on(3, 38.0)
        drive.draws(0.0)
        assert [now for now, _ in drive.on(100, 10.0)] == [63.0]

    def test_it_stops_when_the_meter_is_silent(self) -> None:
        drive = Drive(SmartEvse(SITE))
        drive.on(1, 10.0)
        assert drive.silent(20) == [(12.0, one(0))]


class TestOpenWb:
    def test_it_counts_the_phases_that_the_car_uses(self) -> None:
        balancer = OpenWb(SITE)
        balancer.reported(Report(one(16), (16.0, 0.0, 0.0)), 0.0)
        balancer.told(telegram(29.0, 40.0, 0.0), 0.0)
        order = balancer.decide(0.0)
        assert order is not None
        assert order.limits == one(12)

    def test_a_silent_meter_leaves_seven_kilowatts(self) -> None:
        drive = Drive(OpenWb(SITE))
        drive.on(1, 16.0)
        assert drive.silent(100) == [(70.0, one(10))]


class TestOpenEvse:
    def test_it_sees_the_total_only(self) -> None:
        assert Drive(OpenEvse(SITE)).on(5, 39.0, 16.0, 17.0) == []

    def test_a_pause_lasts_five_minutes(self) -> None:
        drive = Drive(OpenEvse(SITE))
        drive.on(1, 40.0)
        drive.draws(0.0)
        resumed = drive.on(400, 10.0)
        assert resumed[0][0] == 300.0


class TestWarp:
    def test_a_small_excess_is_averaged_and_allocated_each_ten_seconds(self) -> None:
        drive = Drive(Warp(SITE))
        drive.on(11, 25.0)
        assert drive.on(9, 27.0) == []
        assert drive.on(1, 27.0) == [(20.0, one(14))], "15/16 of 2 A"

    def test_a_large_one_is_answered_at_once(self) -> None:
        drive = Drive(Warp(SITE))
        drive.on(17, 25.0)
        assert drive.on(1, 35.0) == [(17.0, one(10))], "half the way from the average of 26 to the highest of 35"

    def test_it_takes_half_of_a_surplus(self) -> None:
        drive = Drive(Warp(SITE))
        drive.on(10, 29.0)
        drive.draws(10.0)
        assert limits(drive.on(11, 19.0)) == [9, 9 + 3]

    def test_it_switches_on_after_four_minutes_with_half_as_much_again(self) -> None:
        drive = Drive(Warp(SITE))
        drive.on(1, 60.0)
        drive.draws(0.0)
        drive.on(10, 60.0)
        assert drive.on(600, 16.1) == []
        (resumed_at, _), *_ = drive.on(600, 15.9)
        assert 610 + 240 <= resumed_at <= 610 + 260


class TestCryptotomte:
    def test_it_keeps_two_amperes_free_and_lowers_at_once(self) -> None:
        assert limits(Drive(Cryptotomte(SITE)).on(1, 29.0)) == [10]

    def test_it_waits_five_seconds_to_raise(self) -> None:
        drive = Drive(Cryptotomte(SITE))
        drive.on(1, 29.0)
        drive.draws(10.0)
        assert drive.on(10, 20.0) == [(5.0, one(13))]

    def test_it_holds_the_minimum_for_fifteen_seconds_then_pauses(self) -> None:
        assert Drive(Cryptotomte(SITE)).on(30, 36.0) == [(0.0, one(6)), (16.0, one(0))]

    def test_it_resumes_after_thirty_seconds_with_more_than_eight(self) -> None:
        drive = Drive(Cryptotomte(SITE))
        drive.on(17, 36.0)
        drive.draws(0.0)
        assert drive.on(60, 15.5) == [], "7.5 A are too few"
        assert drive.on(60, 14.0) == [(107.0, one(9))]


class TestEmulate:
    def test_one_order_then_five_minutes_of_nothing(self) -> None:
        drive = Drive(Emulate(SITE))
        assert drive.on(1, 24.0) == [(0.0, one(15))], "less than 2 A were left"
        drive.draws(15.0)
        assert drive.on(310, 28.0) == [(300.0, one(10))]

    def test_a_stop_lasts_twenty_minutes(self) -> None:
        drive = Drive(Emulate(SITE))
        drive.on(1, 36.0)
        drive.draws(0.0)
        assert drive.on(1500, 10.0)[0] == (1200.0, one(13))


def test_feed_forward_gives_what_the_house_leaves_on_each_telegram() -> None:
    drive = Drive(FeedForward(SITE, 1.0))
    drive.on(1, 29.5)
    drive.draws(11.0)
    drive.on(1, 29.5)
    drive.draws(10.0)
    drive.on(1, 20.0)
    assert limits(drive.orders) == [10, 0, 14], "5.5 A are none"
    assert drive.silent(5) == []


@pytest.mark.parametrize("name", [name for name in RIVALS if name not in {"uncontrolled", "OpenEVSE shaper"}])
@pytest.mark.parametrize("phases", [3, 1])
def test_all_that_balance_relieve_the_fuse(name: str, phases: int) -> None:
    rows = [[12.0, 0.0, 0.0]] * 150 + [[18.0, 1.0, -2.0]] * 300
    site = SITE._replace(to_mains=SITE.to_mains[:phases])
    surroundings = Surroundings(wiring=site.to_mains)
    course = run(House(rows, [[0.0, 0.0, 0.0]] * len(rows)), surroundings, RIVALS[name](site), seed=1)
    assert max(draw[0] for draw in course.draw[:100]) <= 16.0
    assert max(draw[0] for draw in course.draw[-60:]) <= 25.9 - 18.0, "but for what the meter hides"
    assert all(0 <= limit <= 16 for sent in course.sent for limit in sent.limits)
