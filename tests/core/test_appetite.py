"""What the car takes at most."""

from math import inf

from bridge.core.appetite import PROOF, ROOM, Appetite


def charging(
    draw: float, offered: float, seconds: float, start: float = 0.0, appetite: Appetite | None = None
) -> Appetite:
    appetite = appetite or Appetite()
    for second in range(int(seconds) + 1):
        appetite.see(draw, offered, start + second)
    return appetite


def test_a_car_that_takes_less_for_long_enough_needs_no_more() -> None:
    assert charging(10.0, 16.0, PROOF - 1).most == inf
    assert charging(9.7, 16.0, PROOF).most == 10 + ROOM


def test_a_car_that_takes_nearly_all_may_want_more() -> None:
    assert charging(15.4, 16.0, 10 * PROOF).most == inf


def test_a_car_that_takes_all_of_what_it_needs_and_more_wants_more() -> None:
    appetite = charging(10.0, 16.0, PROOF)
    appetite.see(12.0, 12.0, 1000.0)
    assert appetite.most == inf


def test_a_lower_offer_taken_whole_says_nothing() -> None:
    appetite = charging(10.0, 16.0, PROOF)
    appetite.see(7.0, 7.0, 1000.0)
    assert appetite.most == 10 + ROOM


def test_an_idle_car_says_nothing() -> None:
    assert charging(0.0, 16.0, 10 * PROOF).most == inf


def test_another_offer_begins_the_proof_anew() -> None:
    appetite = charging(10.0, 16.0, PROOF - 10)
    assert charging(10.0, 15.0, PROOF - 10, start=PROOF, appetite=appetite).most == inf


def test_another_car_is_unknown() -> None:
    appetite = charging(10.0, 16.0, PROOF)
    appetite.forget()
    assert appetite.most == inf
