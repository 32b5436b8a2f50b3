"""Somebody who may turn every knob as often as he likes: what he cannot reach."""

import random
from dataclasses import replace

import pytest
from rig import HOME, Rig

from bridge.core.budget import PER_HOUR
from bridge.core.model import Control, ControlChange, Pace

HOUR = 3600
VALUES: dict[Control, tuple[object, ...]] = {
    Control.BALANCING: (True, False),
    Control.CHARGING_ALLOWED: (True, False),
    Control.MAINS_LIMIT: (6.0, 16.0, 25.0, 63.0),
    Control.CHARGER_MAXIMUM: (6, 10, 16, 32),
    Control.PACE: tuple(Pace),
}


def following(rig: Rig, *loads: float) -> None:
    """One second in which the car takes what it is offered."""
    rig.car_draws(float(rig.in_force_now))
    rig.house(*loads)


def turned_for_an_hour(rig: Rig, choose: random.Random) -> None:
    for _ in range(HOUR):
        for _ in range(3):
            control = choose.choice(list(VALUES))
            rig.see(ControlChange(control, choose.choice(VALUES[control])))  # type: ignore[arg-type]
        following(rig, 2.0, 2.0, 2.0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pinned", [Control.BALANCING, Control.CHARGING_ALLOWED, None])
def test_after_an_hour_of_turning_an_overload_is_still_lowered_at_once(seed: int, pinned: Control | None) -> None:
    """One knob flutters, or all are turned; the orders of the hour are bounded and the reductions are not used up."""
    choose = random.Random(seed)  # noqa: S311 the same story each time
    rig = Rig(installation=replace(HOME, fallback=6))
    rig.start()
    if pinned is None:
        turned_for_an_hour(rig, choose)
    else:
        for second in range(HOUR):
            rig.see(ControlChange(pinned, bool(second // choose.choice((1, 7, 40)) % 2)))
            following(rig, 2.0, 2.0, 2.0)
    assert len(rig.orders) <= PER_HOUR
    assert all(max(order.currents) <= HOME.maximum for order in rig.orders)
    for control in (Control.BALANCING, Control.CHARGING_ALLOWED):
        rig.see(ControlChange(control, value=True))
    rig.in_force = rig.in_force_now
    for _ in range(30):
        following(rig, 2.0, 30.0, 2.0)
    assert rig.in_force_now == 0


def test_off_is_never_more_than_the_fallback_and_makes_room_below_it() -> None:
    rig = Rig(installation=replace(HOME, fallback=8))
    rig.start()
    for _ in range(20):
        following(rig, 2.0, 2.0, 2.0)
    rig.see(ControlChange(Control.BALANCING, value=False))
    for _ in range(60):
        following(rig, 2.0, 2.0, 2.0)
        if rig.in_force_now <= 8:
            break
    assert rig.in_force_now == 8
    for _ in range(120):
        following(rig, 2.0, 18.5, 2.0)
    assert rig.in_force_now == 6, "less than the fallback where the house needs it"
    for _ in range(10):
        following(rig, 2.0, 40.0, 2.0)
    assert rig.in_force_now == 0


def test_off_and_not_allowed_survive_nothing_that_would_raise() -> None:
    """Every other knob at its highest raises neither."""
    rig = Rig(installation=replace(HOME, fallback=6))
    rig.start()
    rig.see(ControlChange(Control.CHARGING_ALLOWED, value=False))
    for change in ((Control.MAINS_LIMIT, 63.0), (Control.CHARGER_MAXIMUM, 32), (Control.PACE, Pace.EAGER)):
        rig.see(ControlChange(*change))
    for _ in range(900):
        following(rig, 2.0, 2.0, 2.0)
    assert rig.in_force_now == 0
    rig.see(ControlChange(Control.CHARGING_ALLOWED, value=True))
    rig.see(ControlChange(Control.BALANCING, value=False))
    for _ in range(900):
        following(rig, 2.0, 2.0, 2.0)
    assert rig.in_force_now == 6
