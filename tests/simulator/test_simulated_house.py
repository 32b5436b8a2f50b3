"""House, meter, fuse and tally: what flows, what is shown of it, and what it does."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.model import Protection
from bridge.core.phases import NOTHING, PerPhase, Phase
from bridge.simulator.appliances import Appliance, Stage, scripted
from bridge.simulator.fuse import Fuse
from bridge.simulator.house import House, PhaseFlow, busy_house, currents
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5, MeterKind, SmartMeter
from bridge.simulator.script import demo_script
from bridge.simulator.tally import Tally

ONE_PHASE = (Phase.L2,)
ALL = tuple(Phase)


def steady(watts: float, phases: tuple[Phase, ...] = ONE_PHASE, factor: float = 1.0) -> House:
    return House([Appliance("load", phases, itertools.repeat(Stage(60.0, watts)), factor)])


# --- house ---------------------------------------------------------------------------------------


def test_a_load_on_one_phase_stays_there() -> None:
    flows = steady(2300).flows()
    assert [flow.power for flow in flows] == [0, 2300, 0]
    assert flows[1].current == pytest.approx(2300 / flows[1].voltage)


def test_a_low_power_factor_makes_more_current_of_the_same_power() -> None:
    good, bad = steady(2300).flows()[1], steady(2300, factor=0.5).flows()[1]
    assert bad.power == good.power
    assert bad.current == pytest.approx(2 * good.current)


def test_delivered_power_is_a_negative_current() -> None:
    house = steady(-4600, ALL)
    assert all(flow.current < 0 and flow.power < 0 for flow in house.flows())
    assert all(flow.current > 0 for flow in house.flows(PerPhase.all(16)))


def test_the_car_adds_on_its_phases_and_lowers_the_voltage() -> None:
    house = steady(0)
    house.flows(PerPhase(16, 0, 0))
    flows = house.flows(PerPhase(16, 0, 0))
    assert currents(flows) == pytest.approx((16, 0, 0))
    assert flows[0].voltage < flows[1].voltage


def test_a_scripted_appliance_keeps_its_times() -> None:
    house = House([scripted("kettle", ONE_PHASE, [(10, 5, 2000), (20, 1, 1000)])])
    seen = []
    for _ in range(30):
        house.step(1)
        seen.append(house.flows()[1].power)
    assert [at for at, watts in enumerate(seen, 1) if watts] == [10, 11, 12, 13, 14, 20]
    assert house.running == []


def test_the_same_seed_makes_the_same_day() -> None:
    one, other = busy_house(3, solar_peak=5000), busy_house(3, solar_peak=5000)
    for _ in range(200):
        one.step(300)
        other.step(300)
        assert one.flows() == other.flows()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_busy_house_is_hard_but_does_not_blow_its_own_fuse(seed: int) -> None:
    house, fuse, highest = busy_house(seed), Fuse(25.0), 0.0
    for _ in range(86400 // 2):
        house.step(2)
        flowing = currents(house.flows())
        fuse.step(2, flowing)
        highest = max(highest, *flowing)
    assert not fuse.has_gone
    assert highest > 20


def test_panels_export_at_noon_and_not_at_night() -> None:
    house = busy_house(1, solar_peak=9000)
    powers = []
    for _ in range(24 * 60):
        house.step(60)
        powers.append(sum(flow.power for flow in house.flows()))
    assert min(powers[: 5 * 60]) > 0
    assert min(powers[10 * 60 : 14 * 60]) < -3000


# --- meter -----------------------------------------------------------------------------------------


def flow(current: float, power: float, voltage: float = 231.26) -> tuple[PhaseFlow, PhaseFlow, PhaseFlow]:
    return (PhaseFlow(current, power, voltage),) * 3


def test_dsmr_5_shows_truncated_unsigned_whole_amperes() -> None:
    (reading, _, _) = SmartMeter(DSMR_5).read(flow(-4.92, -1137.6))
    assert reading == (4, -1138, 231.3)


def test_belgium_shows_hundredths_and_dsmr_4_no_voltage() -> None:
    assert SmartMeter(BELGIAN).read(flow(4.1, 948.4))[0].current == 4.1
    assert SmartMeter(DSMR_4).read(flow(4.1, 948.4))[0].voltage is None


@given(st.floats(-60, 60), st.sampled_from([DSMR_5, DSMR_4, BELGIAN]))
def test_truncation_hides_less_than_one_step(current: float, kind: MeterKind) -> None:
    meter = SmartMeter(kind)
    shown = meter.read(flow(current, 230 * current))[0].current
    assert shown >= 0
    assert -1e-6 <= abs(current) - shown < meter.kind.resolution + 1e-6


def test_a_telegram_is_a_second_old() -> None:
    meter = SmartMeter(DSMR_5, age=1.0)
    told = [meter.step(1.0, flow(second, 230.0 * second)) for second in range(1, 6)]
    assert told[0] is None
    assert [readings[0].current for readings in told[1:] if readings] == [1, 2, 3, 4]


@pytest.mark.parametrize(("kind", "expected"), [(DSMR_5, 60), (DSMR_4, 6)])
def test_a_meter_tells_once_a_period(kind: MeterKind, expected: int) -> None:
    meter = SmartMeter(kind)
    told = [meter.step(0.25, flow(1, 230)) for _ in range(4 * 60 + 4)]
    assert len([readings for readings in told if readings]) in {expected, expected + 1}


# --- fuse and tally --------------------------------------------------------------------------------


@given(st.floats(0, 28.2), st.integers(1, 600))
def test_up_to_the_conventional_current_it_never_goes(current: float, seconds: int) -> None:
    fuse = Fuse(25.0)
    fuse.warm(PerPhase.all(current))
    fuse.step(seconds, PerPhase.all(-current))
    assert not fuse.has_gone


@pytest.mark.parametrize(
    ("protection", "current", "seconds"),
    [(Protection.MCB, 36.25, 56), (Protection.MCB, 50, 23), (Protection.GG, 50, 11)],
)
def test_it_goes_when_its_lower_envelope_says(protection: Protection, current: float, seconds: int) -> None:
    fuse = Fuse(25.0, protection)
    fuse.step(seconds - 1, PerPhase(0, current, 0))
    assert not fuse.has_gone
    fuse.step(2, PerPhase(0, current, 0))
    assert fuse.has_gone
    assert fuse.thermal_load.l1 == 0
    fuse.step(1e6, NOTHING)
    assert fuse.has_gone, "gone is gone"
    assert max(fuse.thermal_load) == pytest.approx(0)


def test_only_what_the_car_adds_is_its_fault() -> None:
    tally = Tally(25.0)
    tally.step(10, PerPhase(24, -30, 27), PerPhase(16, 0, 1))
    assert tally.caused == 10, "two amperes over on L3, one of them the car's"
    assert (tally.worst_overload, tally.seconds_over) == (5, 10)
    tally.step(5, PerPhase(26, 0, 0), PerPhase(16, 0, 0))
    assert (tally.caused, tally.longest_over) == (15, 15)
    tally.step(1, NOTHING, NOTHING)
    tally.step(1, PerPhase(26, 0, 0), NOTHING)
    assert tally.longest_over == 15


# --- the play ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_demo_needs_a_balancer_and_gives_it_a_fair_chance(seed: int) -> None:
    script = demo_script(seed)
    house, alone, with_car = House(script.appliances), Fuse(script.fuse), Fuse(script.fuse)
    with_car.warm(PerPhase.all(17))
    left = math.inf
    for _ in range(4 * 180):
        house.step(0.25)
        alone.step(0.25, currents(house.flows()))
        with_car.step(0.25, currents(house.flows(PerPhase.all(15.4))))
        left = min(left, script.fuse - max(currents(house.flows())))
    assert with_car.has_gone, "uncontrolled, the fuse goes"
    assert alone.peak < 0.5, "the house alone is far from it"
    assert left < 6, "for a while there is less than a car needs"
