"""Motors that start."""

import pytest

from bridge.core.inrush import NEXT_WITHIN, Inrush


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
