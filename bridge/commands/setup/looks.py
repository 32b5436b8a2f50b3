"""Looks at the real peers, one at a time, from a conversation that is not asynchronous itself."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.survey import ChargerSurvey
from bridge.errors import UnsuitableError
from bridge.mains.slimmelezer.client import SlimmelezerOptions
from bridge.mains.slimmelezer.discovery import Announced, discover
from bridge.mains.slimmelezer.survey import Bounds, MeterSurvey, Show
from bridge.mains.slimmelezer.survey import survey as survey_meter
from bridge.mirror.options import MqttOptions
from bridge.mirror.survey import BrokerSurvey
from bridge.mirror.survey import survey as survey_broker
from bridge.runtime import clock

LISTEN: Final = 3.0
"""s for devices to announce themselves."""
GLANCE: Final = Bounds(answer=5.0, listing=5.0)
"""At each device that was found: only whether it has the sensors."""
TELEGRAMS: Final = 3
"""The first tells what there is, two more how often."""

T = TypeVar("T")


class Found(NamedTuple):
    """A device that announced itself."""

    device: Announced
    survey: MeterSurvey | None
    """None where it wants a key, so that it could not be looked at."""

    @property
    def is_reader(self) -> bool:
        """Whether it may be the one: it has the sensors, or keeps them behind a key."""
        return self.survey is None or bool(self.survey.sensors)


class Looks(Protocol):
    """What the conversation asks of the world. Nothing here raises what is expected to fail."""

    def devices(self) -> tuple[Found, ...]: ...

    def meter(self, options: SlimmelezerOptions, show: Show) -> MeterSurvey: ...

    def charger(self, options: EaseeOptions) -> ChargerSurvey:
        """Log in where that is not done yet; another serial number costs no other log-in."""

    def broker(self, options: MqttOptions) -> BrokerSurvey: ...

    @property
    def logins(self) -> int:
        """How often a user name and password were sent."""


class RealLooks:
    """On this network. Close it."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._runner = asyncio.Runner()
        self._bounds = bounds
        self._charger: EaseeCharger | None = None
        self._logins_before = 0

    def devices(self) -> tuple[Found, ...]:
        """Listen, then glance at each that wants no key. Nothing where there is no network."""
        return self._run(_devices())

    def meter(self, options: SlimmelezerOptions, show: Show) -> MeterSurvey:
        return self._run(survey_meter(options, telegrams=TELEGRAMS, bounds=self._bounds, show=show))

    def charger(self, options: EaseeOptions) -> ChargerSurvey:
        return self._run(self._survey(options))

    def broker(self, options: MqttOptions) -> BrokerSurvey:
        return self._run(survey_broker(options))

    @property
    def logins(self) -> int:
        return self._logins_before + (0 if self._charger is None else self._charger.logins)

    def close(self) -> None:
        try:
            self._run(self._leave())
        finally:
            self._runner.close()

    async def _survey(self, options: EaseeOptions) -> ChargerSurvey:
        charger = self._charger
        if charger is None or not _is_same_account(charger.options, options):
            await self._leave()
            self._charger = charger = EaseeCharger(options, clock.now)
        charger.choose(options.charger)
        found = await charger.survey(0)
        if found.trouble is not None and not found.circuits and not isinstance(found.trouble, UnsuitableError):
            await self._leave()  # not logged in: the next try is a new one
        return found

    async def _leave(self) -> None:
        charger, self._charger = self._charger, None
        if charger is not None:
            self._logins_before += charger.logins
            await charger.close()

    def _run(self, look: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(look)


def _is_same_account(one: EaseeOptions, other: EaseeOptions) -> bool:
    return replace(one, charger=None) == replace(other, charger=None)


async def _devices() -> tuple[Found, ...]:
    try:
        announced = await discover(LISTEN)
    except OSError:
        return ()
    return tuple(await asyncio.gather(*(_glance(device) for device in announced)))


async def _glance(device: Announced) -> Found:
    if device.is_encrypted:
        return Found(device, None)
    options = SlimmelezerOptions(device.addresses[0], device.port)
    return Found(device, await survey_meter(options, telegrams=0, bounds=GLANCE))
