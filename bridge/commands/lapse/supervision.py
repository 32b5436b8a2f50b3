"""From nothing known to a result: follow meter and charger, plan, ask, try."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from bridge.commands.lapse.plan import Plan, RefusedError, plan
from bridge.commands.lapse.trial import TICK, Result, Show, Timing, Trial
from bridge.commands.lapse.view import View
from bridge.core.model import Installation, Link
from bridge.ports import Charger, Meter
from bridge.runtime.supervisor import keep_running

READY_WITHIN: Final = 60.0
"""s until meter and charger have told everything; a 10 s meter needs up to 20."""

Confirm = Callable[[Plan], Awaitable[bool]]
"""Asks the person who supervises."""


async def supervise(  # noqa: PLR0913 what it is made with
    charger: Charger,
    meter: Meter,
    house: Installation,
    *,
    timing: Timing,
    stop: asyncio.Event,
    show: Show,
    confirm: Confirm,
) -> Result:
    """Make one trial. Raises RefusedError where it may not be made; nothing was ordered then."""
    view = View(timing.now)
    async with _followed(charger, meter, view):
        await _until_ready(view, timing, stop)
        if not await confirm(_planned(view, house)):
            raise RefusedError("nothing was ordered")
        chosen = _planned(view, house)  # asking takes its time: the house may be another by now
        return await Trial(charger, view, chosen, house, timing=timing, stop=stop, show=show).run()


def _planned(view: View, house: Installation) -> Plan:
    if view.report is None or view.is_blind or view.failure is not None:
        raise RefusedError(view.missing)
    return plan(view.report, view.mains, house)


async def _until_ready(view: View, timing: Timing, stop: asyncio.Event) -> None:
    until = timing.now() + READY_WITHIN
    while not view.is_ready:
        if view.failure is not None or view.ban is not None or timing.now() >= until:
            raise RefusedError(view.missing)
        if stop.is_set():
            raise RefusedError("nothing was ordered")
        await timing.sleep(TICK)


@asynccontextmanager
async def _followed(charger: Charger, meter: Meter, view: View) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(keep_running(Link.METER, meter.follow, view.tell), name="trial meter"),
        asyncio.create_task(keep_running(Link.CHARGER, charger.follow, view.tell), name="trial charger"),
    ]

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            view.failure = str(task.exception())

    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await charger.close()
