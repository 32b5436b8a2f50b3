"""What must hold over whole evenings in closed loop, whatever the house does."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st
from steered import CAR, HOME, OUTAGES, PLANT, SECONDS, evening, evenings, free, gentle, house, thrice

from bridge.core.budget import LOWER_EVERY, PER_HOUR, PER_MINUTE, RAISE_EVERY, RAISES_STOP_AT
from bridge.core.freshness import LEAST_AGE, PERIODS
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
OVEN = (300, 900, 13.0, 0, 0)
PULSED = (0, SECONDS, 14.0, 0, 90)
STAIRS = [(35 * step, SECONDS, 2.5, 0, 500) for step in range(5)]
"""Each step costs a reduction and a raise, and its quiet is too long for a cycle."""
CURED_WITHIN = 4 + 4 + 3 + METER_AGE + int(LOWER_EVERY)
"""Cloud, dead time, fall from 16 A by 8 A/s with a spare second, telegram, a second order; s."""


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
    stale, end = at - 1 + max(LEAST_AGE, PERIODS), at + lasts
    blind = [each for now, each in bridge.decisions if stale < now < end]
    assert all(each.limit <= HOME.fallback and each.reason is Reason.METER_STALE for each in blind)
    in_time = [command.current for now, command in bridge.commands if now <= stale + 2]
    assert in_time[-1] <= HOME.fallback
    orders = [command for now, command in bridge.commands if stale < now < end]
    assert all(command.cause is not Cause.RAISE for command in orders)
    assert all(later.current <= earlier.current for earlier, later in pairwise(orders))


@given(evenings)
@example([OVEN])
@some
def test_what_the_car_can_cure_is_cured_by_a_delivered_order(loads: Loads) -> None:
    rows = house(loads)
    bridge, course = evening(rows)
    for at, command in bridge.commands:
        seen, cured = int(at) - METER_AGE, int(at) + CURED_WITHIN
        if command.cause is not Cause.LOWER or seen < 0 or cured >= SECONDS:
            continue
        left = free(rows, seen)
        has_risen = any(free(rows, second) < left for second in range(seen, cured + 1))
        if left >= HOME.minimum + HOME.margin and not has_risen:
            assert max(course.draw[cured]) <= left + SMALL


@given(evenings)
@example([OVEN])
@some
def test_an_overload_that_the_car_can_cure_lasts_no_longer_than_the_loop(loads: Loads) -> None:
    rows = house(loads)
    _, course = evening(rows)
    over = 0
    for second in range(60, SECONDS):
        can_be_cured = free(rows, second) >= HOME.minimum + 1
        is_over = max(course.draw[second]) - free(rows, second) > SMALL
        over = over + 1 if is_over and can_be_cured else 0
        assert over <= METER_AGE + 1 + CURED_WITHIN


@given(evenings, evenings, st.integers(1, 2))
@example([OVEN], [OVEN], 1)
@some
def test_a_phase_the_car_does_not_use_never_throttles_it(own: Loads, others: Loads, place: int) -> None:
    single = replace(PLANT, car=replace(CAR, phases=1))
    known = int(PROOF) + 60
    on_own = [(begins + known, lasts, amperes, 0, period) for begins, lasts, amperes, _, period in own]
    elsewhere = [(begins + known, lasts, 2 * amperes, place, period) for begins, lasts, amperes, _, period in others]
    alone, _ = evening(house(on_own), plant=single)
    among, _ = evening(house(on_own + elsewhere), plant=single)
    assert alone.commands == among.commands
    assert [(now, each.limit) for now, each in alone.decisions] == [(now, each.limit) for now, each in among.decisions]


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
@example([OVEN])
@some
def test_equal_evenings_end_in_equal_decisions_and_asking_twice_changes_nothing(loads: Loads) -> None:
    once, _ = evening(house(loads))
    again, _ = evening(house(loads))
    twice, _ = evening(house(loads), asks_twice=True)
    assert once.decisions == again.decisions == twice.decisions
    assert once.commands == again.commands == twice.commands


@given(evenings, moments, st.integers(60, 900))
@example([PULSED], 200, 60)
@example(STAIRS, 200, 60)
@some
def test_no_more_orders_than_the_budget_and_none_while_the_breaker_is_open(loads: Loads, at: int, lasts: int) -> None:
    bridge, _ = evening(thrice(house(loads)), plant=OUTAGES, breaker=(float(at), float(at + lasts)))
    times = [now for now, _ in bridge.commands]
    assert not [now for now in times if at <= now < at + lasts]
    assert most(times, 60) <= PER_MINUTE
    assert most(times, 3600) <= PER_HOUR
    raises, lowers = (
        [now for now, command in bridge.commands if command.cause is cause] for cause in (Cause.RAISE, Cause.LOWER)
    )
    changes = sorted(raises + lowers)
    assert all(sum(now - 3600 < each < now for each in changes) < RAISES_STOP_AT for now in raises)
    assert all(later - earlier >= RAISE_EVERY for earlier, later in pairwise(raises))
    assert all(later - earlier >= LOWER_EVERY for earlier, later in pairwise(lowers))


def most(times: list[float], seconds: float) -> int:
    """Highest number within any so many seconds."""
    return max((sum(start <= now < start + seconds for now in times) for start in times), default=0)


@given(evenings)
@example([OVEN, OVEN])
@some
def test_the_fuse_stays_where_the_house_leaves_the_minimum_current(loads: Loads) -> None:
    rows = gentle(house(loads))
    _, course = evening(rows)
    fuse = Fuse(HOME.fuse)
    for flowing in mains(rows, course.draw):
        fuse.step(1.0, flowing)
    assert fuse.peak < 1.0
