import asyncio

import pytest

from bridge.errors import DeviceUnavailableError, LoginRejectedError
from bridge.runtime.tasks import Tasks

pytestmark = pytest.mark.looptime


async def for_ever() -> None:
    await asyncio.Event().wait()


async def failing(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


async def stubborn() -> None:
    """Does not end when cancelled, for a while."""
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        await asyncio.sleep(10)


async def test_it_waits_for_the_stop() -> None:
    tasks, stop = Tasks(), asyncio.Event()
    tasks.start("one", for_ever())
    asyncio.get_running_loop().call_later(5, stop.set)

    await tasks.until(stop)

    assert asyncio.get_running_loop().time() == 5
    assert await tasks.close(1.0)


async def test_the_gravest_error_of_those_that_ended_is_raised() -> None:
    tasks = Tasks()
    tasks.start("meter", failing(DeviceUnavailableError("meter", "gone")))
    tasks.start("charger", failing(LoginRejectedError("easee", "wrong")))
    tasks.start("steer", for_ever())

    with pytest.raises(LoginRejectedError):
        await tasks.until(asyncio.Event())

    assert await tasks.close(1.0)


async def test_a_task_that_just_ends_is_a_bug_and_named() -> None:
    tasks = Tasks()
    tasks.start("saving", asyncio.sleep(1))

    with pytest.raises(RuntimeError, match="saving stopped without being asked"):
        await tasks.until(asyncio.Event())


async def test_closing_waits_no_longer_than_it_may() -> None:
    tasks = Tasks()
    tasks.start("stubborn", stubborn())
    await asyncio.sleep(0)

    assert not await tasks.close(0.5)
    assert asyncio.get_running_loop().time() == 0.5
    assert await tasks.close(60.0)


async def test_closing_with_nothing_started_is_fine() -> None:
    assert await Tasks().close(1.0)
