"""Control bugs do not show step by step: whole evenings, closed loop, in virtual time."""

from dataclasses import replace

import pytest
from evening import HOME, Evening

from bridge.core.model import Cause, ChargerState, Reason
from bridge.core.phases import Phase
from bridge.simulator.appliances import Appliance, scripted
from bridge.simulator.car import CarModel
from bridge.simulator.house import House, busy_house
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5, MeterKind

AFTERNOON = 16 * 3600
HOURS = 6 * 3600


@pytest.mark.parametrize("kind", [DSMR_5, DSMR_4, BELGIAN], ids=["DSMR 5", "DSMR 4", "Belgian"])
@pytest.mark.parametrize("seed", [11, 12])
def test_a_busy_evening_keeps_the_fuse_and_charges(kind: MeterKind, seed: int) -> None:
    evening = Evening(seed, meter=kind, start=AFTERNOON)
    tally = evening.run(HOURS)
    assert evening.fuse.peak < 1.0 or evening.fuse_without_car.peak >= 1.0
    assert tally.share > 0.80
    assert tally.longest_over < 130
    assert tally.per_hour(Cause.LOWER) + tally.per_hour(Cause.RAISE) < 15


def steady(watts: float, phase: Phase, *, after: float, lasts: float) -> Appliance:
    """One load that comes once and goes."""
    return scripted("load", (phase,), [(after, lasts, watts)])


def test_an_overload_that_the_car_can_cure_is_cured_once() -> None:
    house = House([steady(3450.0, Phase.L2, after=120, lasts=600)])
    evening = Evening(house=house)
    tally = evening.run(300)
    orders = [(at, order.current) for at, order in tally.orders if order.cause is Cause.LOWER and at > 100]
    assert len(orders) == 1
    assert orders[0][0] - 120 <= 3, "a telegram is a second old, and is acted upon at once"
    assert tally.longest_over <= 12


def test_it_rises_again_when_the_load_has_gone() -> None:
    house = House([steady(3450.0, Phase.L2, after=120, lasts=200)])
    evening = Evening(house=house)
    evening.run(420)
    assert evening.dynamic == 16


def test_a_pause_and_a_resume() -> None:
    house = House([steady(5300.0, Phase.L1, after=120, lasts=240)])
    evening = Evening(house=house)
    evening.run(300)
    assert evening.dynamic == 0
    assert evening.decision is not None
    assert evening.decision.reason is Reason.PAUSE
    tally = evening.run(300)
    assert (tally.pauses, evening.dynamic) == (1, 16)


def test_a_silent_meter_brings_the_fallback_current_within_its_bound() -> None:
    evening = Evening(house=House([steady(230.0, Phase.L1, after=0, lasts=9000)]))
    evening.run(120)
    evening.meter_is_silent = True
    evening.run(15)
    assert evening.dynamic == HOME.fallback
    evening.meter_is_silent = False
    evening.run(60)
    assert evening.dynamic == 16


def test_a_cloud_that_is_down_is_asked_sparingly_and_obeys_when_it_is_back() -> None:
    house = House([steady(3450.0, Phase.L2, after=120, lasts=4000)])
    evening = Evening(house=house)
    evening.run(115)
    evening.cloud_is_down = True
    evening.run(1800)
    tries = [at for at, _ in evening.tally.orders if at > 115]
    assert 5 <= len(tries) <= 45
    evening.cloud_is_down = False
    evening.run(120)
    assert evening.dynamic == 9


def test_a_one_phase_car_on_rotated_wiring_is_kept_by_its_own_phase() -> None:
    home = replace(HOME, phases=(Phase.L2, Phase.L3, Phase.L1))
    load = steady(3450.0, Phase.L2, after=240, lasts=600)
    elsewhere = steady(5000.0, Phase.L1, after=240, lasts=600)
    evening = Evening(home=home, house=House([load, elsewhere]), car=CarModel(phases=1))
    evening.run(300)
    assert evening.dynamic == 9


def test_plugging_in_never_bursts() -> None:
    house = House([steady(4000.0, Phase.L3, after=0, lasts=9000)])
    evening = Evening(house=house)
    evening.state = ChargerState.DISCONNECTED
    evening.car.step(0.0, 0.0)
    evening.dynamic = 32
    evening.run(30)
    assert evening.dynamic <= 7


def test_solar_export_frees_the_phase_it_feeds() -> None:
    evening = Evening(house=busy_house(3, solar_peak=6000.0), start=11 * 3600)
    tally = evening.run(2 * 3600)
    assert evening.fuse.peak < 1.0
    assert tally.share > 0.8


def test_equal_seeds_give_equal_evenings() -> None:
    first, second = Evening(5, start=AFTERNOON), Evening(5, start=AFTERNOON)
    assert first.run(1800).orders == second.run(1800).orders
