"""What must hold over whole evenings in closed loop, whatever the house does."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from steered import CAR, HOME, PLANT, SECONDS, evening, evenings, free, house

from bridge.core.budget import LOWER_EVERY, PER_HOUR, PER_MINUTE, RAISE_EVERY, RAISES_STOP_AT
from bridge.core.limit import SMALL
from bridge.core.model import Cause, Reason
from bridge.core.phases import Phase
from bridge.core.session import PROOF
from bridge.simulator.closed_loop.figures import mains
from bridge.simulator.closed_loop.plant import METER_AGE
from bridge.simulator.fuse import Fuse

Loads = list[tuple[int, int, float, int, int]]
some = settings(max_examples=25)
moments = st.integers(200, 1500)


@given(evenings)
@some
def test_every_limit_is_nothing_or_between_minimum_and_maximum(loads: Loads) -> None:
    bridge, _ = evening(house(loads))
    limits = [decision.limit for _, decision in bridge.decisions]
    limits += [command.current for _, command in bridge.commands]
    assert all(limit == 0 or HOME.minimum <= limit <= HOME.maximum for limit in limits)


@given(evenings, moments, st.integers(30, 800))
@some
def test_a_silent_meter_raises_nothing_and_brings_the_fallback_in_time(loads: Loads, at: int, lasts: int) -> None:
    bridge, _ = evening(house(loads), silent=(float(at), float(at + lasts)))
    max_age = 5.0
    blind = [(now, each) for now, each in bridge.decisions if at - 1 + max_age + 2 <= now < at + lasts]
    assert all(each.limit <= HOME.fallback for _, each in blind)
    assert all(each.reason is Reason.METER_STALE for _, each in blind)
    orders = [command for now, command in bridge.commands if at <= now < at + lasts]
    assert all(command.cause is not Cause.RAISE for command in orders)
    assert all(later.current <= earlier.current for earlier, later in pairwise(orders))


@given(evenings)
@some
def test_what_the_car_can_cure_is_cured_by_a_delivered_order(loads: Loads) -> None:
    rows = house(loads)
    bridge, course = evening(rows)
    within = 4 + 4 + 3 + METER_AGE  # cloud, dead time, fall from 16 A by 8 A/s with a spare second, telegram
    for at, command in bridge.commands:
        if command.cause is not Cause.LOWER or at + within >= SECONDS:
            continue
        least = min(free(rows, second) for second in range(max(int(at) - METER_AGE, 0), int(at) + within + 1))
        later = [other for now, other in bridge.commands if at < now <= at + within]
        if command.current <= least and not later:
            draw = max(course.draw[int(at) + within])
            assert draw <= command.current + 0.01


@given(evenings)
@some
def test_an_overload_that_the_car_can_cure_lasts_no_longer_than_the_loop(loads: Loads) -> None:
    rows = house(loads)
    _, course = evening(rows)
    over = 0
    for second in range(60, SECONDS):
        can_be_cured = free(rows, second) >= HOME.minimum + 1
        is_over = max(course.draw[second]) - free(rows, second) > SMALL
        over = over + 1 if is_over and can_be_cured else 0
        assert over <= METER_AGE + 1 + LOWER_EVERY + 4 + 4 + 3


@given(evenings, st.integers(1, 2))
@some
def test_a_phase_the_car_does_not_use_never_throttles_it(loads: Loads, shift: int) -> None:
    home = replace(HOME, phases=(Phase.L1, Phase.L2, Phase.L3))
    single = replace(PLANT, car=replace(CAR, phases=1))
    known = int(PROOF) + 60
    late = [(begins + known, *rest) for begins, *rest in loads]
    elsewhere = [(begins, lasts, amperes, shift, period) for begins, lasts, amperes, _, period in late]
    bridge, _ = evening(house(elsewhere), plant=single, home=home)
    assert all(each.limit == HOME.maximum for now, each in bridge.decisions if now >= known)


@given(evenings, st.floats(1, 60))
@some
def test_export_never_throttles(loads: Loads, solar: float) -> None:
    one_on_each = enumerate(loads[:3])
    weak = [(begins, lasts, min(amperes, 7.0), place, each) for place, (begins, lasts, amperes, _, each) in one_on_each]
    bridge, _ = evening(house(weak, solar=solar))
    assert all(each.limit == HOME.maximum for now, each in bridge.decisions if now >= 60)


@given(evenings, st.integers(1, 2))
@some
def test_rotating_house_and_wiring_together_changes_nothing(loads: Loads, turn: int) -> None:
    phases = tuple(Phase)
    turned = replace(HOME, phases=phases[turn:] + phases[:turn])
    straight, _ = evening(house(loads))
    rotated, _ = evening(house(loads, turn=turn), home=turned)
    assert straight.commands == rotated.commands


@given(evenings)
@some
def test_equal_evenings_end_in_equal_decisions_and_asking_twice_changes_nothing(loads: Loads) -> None:
    first, _ = evening(house(loads))
    second, _ = evening(house(loads))
    assert first.decisions == second.decisions
    last = float(SECONDS)
    assert first.engine.decide(last) == first.engine.decide(last) == second.engine.decide(last)


@given(evenings, moments, st.integers(60, 900))
@some
def test_no_more_orders_than_the_budget_and_none_while_the_breaker_is_open(loads: Loads, at: int, lasts: int) -> None:
    bridge, _ = evening(house(loads), breaker=(float(at), float(at + lasts)))
    times = [now for now, _ in bridge.commands]
    assert not [now for now in times if at <= now < at + lasts]
    for start in times:
        assert sum(start <= now < start + 60 for now in times) <= PER_MINUTE
        assert sum(start <= now < start + 3600 for now in times) <= PER_HOUR
    by_kind = {cause: [now for now, command in bridge.commands if command.cause is cause] for cause in Cause}
    assert all(later - earlier >= RAISE_EVERY for earlier, later in pairwise(by_kind[Cause.RAISE]))
    assert all(later - earlier >= LOWER_EVERY for earlier, later in pairwise(by_kind[Cause.LOWER]))
    assert len(by_kind[Cause.RAISE]) <= RAISES_STOP_AT


@given(evenings)
@some
def test_the_fuse_stays_where_the_house_leaves_room(loads: Loads) -> None:
    rows = house(loads)
    if min(free(rows, second) for second in range(SECONDS)) < HOME.minimum + 1:
        return
    _, course = evening(rows)
    fuse = Fuse(HOME.fuse)
    for flowing in mains(rows, course.draw):
        fuse.step(1.0, flowing)
    assert fuse.peak < 1.0
