"""The control loop in virtual time: what it hands on, and that nobody can hold it up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from fakes import TELEGRAM, FakeCharger, FakeEngine, FakeMirror, command

from bridge.core.model import Ordered, Outcome, Result, Snapshot, Stopping
from bridge.errors import (
    CommandRejectedError,
    DeviceError,
    DeviceUnavailableError,
    LoginRejectedError,
    RateLimitedError,
)
from bridge.runtime.control_loop import ControlLoop
from bridge.runtime.delivery import GRACE, LONGEST_TRY, Delivery
from bridge.runtime.stopping import SAFE_WITHIN, leave_safe

pytestmark = pytest.mark.looptime


class Rig:
    def __init__(self, *shows: Callable[[Snapshot], None]) -> None:
        self.engine = FakeEngine()
        self.charger = FakeCharger()
        self.mirror = FakeMirror()
        self.control = ControlLoop(self.engine, asyncio.get_running_loop().time, [*shows, self.mirror.show])
        self.delivery = Delivery(self.charger, self.control.orders, self.control.tell)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self.control.steer()), asyncio.create_task(self.delivery.carry())]
        try:
            yield tasks[0]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def outcomes(self) -> list[Outcome]:
        return [seen for seen in self.engine.seen if isinstance(seen, Outcome)]

    def order(self, current: int, number: int = 1) -> None:
        """Let the engine order this at its next decision, which is now."""
        self.engine.order = command(current, number)
        self.control.tell(TELEGRAM)


async def settle() -> None:
    await asyncio.sleep(0.01)


async def test_it_decides_without_having_been_told_anything() -> None:
    rig = Rig()
    async with rig.running():
        await settle()

    assert rig.engine.decided == [0.0]
    assert len(rig.mirror.shown) == 1


async def test_it_decides_at_least_each_second() -> None:
    rig = Rig()
    async with rig.running():
        await asyncio.sleep(3.5)

    assert rig.engine.decided == [0.0, 1.0, 2.0, 3.0]


async def test_it_decides_at_once_after_an_observation() -> None:
    rig = Rig()
    async with rig.running():
        await asyncio.sleep(0.3)
        rig.control.tell(TELEGRAM)
        assert rig.engine.seen == [TELEGRAM]
        await settle()

    assert rig.engine.decided == pytest.approx([0.0, 0.3])


async def test_a_command_is_observed_as_ordered_and_carried_to_the_charger() -> None:
    rig = Rig()
    async with rig.running():
        rig.order(9)
        await settle()

    assert rig.charger.taken == [command(9)]
    assert rig.engine.seen == [TELEGRAM, Ordered(command(9)), Outcome(1, Result.ACCEPTED)]


async def test_the_order_leaves_before_anything_is_shown() -> None:
    begun_when_shown: list[int] = []
    rig = Rig(lambda _: begun_when_shown.append(len(rig.charger.begun)))
    async with rig.running():
        await settle()
        rig.order(9)
        await settle()

    assert begun_when_shown == [0, 1, 1]


async def test_a_hung_order_never_delays_a_decision() -> None:
    rig = Rig()
    rig.charger.delay = 20.0
    async with rig.running():
        rig.order(9)
        await asyncio.sleep(5.5)

    assert rig.engine.decided[-1] == 5.0
    assert rig.charger.taken == []


async def test_an_order_that_still_waits_is_overtaken_and_the_engine_hears_of_it() -> None:
    rig = Rig()
    rig.charger.delay = 5.0
    async with rig.running():
        for number, current in enumerate((9, 8, 7), start=1):
            rig.order(current, number)
            await settle()
        assert rig.outcomes == [Outcome(2, Result.OVERTAKEN)]
        await asyncio.sleep(20)

    assert [order.current for order in rig.charger.taken] == [9, 7]


async def test_an_order_without_any_answer_is_given_up() -> None:
    rig = Rig()
    rig.charger.delay = 1e6
    async with rig.running():
        rig.order(9)
        await asyncio.sleep(LONGEST_TRY + 1)

    assert [outcome.result for outcome in rig.outcomes] == [Result.UNANSWERED]
    assert rig.charger.given_up == [command(9)]


@pytest.mark.parametrize(
    ("error", "result", "retry_after"),
    [
        pytest.param(DeviceUnavailableError("easee", "no answer"), Result.UNANSWERED, None, id="outage"),
        pytest.param(CommandRejectedError("easee", "refused"), Result.REJECTED, None, id="refused"),
        pytest.param(RateLimitedError("easee", "too many", 900.0), Result.RATE_LIMITED, 900.0, id="rate limit"),
        pytest.param(LoginRejectedError("easee", "who?"), Result.RATE_LIMITED, 3600.0, id="no login for an hour"),
    ],
)
async def test_each_failure_of_an_order_becomes_its_outcome(
    error: DeviceError, result: Result, retry_after: float | None
) -> None:
    rig = Rig()
    rig.charger.failures = [error]
    async with rig.running():
        rig.order(9)
        await settle()

    assert rig.outcomes == [Outcome(1, result, error.detail, retry_after)]


async def test_a_bug_in_an_observation_ends_the_loop_and_not_the_vendors_callback() -> None:
    rig = Rig()
    async with rig.running() as steering:
        await settle()
        rig.engine.bug_in_observe = bug = ZeroDivisionError("a bug")
        rig.control.tell(TELEGRAM)
        rig.control.tell(TELEGRAM)
        await asyncio.wait({steering})

        assert steering.exception() is bug


async def test_a_bug_in_a_decision_ends_the_loop() -> None:
    rig = Rig()
    rig.engine.bug = ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        await rig.control.steer()


# --- the stop ----------------------------------------------------------------------------------


@asynccontextmanager
async def stopped(rig: Rig) -> AsyncIterator[None]:
    """Steering has ended, orders are still carried: as the service stops."""
    async with rig.running() as steering:
        await settle()
        yield
        steering.cancel()
        await asyncio.wait({steering})
        await leave_safe(rig.control, rig.delivery)


async def test_the_stop_orders_what_is_safe_and_waits_for_it() -> None:
    rig = Rig()
    rig.engine.last_order = command(6)
    rig.charger.delay = 2.0
    async with stopped(rig):
        pass

    assert rig.charger.taken == [command(6)]
    assert Stopping() in rig.engine.seen


async def test_an_order_in_flight_may_land_before_the_last_one() -> None:
    rig = Rig()
    rig.charger.delay = 1.0
    rig.engine.last_order = command(6, 2)
    async with stopped(rig):
        rig.order(16)
        await settle()

    assert [order.current for order in rig.charger.taken] == [16, 6]


async def test_a_hung_order_in_flight_is_given_up_for_the_last_one() -> None:
    rig = Rig()
    rig.charger.delay = 1e6
    rig.engine.last_order = command(6, 2)
    async with stopped(rig):
        rig.order(16)
        await settle()
        rig.charger.delay = 0.1

        # the one in flight sleeps on; the last one is quick

    assert [order.current for order in rig.charger.given_up] == [16]
    assert [order.current for order in rig.charger.taken] == [6]
    assert asyncio.get_running_loop().time() == pytest.approx(GRACE + 0.1, abs=0.1)


async def test_a_safe_order_in_flight_has_all_the_time_there_is() -> None:
    rig = Rig()
    rig.charger.delay = 3.0
    async with stopped(rig):
        rig.order(6)
        await settle()

    assert [order.current for order in rig.charger.taken] == [6]


async def test_the_last_order_is_tried_again_after_an_outage() -> None:
    rig = Rig()
    rig.charger.failures = [DeviceUnavailableError("easee", "503")] * 2
    rig.engine.last_order = command(6)
    async with stopped(rig):
        pass

    assert len(rig.charger.begun) == 3
    assert rig.charger.taken == [command(6)]


async def test_the_last_order_is_not_forced_on_a_cloud_that_wants_to_be_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig()
    rig.charger.failures = [RateLimitedError("easee", "too many calls", 900.0)]
    rig.engine.last_order = command(6)
    async with stopped(rig):
        pass

    assert len(rig.charger.begun) == 1
    assert "the last order was not taken (too many calls)" in caplog.text


async def test_the_stop_is_bounded_where_the_cloud_hangs(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    rig.charger.delay = 1e6
    rig.engine.last_order = command(6)
    async with stopped(rig):
        pass

    assert asyncio.get_running_loop().time() == pytest.approx(SAFE_WITHIN, abs=0.1)
    assert "not answered in time" in caplog.text
