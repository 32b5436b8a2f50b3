"""The supervised trial: each thing a lapse may do, each way it may go wrong; the limit is restored each time."""

import asyncio
from dataclasses import replace

import pytest
from doctor.lapse_rig import LapseHouse

from bridge.commands.lapse import trial
from bridge.commands.lapse.plan import RefusedError
from bridge.core.model import OnLapse
from bridge.core.phases import PerPhase
from bridge.simulator.easee_charger import Box
from bridge.simulator.faults import Swallow
from bridge.simulator.latency import AT_ONCE


@pytest.fixture(autouse=True)
def _short_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes are as good as five where the simulated charger lapses to the second."""
    monkeypatch.setattr(trial, "LONGEST", 120.0)


@pytest.mark.parametrize("on_lapse", [OnLapse.OFFLINE_CURRENT, OnLapse.MAXIMUM, OnLapse.NEVER])
async def test_it_finds_out_what_a_lapse_does(on_lapse: OnLapse) -> None:
    house = LapseHouse()
    house.cloud.faults.on_lapse = on_lapse
    result = await house.tried()
    assert result.verdict.on_lapse is on_lapse
    assert result.verdict.after is None or 55 <= result.verdict.after <= 65
    assert house.limits == [(8, 1), (13, 0)]
    assert (house.in_force, result.is_restored) == (13, True)
    assert house.cloud.calls["login"] == 1


async def test_the_order_keeps_away_from_both_ends() -> None:
    house = LapseHouse(box=Box(offline_current=PerPhase.all(10)))
    house.cloud.faults.on_lapse = OnLapse.OFFLINE_CURRENT
    assert (await house.tried()).verdict.on_lapse is OnLapse.OFFLINE_CURRENT
    [plan] = house.asked
    assert (plan.order, plan.offline, plan.maximum) == (8, 10, 16)


async def test_a_limit_above_all_others_comes_back_as_far_as_it_binds() -> None:
    house = LapseHouse(limit=40)
    house.cloud.faults.on_lapse = OnLapse.MAXIMUM
    result = await house.tried()
    assert result.verdict.on_lapse is OnLapse.MAXIMUM
    assert house.limits[-1] == (16, 0)


@pytest.mark.parametrize(
    ("house", "words"),
    [
        (lambda: LapseHouse(is_charging=False), "no car is charging"),
        (lambda: LapseHouse(box=Box(offline_current=PerPhase.all(16))), "could not be told apart"),
    ],
)
async def test_it_refuses_what_would_show_nothing(house: object, words: str) -> None:
    made = house()  # type: ignore[operator]
    with pytest.raises(RefusedError, match=words):
        await made.tried()
    assert made.limits == []


async def test_it_refuses_where_the_house_leaves_no_room() -> None:
    house = LapseHouse()
    house.load = PerPhase(2, 12, 4)
    with pytest.raises(RefusedError, match="the house leaves 12 A"):
        await house.tried()
    assert house.limits == []


async def test_nobody_agrees() -> None:
    house = LapseHouse()
    house.answer = False
    with pytest.raises(RefusedError, match="nothing was ordered"):
        await house.tried()
    assert house.limits == []


async def test_stopped_half_way_the_limit_is_restored() -> None:
    house = LapseHouse()
    house.at(20, house.stop.set)
    result = await house.tried()
    assert (result.verdict.on_lapse, result.verdict.words) == (OnLapse.UNKNOWN, "you stopped it")
    assert (house.limits, house.in_force) == ([(8, 1), (13, 0)], 13)


async def test_stopped_before_its_order_is_read_back_the_limit_is_restored() -> None:
    house = LapseHouse(latency=replace(AT_ONCE, command=(4.0, 4.0), event=(6.0, 6.0)))
    house.at(5, house.stop.set)  # the charger follows already, and has not said so
    result = await house.tried()
    assert (house.limits, house.in_force, result.is_restored) == ([(8, 1), (13, 0)], 13, True)


async def test_an_overload_ends_it_with_a_safe_limit() -> None:
    house = LapseHouse()
    house.at(20, lambda: setattr(house, "load", PerPhase(2, 20, 4)))
    result = await house.tried()
    assert "L2 went over the fuse" in result.verdict.words
    assert (house.limits, house.in_force) == ([(8, 1), (6, 0)], 6)
    assert result.left_with == "6 A in force, read back, not 13 A: nobody balances"


async def test_a_meter_that_falls_silent_ends_it_with_a_safe_limit() -> None:
    house = LapseHouse(fallback=0)
    house.at(20, lambda: setattr(house, "is_meter_mute", True))
    result = await house.tried()
    assert "meter fell silent" in result.verdict.words
    assert (house.limits, house.in_force) == ([(8, 1), (0, 0)], 0)


async def test_a_stream_that_dies_costs_no_result() -> None:
    house = LapseHouse()
    house.cloud.faults.on_lapse = OnLapse.OFFLINE_CURRENT
    house.at(20, house.cloud.hub.drop)
    house.at(20, lambda: setattr(house.cloud.faults, "upgrade_not_found", float("inf")))
    result = await house.tried()
    assert (result.verdict.on_lapse, result.is_restored) == (OnLapse.OFFLINE_CURRENT, True)


async def test_a_ban_is_told_and_not_prolonged() -> None:
    house = LapseHouse()
    house.at(20, lambda: house.cloud.faults.ban(house.timeline.now))
    house.at(20, house.cloud.hub.drop)
    result = await house.tried()
    assert "wants no calls" in result.verdict.words
    assert not result.is_restored
    assert "could NOT be restored" in result.left_with
    assert house.cloud.log[-1].status in {403, 429}
    assert [call.status for call in house.cloud.log].count(403) == 1


async def test_an_order_that_gets_lost_is_no_result() -> None:
    house = LapseHouse()
    house.cloud.faults.swallow = Swallow.COMMAND
    result = await house.tried()
    assert result.verdict.on_lapse is OnLapse.UNKNOWN
    assert "did not come into force" in result.verdict.words
    assert house.in_force == 13


async def test_somebody_else_who_orders_is_no_lapse() -> None:
    house = LapseHouse()
    house.at(20, lambda: house.cloud.write_dynamic_current(PerPhase.all(6.0)))
    result = await house.tried()
    assert result.verdict.on_lapse is OnLapse.UNKNOWN
    assert "somebody else" in result.verdict.words
    assert house.in_force == 13


async def test_a_bug_still_restores() -> None:
    house = LapseHouse()

    def bug() -> None:
        raise ZeroDivisionError

    house.at(20, bug)
    with pytest.raises(ZeroDivisionError):
        await house.tried()
    assert house.limits == [(8, 1), (13, 0)]


async def test_a_cancellation_still_restores() -> None:
    house = LapseHouse()
    task = asyncio.create_task(house.tried())
    house.at(20, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert house.limits == [(8, 1), (13, 0)]


async def test_a_terminal_that_is_gone_does_not_keep_it_from_restoring(monkeypatch: pytest.MonkeyPatch) -> None:
    house = LapseHouse()

    def gone(*_: object) -> None:
        raise BrokenPipeError

    house.at(20, lambda: monkeypatch.setattr(house, "tick", gone))
    house.at(20, lambda: monkeypatch.setattr(house, "say", gone))
    with pytest.raises(BrokenPipeError):
        await house.tried()
    assert house.limits == [(8, 1), (13, 0)]
