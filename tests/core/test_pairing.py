"""Which mains phase sits where: found through noise, kettles and delays, and never made up."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.household import Restlessness
from bridge.core.model import PhaseReading, Telegram
from bridge.core.pairing import EXCLUDED, SURE, Belief
from bridge.core.phases import NOTHING, PerPhase, Phase, PhaseMap
from bridge.core.starts import DRAWS_KEPT, LAST, Starts
from bridge.simulator.appliances import scripted
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.starting import Start, play
from bridge.simulator.house import House, busy_house
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5

ROTATED = (Phase.L2, Phase.L3, Phase.L1)
MAPS = list(permutations(Phase))
SURELY = CarModel(resume=(14.0, 14.0))
START_AT = 104.0
"""When the first phase of SURELY comes up, s."""


def belief_of(start: Start) -> Belief:
    starts, belief = Starts(len(start.wiring)), Belief(len(start.wiring))
    for now, seen in play(start):
        if isinstance(seen, Telegram):
            told = starts.see(seen, now)
            if told is not None:
                belief.take(told)
        else:
            starts.report(seen.draw or NOTHING, now)
    return belief


def quiet() -> House:
    return House([scripted("fridge", (phase,), [(0.0, 1e6, 300.0)]) for phase in Phase])


@pytest.mark.parametrize("wiring", MAPS)
@pytest.mark.parametrize("meter", [DSMR_5, DSMR_4, BELGIAN])
def test_each_wiring_is_found_with_each_meter(wiring: tuple[Phase, ...], meter: object) -> None:
    verdict = belief_of(Start(quiet(), 1, wiring, meter=meter)).verdict()  # type: ignore[arg-type]
    assert verdict.wiring == wiring
    assert verdict.is_sure


def test_a_month_of_reports_without_a_telegram_is_forgotten() -> None:
    starts = Starts(3)
    for minute in range(30 * 24 * 60):
        starts.report(PerPhase.all(10.0 + minute % 7), 60.0 * minute)
    assert len(starts._draws) <= DRAWS_KEPT


def test_one_start_is_never_more_than_it_can_be() -> None:
    certainty = belief_of(Start(quiet(), 1, ROTATED)).verdict().certainty
    assert SURE <= certainty < 0.996


@pytest.mark.parametrize("wiring", [(phase,) for phase in Phase])
def test_the_place_of_a_one_phase_charger_is_found(wiring: tuple[Phase, ...]) -> None:
    verdict = belief_of(Start(busy_house(3), 1, wiring, CarModel(phases=1))).verdict()
    assert verdict.wiring == wiring
    assert verdict.is_sure


def test_a_one_phase_car_tells_of_one_place_only() -> None:
    verdict = belief_of(Start(quiet(), 1, ROTATED, CarModel(phases=1))).verdict()
    (phase, certainty), (_, other), _ = verdict.places
    assert (phase, certainty > SURE) == (Phase.L2, True)
    assert other < 0.6
    assert verdict.certainty < 0.6


@pytest.mark.parametrize("wiring", MAPS)
@pytest.mark.parametrize("kettle", list(Phase))
@pytest.mark.parametrize("after", [0.0, 6.0, 12.0])
def test_a_kettle_as_the_phases_come_up_fools_nobody(wiring: tuple[Phase, ...], kettle: Phase, after: float) -> None:
    house = House(
        [
            *(scripted("fridge", (phase,), [(0.0, 1e6, 300.0)]) for phase in Phase),
            scripted("kettle", (kettle,), [(START_AT + after, 90.0, 2200.0)]),
        ]
    )
    belief = belief_of(Start(house, 1, wiring, SURELY))
    assert belief.verdict().wiring == wiring
    assert belief.of(wiring) > 0.9


def test_a_load_that_comes_up_like_the_car_makes_it_less_sure_but_not_wrong() -> None:
    def ramp(watts: float) -> list[tuple[float, float, float]]:
        return [(START_AT + step, 1.0 if step < 20 else 1e6, watts * min(step / 19, 1)) for step in range(21)]

    house = House([scripted("another car", (Phase.L1,), ramp(3600.0))])
    for wiring in MAPS:
        belief = belief_of(Start(house, 1, wiring, SURELY))
        assert belief.of(wiring) > 0.1
        house = House([scripted("another car", (Phase.L1,), ramp(3600.0))])


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    hour=st.integers(0, 23),
    wiring=st.sampled_from(MAPS),
    meter=st.sampled_from([DSMR_5, BELGIAN]),
    solar=st.sampled_from([0.0, 6000.0]),
    lag=st.floats(0.0, 8.0),
    stagger=st.floats(4.0, 8.0),
)
def test_a_wiring_is_found_or_left_open_in_any_house(  # noqa: PLR0913, PLR0917 drawn
    seed: int, hour: int, wiring: tuple[Phase, ...], meter: object, solar: float, lag: float, stagger: float
) -> None:
    house = busy_house(seed, solar_peak=solar)
    house.step(hour * 3600.0)
    start = Start(house, seed, wiring, CarModel(stagger=stagger), meter, lag=(lag, lag + 2.0))  # type: ignore[arg-type]
    belief = belief_of(start)
    assert belief.of(wiring) > EXCLUDED
    assert not belief.verdict().is_sure or belief.verdict().wiring == wiring


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), offers=st.lists(st.integers(6, 16), min_size=2, max_size=8))
def test_a_balanced_draw_never_makes_sure(seed: int, offers: list[int]) -> None:
    house = busy_house(seed)
    house.step(17 * 3600.0)
    starts, now = Starts(3), 0.0
    for offer in offers:
        starts.report(PerPhase.all(float(offer)), now)
        for _ in range(60):
            now += 1.0
            house.step(1.0)
            flows = house.flows(PerPhase.all(float(offer)))
            readings = [PhaseReading(flow.current, flow.power, flow.voltage) for flow in flows]
            assert starts.see(Telegram((readings[0], readings[1], readings[2])), now) is None


def test_a_charger_that_is_rewired_is_believed_after_a_few_starts() -> None:
    belief = Belief(3)
    before, after = (
        tuple(0.0 if wiring == true else -20.0 for wiring in belief.wirings) for true in (MAPS[0], ROTATED)
    )
    for _ in range(50):
        belief.take(before)
    assert belief.of(MAPS[0]) > SURE
    for _ in range(4):
        belief.take(after)
    assert belief.verdict().wiring == ROTATED
    assert belief.verdict().is_sure


def test_one_start_alone_contradicts_nothing() -> None:
    belief = Belief(3)
    against = tuple(-50.0 if wiring == MAPS[0] else 0.0 for wiring in belief.wirings)
    belief.take(against)
    assert belief.of(MAPS[0]) > EXCLUDED
    belief.take(against)
    assert belief.of(MAPS[0]) < EXCLUDED


def test_a_silent_meter_ends_a_start_and_is_not_compared_over() -> None:
    starts, wiring, belief = Starts(3), PhaseMap(ROTATED), Belief(3)
    for second in range(200):
        now = float(second)
        draw = PerPhase(0.0, 0.0, min(max(now - 60.0, 0.0) * 0.8, 15.0))
        starts.report(draw, now)
        if not 55 < second < 120:
            mains = wiring.mains(draw)
            readings = [PhaseReading(1.0 + current) for current in mains]
            told = starts.see(Telegram((readings[0], readings[1], readings[2])), now)
            if told is not None:
                belief.take(told)
    assert belief.verdict().certainty < 0.5


def test_a_phase_that_is_missing_is_not_compared() -> None:
    starts = Starts(3)
    for second in range(int(LAST) + 60):
        starts.report(PerPhase(0.0, 0.0, float(second)), float(second))
        assert starts.see(Telegram((PhaseReading(1.0), None, PhaseReading(1.0 + second))), float(second)) is None


def test_what_is_switched_all_the_time_weighs_less() -> None:
    calm, restless = Restlessness(), Restlessness()
    for number in range(60):
        calm.see(0.1)
        restless.see(8.0 if number % 2 else -8.0)

    def odds(house: Restlessness) -> float:
        fits, does_not = (house.likelihood(rest, 0.5, whole_amperes=False) for rest in (0.0, 5.0))
        return fits / does_not

    assert 2 < odds(restless) < odds(calm) / 10
