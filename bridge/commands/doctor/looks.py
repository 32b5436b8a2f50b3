"""The looks that run side by side, each kept from hiding what the others have seen."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Final, TypeVar

from bridge.chargers.easee.client import EaseeCharger
from bridge.commands.doctor.check import Check, bad
from bridge.commands.doctor.machine import look_at_machine
from bridge.mains.slimmelezer.survey import survey as survey_meter
from bridge.mirror.survey import survey as survey_broker
from bridge.parts import meter_options, mqtt_options
from bridge.settings import Settings

WITHIN: Final = 120.0
"""s for one look; each is bounded by itself well below."""
STREAM_WITHIN: Final = 20.0
"""s for the stream's first ping; the hub pings every 15."""

_T = TypeVar("_T")


class Looks:
    """What is under way. A look that fails as none should becomes the Check that says so."""

    def __init__(self, settings: Settings, charger: EaseeCharger) -> None:
        self.machine = _start("service", look_at_machine())
        self.meter = _start("meter", survey_meter(meter_options(settings)))
        self.cloud = _start("Easee cloud", charger.survey(STREAM_WITHIN))
        self.broker = _start("broker", survey_broker(mqtt_options(settings))) if settings.mqtt.enabled else None

    async def end(self) -> None:
        """Cancel what is not done."""
        tasks = [task for task in (self.machine, self.meter, self.cloud, self.broker) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _start(subject: str, look: Coroutine[None, None, _T]) -> "asyncio.Task[_T | Check]":
    return asyncio.create_task(guarded(subject, look), name=f"doctor looks at the {subject}")


async def guarded(subject: str, look: Coroutine[None, None, _T]) -> _T | Check:
    """At this border nothing may be raised: a bug in one look must not hide what the others have seen."""
    try:
        async with asyncio.timeout(WITHIN):
            return await look
    except TimeoutError:
        return bad(subject, f"not done within {WITHIN:g} s")
    except Exception as error:  # noqa: BLE001 see above
        return _bug(subject, error)


def judged(subject: str, seen: _T | Check, judge: Callable[[_T], Iterator[Check]]) -> Iterator[Check]:
    """The same for what a look has brought."""
    if isinstance(seen, Check):
        yield seen
        return
    try:
        yield from judge(seen)
    except Exception as error:  # noqa: BLE001 see above
        yield _bug(subject, error)


def _bug(subject: str, error: Exception) -> Check:
    return bad(subject, f"could not be examined ({type(error).__name__})", "this is a bug of ours: please report it")
