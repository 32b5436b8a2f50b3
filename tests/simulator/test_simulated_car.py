"""The car's habits, by example and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.car import Car, CarModel

STEP = 0.25
QUICK = CarModel(dead_time=(2.0, 2.0), resume=(12.0, 12.0), share=1.0)


def drive(car: Car, seconds: float, offer: float, output: tuple[bool, bool, bool] = (True, True, True)) -> list[float]:
    """Offer so much for so long; return the highest draw of each second."""
    return [max(max(car.step(STEP, offer, output)) for _ in range(4)) for _ in range(int(seconds))]


def charging(model: CarModel = QUICK, offer: float = 16.0) -> Car:
    car = Car(model)
    drive(car, 120, offer)
    return car


def test_it_starts_late_and_phase_by_phase() -> None:
    car = Car(QUICK)
    drive(car, 13, 16)
    assert max(car.draw) == 0
    drive(car, 5, 16)
    first = car.draw
    assert (first.l1, first.l2) == (0, 0)
    assert first.l3 > 0
    drive(car, 29, 16)
    assert car.draw == pytest.approx((16, 16, 16)), "31 to 35 s after the first phase"


def test_it_takes_a_little_less_than_allowed() -> None:
    assert max(charging(CarModel()).draw) == pytest.approx(15.44)


def test_it_follows_down_fast_and_up_slowly_after_the_dead_time() -> None:
    car = charging()
    assert drive(car, 2, 8) == [16, pytest.approx(16, abs=2)]
    drive(car, 1, 8)
    assert max(car.draw) == 8
    drive(car, 7, 16)
    assert max(car.draw) == pytest.approx(8 + 5 * 0.8, abs=0.3)


def test_it_stops_below_six_amperes_and_resumes_late() -> None:
    car = charging()
    drive(car, 6, 5.9)
    assert max(car.draw) == 0
    assert max(drive(car, 13, 7)) == 0
    assert max(drive(car, 20, 7)) > 5


def test_a_start_at_exactly_six_amperes_takes_five_minutes_where_the_firmware_is_new() -> None:
    car = Car(CarModel(resume_at_minimum=300.0))
    assert max(drive(car, 299, 6)) == 0
    assert max(drive(car, 10, 6)) > 0
    impatient = Car(CarModel(resume_at_minimum=300.0))
    drive(impatient, 60, 6)
    assert max(drive(impatient, 60, 7)) > 0, "a higher offer starts it sooner"


def test_a_one_phase_car_draws_on_the_first_phase_it_is_given() -> None:
    model = CarModel(phases=1, resume=(12, 12))
    assert [current > 0 for current in charging(model).draw] == [True, False, False]
    car = Car(model)
    drive(car, 60, 16, (False, False, True))
    assert [current > 0 for current in car.draw] == [False, False, True]


def test_a_phase_that_is_switched_off_carries_nothing_at_once() -> None:
    car = charging()
    car.step(STEP, 16, (False, True, False))
    assert (car.draw.l1, car.draw.l3) == (0, 0)
    assert car.draw.l2 > 0


def test_some_cars_fall_asleep_and_wake_by_another_short_pause() -> None:
    car = charging(CarModel(falls_asleep_after=300, resume=(12, 12)))
    drive(car, 400, 0)
    assert max(drive(car, 600, 16)) == 0
    assert car.is_asleep
    drive(car, 10, 0)
    assert max(drive(car, 60, 16)) > 0


def test_it_does_not_sleep_before_its_first_charge() -> None:
    assert max(charging(CarModel(falls_asleep_after=1)).draw) > 0


def test_it_tapers_and_ends_full() -> None:
    car = charging(CarModel(wants=3.0))
    seen = drive(car, 3600, 16)
    assert car.is_full
    assert car.energy == pytest.approx(3.0, abs=0.01)
    assert len([draw for draw in seen if 7 < draw < 14]) > 60, "less and less towards the end"
    assert seen[-1] == 0


@given(st.lists(st.tuples(st.integers(0, 32), st.integers(1, 60)), min_size=1, max_size=12), st.integers(0, 99))
def test_the_draw_is_never_more_than_what_was_offered_lately(offers: list[tuple[int, int]], seed: int) -> None:
    car = Car(CarModel(), seed)
    lately: list[float] = []
    for offer, seconds in offers:
        for _ in range(seconds):
            lately = [*lately[-9:], offer]
            draw = car.step(1.0, offer)
            assert min(draw) >= 0
            assert max(draw) <= min(max(lately), 16), "dead time 4 s, then 8 A/s"


@given(st.integers(0, 1000))
def test_the_same_seed_makes_the_same_car(seed: int) -> None:
    one, other = Car(seed=seed), Car(seed=seed)
    assert drive(one, 60, 16) == drive(other, 60, 16)
