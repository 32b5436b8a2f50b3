"""Motors that start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.inrush import KEPT, NEXT_WITHIN, RISE, STAYED, Inrush


def start(inrush: Inrush, rise: float, stays: float, *, seconds: float = 1.0) -> float:
    """A rise of so many A, of which `stays` is left with the next telegram; what was believed to fall again."""
    expected = inrush.see(rise, seconds, is_settled=True)
    inrush.see(stays - rise, seconds, is_settled=True)
    return expected


def test_the_first_start_is_taken_for_a_load() -> None:
    assert start(Inrush(), 10.0, 4.0) == 0.0


def test_a_start_like_the_one_before_is_believed_to_fall_as_far() -> None:
    inrush = Inrush()
    start(inrush, 10.0, 4.0)
    assert start(inrush, 11.0, 4.4) == pytest.approx(11.0 * 0.6)


def test_the_highest_that_stayed_counts() -> None:
    inrush = Inrush()
    start(inrush, 10.0, 4.0)
    start(inrush, 10.0, 6.0)
    assert start(inrush, 10.0, 4.0) == pytest.approx(4.0)


def test_a_rise_of_another_size_is_no_inrush() -> None:
    inrush = Inrush()
    start(inrush, 10.0, 4.0)
    assert start(inrush, 5.0, 5.0) == 0.0


def test_loads_that_stay_outvote_one_inrush() -> None:
    inrush = Inrush()
    start(inrush, 10.0, 4.0)
    for _ in range(2):
        start(inrush, 9.5, 9.5)
    assert start(inrush, 10.0, 4.0) == 0.0


def test_a_slow_meter_leaves_no_time_to_wait() -> None:
    inrush = Inrush()
    for _ in range(3):
        assert start(inrush, 10.0, 4.0, seconds=NEXT_WITHIN + 1) == 0.0


def test_a_moving_car_teaches_nothing() -> None:
    inrush = Inrush()
    inrush.see(10.0, 1.0, is_settled=False)
    inrush.see(-6.0, 1.0, is_settled=True)
    assert start(inrush, 10.0, 4.0) == 0.0


rises = st.lists(st.tuples(st.floats(-20, 20), st.floats(0.5, 10), st.booleans()), max_size=40)


@given(rises)
def test_only_a_rise_of_a_settled_car_on_a_quick_meter_is_ever_doubted(
    story: list[tuple[float, float, bool]],
) -> None:
    inrush = Inrush()
    for change, seconds, is_settled in story:
        falls = inrush.see(change, seconds, is_settled=is_settled)
        assert falls == 0.0 or (falls > 0.0 and change >= RISE and is_settled and seconds <= NEXT_WITHIN)


@given(st.floats(RISE, 40), st.floats(0, STAYED - 0.01), st.integers(1, KEPT), st.integers(0, KEPT))
def test_only_a_majority_of_inrushes_is_believed(rise: float, share: float, inrushes: int, stayed: int) -> None:
    inrush = Inrush()
    for kept in ([share] * inrushes + [1.0] * stayed)[:KEPT]:
        start(inrush, rise, rise * kept)
    is_believed = 2 * inrushes > min(inrushes + stayed, KEPT)
    expected = rise * (1.0 - share) if is_believed else 0.0
    assert inrush.see(rise, 1.0, is_settled=True) == pytest.approx(expected)


@given(rises)
def test_neither_a_slow_meter_nor_a_moving_car_teaches_anything(story: list[tuple[float, float, bool]]) -> None:
    inrush = Inrush()
    for change, seconds, is_slow in story:
        after = NEXT_WITHIN + seconds if is_slow else 1.0
        assert inrush.see(change, after, is_settled=is_slow) == 0.0
    assert inrush.see(10.0, 1.0, is_settled=True) == 0.0


def test_never_more_is_believed_to_fall_than_rose() -> None:
    inrush = Inrush()
    start(inrush, 10.0, -5.0)
    assert start(inrush, 10.0, 4.0) == 10.0
