"""Listens to one connection: states in, plausible ones to the assembler, telegrams out."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import ParamSpec

from aioesphomeapi import EntityState, SensorState

from bridge.core.model import Link, Refused, Telegram
from bridge.errors import MalformedReadingError
from bridge.mains.slimmelezer.assembler import GAP, TelegramAssembler
from bridge.mains.slimmelezer.plausible import value_of
from bridge.mains.slimmelezer.sensors import Address, Sensor
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)

_P = ParamSpec("_P")


class Reader:
    """Takes every state of one connection. What it does with one never raises.

    `warned` holds what was warned of already; it outlives the connection.
    """

    def __init__(self, sensors: Mapping[Address, Sensor], tell: Tell, clock: Clock, warned: set[str]) -> None:
        self._sensors = sensors
        self._tell = tell
        self._clock = clock
        self._warned = warned
        self._assembler = TelegramAssembler(GAP)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def receive(self, state: EntityState) -> None:
        """Take one state as it arrives."""
        if isinstance(state, SensorState):
            self._safely(self._receive, state)

    def close(self) -> None:
        """Forget the burst under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _receive(self, state: SensorState) -> None:
        sensor = self._sensors.get((state.device_id, state.key))
        if sensor is None:
            return
        telegram = self._assembler.receive(sensor.channel, self._value(sensor, state), self._clock())
        if self._timer is None:
            self._arm()
        self._deliver(telegram)

    def _value(self, sensor: Sensor, state: SensorState) -> float | None:
        try:
            return value_of(sensor, state)
        except MalformedReadingError as error:
            if sensor.object_id not in self._warned:
                self._warned.add(sensor.object_id)
                logger.warning("meter reading refused: %s; more of this sensor are only counted", error.detail)
            self._tell(Refused(Link.METER))
            return None

    def _deliver(self, telegram: Telegram | None) -> None:
        if telegram is not None:
            self._tell(telegram)

    def _arm(self) -> None:
        """Have the open burst ended when its gap is over; states may move that on meanwhile."""
        deadline = self._assembler.deadline
        if deadline is not None:
            self._timer = self._loop.call_later(max(0.0, deadline - self._clock()), self._on_timer)

    def _on_timer(self) -> None:
        self._safely(self._expire)

    def _expire(self) -> None:
        self._timer = None
        telegram = self._assembler.expire(self._clock())
        self._arm()
        self._deliver(telegram)

    def _safely(self, step: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Take a step at a border where nothing may be raised: the library would log it at every state, unheard."""
        try:
            step(*args, **kwargs)
        except Exception:
            if "bug" not in self._warned:
                self._warned.add("bug")
                logger.exception("a meter reading could not be taken; more of these are only counted")
            with contextlib.suppress(Exception):
                self._tell(Refused(Link.METER))
