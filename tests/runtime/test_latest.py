import asyncio

from bridge.runtime.latest import Latest


async def test_the_newest_value_wins_and_the_overtaken_one_is_returned() -> None:
    place: Latest[int] = Latest()

    assert place.put(1) is None
    assert place.put(2) == 1
    assert await place.take() == 2


async def test_taking_waits_for_a_value() -> None:
    place: Latest[int] = Latest()
    taking = asyncio.create_task(place.take())
    await asyncio.sleep(0)
    assert not taking.done()

    place.put(7)

    assert await taking == 7


async def test_taking_empties_the_place() -> None:
    place: Latest[int] = Latest()
    place.put(1)
    await place.take()

    assert place.drop() is None
    assert place.put(2) is None


async def test_what_was_dropped_is_not_taken() -> None:
    place: Latest[int] = Latest()
    place.put(1)

    assert place.drop() == 1
    taking = asyncio.create_task(place.take())
    await asyncio.sleep(0)

    assert not taking.done()
    taking.cancel()
