"""Simulated time, by hand and pumped."""

import asyncio

from bridge.simulator.timeline import Timeline


def test_what_falls_due_happens_in_order_at_its_own_instant() -> None:
    timeline = Timeline()
    seen: list[tuple[str, float]] = []
    timeline.after(5, lambda: seen.append(("late", timeline.now)))
    timeline.after(2, lambda: timeline.after(1, lambda: seen.append(("chained", timeline.now))))
    cancelled = timeline.after(1, lambda: seen.append(("never", timeline.now)))
    cancelled.cancel()
    timeline.advance(10)
    assert seen == [("chained", 3.0), ("late", 5.0)]
    assert timeline.now == 10


def test_a_jump_is_one_tick_for_what_repeats() -> None:
    timeline = Timeline()
    ticks: list[float] = []
    repeating = timeline.every(1, lambda: ticks.append(timeline.now))
    timeline.advance(3600)
    assert len(ticks) == 2, "the first one, and one for all that was skipped"
    repeating.cancel()
    timeline.advance(10)
    assert len(ticks) == 2


async def test_pumped_it_follows_the_clock_at_its_speed() -> None:
    real = [100.0]
    timeline = Timeline(speed=1000, monotonic=lambda: real[0], wall_clock=lambda: 1e9)
    done = asyncio.Event()
    pump = asyncio.create_task(timeline.run())
    await asyncio.sleep(0)
    timeline.after(500, done.set)
    real[0] += 0.4
    timeline.advance(0)
    assert not done.is_set()
    real[0] += 0.2
    timeline.advance(0)
    assert done.is_set()
    assert round(timeline.wall - 1e9) == 600
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)
    real[0] += 100
    assert round(timeline.now) == 600, "without a pump it stands still"


async def test_the_pump_wakes_by_itself() -> None:
    timeline = Timeline(speed=100)
    pump = asyncio.create_task(timeline.run())
    done = asyncio.Event()
    timeline.after(1, done.set)
    async with asyncio.timeout(5):
        await done.wait()
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)
