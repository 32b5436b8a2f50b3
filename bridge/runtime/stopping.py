"""The stop: asked for by a signal, and bounded in time."""

import asyncio
import logging
import signal

from bridge.core.model import Result
from bridge.runtime.control_loop import ControlLoop
from bridge.runtime.delivery import Delivery

logger = logging.getLogger(__name__)

SAFE_WITHIN = 3.7
"""For the last order, one in flight included, s. With closing down it stays within the 5 s that DESIGN §8 allows."""


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set `stop`; a second one ends the process at once, as the system's default does."""
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        logger.info("%s: stopping", number.name)
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask, number)


async def leave_safe(control: ControlLoop, delivery: Delivery) -> None:
    """Order the lower of limit and fallback current, and wait a bounded time for the charger's cloud to take it.

    For the stop, after `ControlLoop.steer` has ended. Raises what is a bug.
    """
    last = control.conclude()
    try:
        async with asyncio.timeout(SAFE_WITHIN):
            outcome = await delivery.conclude(last)
    except TimeoutError:
        logger.warning("the last order was not answered in time: the limit before it may stay in force")
        return
    if outcome is not None and outcome.result is not Result.ACCEPTED:
        logger.warning("the last order was not taken (%s): the limit before it stays in force", outcome.detail)
