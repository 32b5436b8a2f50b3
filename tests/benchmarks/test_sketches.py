"""The two marks to beat: what they share, and what sets them apart."""

from collections.abc import Callable

import pytest
from drive import SITE, Drive, limits, one

from benchmarks.balancing.sketches import plain, restless
from bridge.simulator.closed_loop.controller import Controller, Site


def test_sketches_lower_at_once_and_raise_after_a_window() -> None:
    drive = Drive(plain(SITE))
    drive.on(20, 20.0)
    assert drive.on(1, 29.0) == [(20.0, one(11))]
    drive.draws(11.0)
    (raised_at, _), *_ = drive.on(60, 15.0)
    assert raised_at == 20 + 31


def test_a_sketch_waits_longer_where_a_phase_has_stepped_twice() -> None:
    drive = Drive(restless(SITE))
    for current in (20.0, 30.0, 20.0, 30.0):
        drive.on(5, current)
    drive.draws(11.0)
    (raised_at, _), *_ = drive.on(200, 15.0)
    assert raised_at == pytest.approx(19 + 91, abs=1)


@pytest.mark.parametrize("make", [plain, restless])
def test_a_sketch_holds_the_minimum_while_the_fuse_bears_it(make: Callable[[Site], Controller]) -> None:
    drive = Drive(make(SITE))
    drive.on(120, 20.0)
    assert limits(drive.on(1, 38.0)) == [6]
    drive.draws(6.0)
    ((paused_at, limit),) = drive.on(120, 28.0)
    assert limit == one(0)
    assert paused_at > 120 + 10
