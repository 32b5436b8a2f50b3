"""How long each ampere was left free."""

from math import floor, inf

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.quiet import CYCLE, REMEMBERED, SLACK, Quiet

CAPACITY = 25.0
loads = st.lists(st.tuples(st.floats(-30, 60), st.integers(1, 400)), min_size=1, max_size=30)


def quiet(*loads: tuple[float, float]) -> Quiet:
    """Levels 6 to 16; each load (A) begins at its second."""
    levels = Quiet(6, 16)
    levels.anchor(CAPACITY)
    for load, at in loads:
        levels.see(load, at)
    return levels


@given(loads)
def test_a_level_has_been_free_since_the_last_load_that_took_it(story: list[tuple[float, int]]) -> None:
    levels, now, since = quiet(), 0.0, dict.fromkeys(range(6, 17), inf)
    for load, seconds in story:
        now += seconds
        levels.see(load, now)
        for level in range(6, 17):
            is_free = level <= floor(CAPACITY - load)
            since[level] = min(since[level], now) if is_free else inf
            assert levels.lasted(level, now) == (now - since[level] if is_free else -inf)


@given(loads, st.integers(6, 16))
def test_no_cycle_is_longer_than_a_cycle_may_be(story: list[tuple[float, int]], level: int) -> None:
    levels, now = quiet(), 0.0
    for load, seconds in story:
        now += seconds
        levels.see(load, now)
        assert 0 <= levels.cycle(level, 1.5, now) <= 1.5 * CYCLE + SLACK


def test_the_longest_recent_quiet_that_broke_is_a_cycle() -> None:
    levels = quiet((20, 0), (2, 100), (20, 150), (2, 200), (20, 230), (2, 300))
    assert levels.cycle(16, 1.5, 300.0) == 1.5 * 50 + SLACK
    assert levels.cycle(16, 1.5, 150.0 + REMEMBERED + 1) == 1.5 * 30 + SLACK
    assert levels.cycle(16, 1.5, 230.0 + REMEMBERED + 1) == 0.0


def test_a_long_quiet_is_no_cycle() -> None:
    levels = quiet((20, 0), (2, 100), (20, 101 + CYCLE), (2, 400))
    assert levels.cycle(16, 1.5, 400.0) == 0.0


def test_what_was_free_at_the_first_telegram_was_left_by_no_load() -> None:
    levels = quiet((2, 0), (20, 50), (2, 60))
    assert levels.cycle(16, 1.5, 60.0) == 0.0


def test_each_level_has_its_own_past() -> None:
    levels = quiet((20, 0), (2, 100), (13, 150), (2, 200))
    assert levels.cycle(16, 1.5, 200.0) > 0
    assert levels.cycle(10, 1.5, 200.0) == 0
    assert levels.lasted(10, 200.0) == 100
    assert levels.lasted(16, 200.0) == 0


def test_another_capacity_begins_anew_and_the_same_does_not() -> None:
    levels = quiet((2, 0))
    levels.anchor(CAPACITY)
    assert levels.lasted(16, 50.0) == 50
    levels.anchor(CAPACITY - 5)
    assert levels.lasted(16, 50.0) == -inf
    levels.see(2, 60)
    assert levels.lasted(16, 60.0) == 0


@given(loads)
def test_forgetting_leaves_nothing_behind(story: list[tuple[float, int]]) -> None:
    levels, fresh, now = quiet(), quiet(), 0.0
    for load, seconds in story:
        now += seconds
        levels.see(load, now)
    levels.forget()
    assert levels.free is None
    for load, seconds in story:
        now += seconds
        levels.see(load, now)
        fresh.see(load, now)
        for level in range(6, 17):
            assert levels.lasted(level, now) == fresh.lasted(level, now)
            assert levels.cycle(level, 1.5, now) == fresh.cycle(level, 1.5, now)
