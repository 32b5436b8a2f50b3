"""What every charger adapter does: the same cases on a fake and on the real one."""

from collections.abc import AsyncIterator

import pytest
from charger_rigs import BAN, SERIAL, EaseeRig, FakeRig, Listening, Rig, Trouble
from json_rig import JsonRig

from bridge.core.model import Cause, ChargerState, Link, Outcome, Result, SetCircuitLimit
from bridge.core.phases import PerPhase
from bridge.errors import (
    CommandRejectedError,
    DeviceUnavailableError,
    LoginRejectedError,
    RateLimitedError,
    UnsuitableError,
)

LIMIT = SetCircuitLimit((10, 10, 10), 10, Cause.LOWER, 4)


@pytest.fixture(params=[FakeRig, EaseeRig, JsonRig], ids=["fake", "easee", "example"])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    rigged: Rig = request.param()
    yield rigged
    await rigged.stop()


@pytest.fixture
async def listening(rig: Rig) -> AsyncIterator[Listening]:
    """A charger in a healthy world, followed and ready."""
    await rig.start()
    following = Listening(rig.charger)
    await following.until_ready()
    yield following
    await following.end()


async def test_following_tells_what_is_there(listening: Listening) -> None:
    report = listening.report
    assert report is not None
    assert report.name == SERIAL
    assert report.state is ChargerState.DISCONNECTED
    assert report.dynamic_current == PerPhase(40, 40, 40)


async def test_a_car_is_told(rig: Rig, listening: Listening) -> None:
    await rig.plug_in()
    await listening.until(lambda: listening.report and listening.report.state is not ChargerState.DISCONNECTED)


async def test_an_order_is_taken_answered_and_read_back(rig: Rig, listening: Listening) -> None:
    await rig.charger.apply(LIMIT)
    assert rig.orders() == [(10, 10, 10)]
    await listening.until(lambda: listening.report and listening.report.dynamic_current == PerPhase(10, 10, 10))
    await listening.until(lambda: Outcome(4, Result.EXECUTED) in listening.told)


async def test_what_somebody_else_orders_is_told(rig: Rig, listening: Listening) -> None:
    await rig.somebody_orders(8.0)
    await listening.until(lambda: listening.report and listening.report.dynamic_current == PerPhase(8, 8, 8))


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.UNREACHABLE, DeviceUnavailableError),
        (Trouble.RATE_LIMITED, RateLimitedError),
        (Trouble.REFUSES, CommandRejectedError),
    ],
)
async def test_an_order_that_is_not_taken_says_why(
    rig: Rig, listening: Listening, trouble: Trouble, error: type[Exception]
) -> None:
    await rig.trouble(trouble)
    with pytest.raises(error):
        await rig.charger.apply(LIMIT)
    assert rig.orders() == []
    assert not listening.task.done()


async def test_a_ban_is_told_with_its_end(rig: Rig, listening: Listening) -> None:
    await rig.trouble(Trouble.RATE_LIMITED)
    with pytest.raises(RateLimitedError) as caught:
        await rig.charger.apply(LIMIT)
    assert caught.value.retry_after == pytest.approx(BAN, abs=1)
    report = listening.link(Link.CHARGER)
    assert report is not None
    assert not report.is_up
    assert report.retry_after == pytest.approx(BAN, abs=1)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.UNREACHABLE, DeviceUnavailableError),
        (Trouble.RATE_LIMITED, RateLimitedError),
        (Trouble.LOGIN, LoginRejectedError),
        (Trouble.UNSUITABLE, UnsuitableError),
    ],
)
async def test_a_start_that_fails_says_why(rig: Rig, trouble: Trouble, error: type[Exception]) -> None:
    await rig.start(trouble)
    following = Listening(rig.charger)
    assert isinstance(await following.failure(), error)
    assert following.report is None
    with pytest.raises(DeviceUnavailableError):
        await rig.charger.apply(LIMIT)


async def test_an_order_before_following_is_unavailable(rig: Rig) -> None:
    await rig.start()
    with pytest.raises(DeviceUnavailableError):
        await rig.charger.apply(LIMIT)


async def test_it_can_be_followed_again(rig: Rig, listening: Listening) -> None:
    await listening.end()
    again = Listening(rig.charger)
    await again.until_ready()
    assert again.report == listening.report
    await again.end()


async def test_an_order_still_leaves_once_the_following_has_ended(rig: Rig, listening: Listening) -> None:
    await listening.end()
    await rig.charger.apply(LIMIT)
    assert rig.orders() == [(10, 10, 10)]


async def test_closing_twice_is_harmless(rig: Rig, listening: Listening) -> None:
    await listening.end()
    await rig.charger.close()
    await rig.charger.close()
