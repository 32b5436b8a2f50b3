"""What others send is handed on, and complained about, at a bounded pace."""

import asyncio

import pytest
from mirror.scene import warnings

from bridge.core.model import Control, ControlChange, Observation, Pace
from bridge.mirror.complaints import LONGEST_QUIET, QUIET, Complaints
from bridge.mirror.turns import BURST, EVERY, Turns

HOUR = 3600


class Hand:
    """Turns knobs in virtual time."""

    def __init__(self) -> None:
        clock = asyncio.get_running_loop().time
        self.told: list[Observation] = []
        self.turns = Turns(clock, Complaints(clock))

    def switch(self, *, is_on: bool) -> None:
        self.turns.turn(ControlChange(Control.CHARGING_ALLOWED, is_on), self.told.append)


@pytest.mark.looptime
async def test_a_knob_turned_now_and_then_is_handed_on_at_once() -> None:
    hand = Hand()
    for number in range(BURST):
        hand.switch(is_on=bool(number % 2))
    assert len(hand.told) == BURST
    for _ in range(20):
        await asyncio.sleep(EVERY)
        hand.switch(is_on=True)
    assert len(hand.told) == BURST + 20


@pytest.mark.looptime
async def test_a_switch_that_flutters_for_an_hour_is_taken_every_so_often(caplog: pytest.LogCaptureFixture) -> None:
    hand = Hand()
    for _ in range(HOUR):
        for is_on in (False, True):
            hand.switch(is_on=is_on)
        await asyncio.sleep(1)
    assert len(hand.told) <= BURST + HOUR / EVERY + 1
    assert len(warnings(caplog)) <= 14


@pytest.mark.looptime
async def test_the_newest_value_wins_in_the_end() -> None:
    hand = Hand()
    for _ in range(100):
        hand.switch(is_on=True)
    hand.switch(is_on=False)
    await asyncio.sleep(EVERY + 1)
    assert hand.told[-1] == ControlChange(Control.CHARGING_ALLOWED, value=False)
    await asyncio.sleep(HOUR)
    assert len(hand.told) == BURST + 1


@pytest.mark.looptime
async def test_another_knob_does_not_wait_for_it() -> None:
    hand = Hand()
    for _ in range(100):
        hand.switch(is_on=True)
    hand.turns.turn(ControlChange(Control.PACE, Pace.CALM), hand.told.append)
    assert hand.told[-1] == ControlChange(Control.PACE, Pace.CALM)
    await asyncio.sleep(EVERY)


class Ticker:
    """A clock that is turned by hand, s."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_day_of_nonsense_is_a_few_lines_and_counts_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    clock = Ticker()
    complaints = Complaints(clock)
    for number in range(24 * HOUR):
        clock.now = number
        complaints.say(f"refused {number}")
    lines = warnings(caplog)
    assert lines[0] == "mqtt: refused 0"
    assert len(lines) <= 24 * HOUR / LONGEST_QUIET + 7
    assert lines[-1].endswith(" (and 599 more before)")


def test_after_some_peace_a_complaint_is_heard_at_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = Ticker()
    complaints = Complaints(clock)
    for number in range(1000):
        clock.now = number
        complaints.say("nonsense")
    caplog.clear()
    for text, after in (("something else", 2 * LONGEST_QUIET), ("and again", 2 * QUIET)):
        clock.now += after
        complaints.say(text)
    assert [line.split(" (")[0] for line in warnings(caplog)] == ["mqtt: something else", "mqtt: and again"]
