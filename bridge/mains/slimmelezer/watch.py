"""Watches over one device: connects, finds its sensors, and does not believe a connection that brings no telegrams."""

import asyncio
import logging
from collections.abc import Mapping
from typing import NamedTuple

from aioesphomeapi.core import APIConnectionError

from bridge.core.model import Instant, Observation, Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.connection import Connection
from bridge.mains.slimmelezer.link import MeterLink
from bridge.mains.slimmelezer.problems import Cause, Place, Trouble, explain, no_sensors, silent, unanswered
from bridge.mains.slimmelezer.reader import Reader
from bridge.mains.slimmelezer.sensors import Found, find_sensors, looked_for
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)


NEWEST = 0.2
"""Weight of the newest interval in the observed period."""


LOOK_EVERY = 1.0
"""Seconds between two looks at how long the meter has been silent: telegrams change what is bearable."""


COMPLAINTS = 50
"""Kinds of nonsense that are told of one device."""


class Patience(NamedTuple):
    """How long what is borne, in seconds."""

    keepalive: float = 5.0
    """Between pings; a device that answers none is given up after 5.5 to 6.5 of these."""
    answer: float = 15.0
    """Without any answer at the start, until that is told; the library goes on trying for a minute."""
    stuck: float = 200.0
    """Without any word of a failed try: the library waits up to 60 s between tries, and gives each up within 120."""
    listing: float = 20.0
    """For the device to list its sensors."""
    first: float = 30.0
    """From connecting to the first telegram, and to the second: meters send each 1 or 10 s."""
    silence: float = 15.0
    """Without a telegram afterwards, at least; then the connection is made anew."""
    periods: float = 7.0
    """The same in observed periods: twice what makes a reading stale."""
    longest: float = 120.0
    """Between two new connections to a device that stays silent."""
    missing: int = 10
    """Telegrams without a phase that should be there, until that is told."""


class _StuckError(Exception):
    """The library does not try to connect any more."""


class Watch:
    """One `follow`, from its start to its cancellation."""

    def __init__(
        self,
        place: Place,
        phases: tuple[Phase, ...],
        sensor_names: Mapping[str, str],
        tell: Tell,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._place = place
        self._phases = phases
        self._sensor_names = sensor_names
        self._tell = tell
        self._clock = clock
        self._patience = patience
        self._link = MeterLink(tell, clock)
        self._failed_at: Instant | None = None
        """When a try to connect failed last."""
        self._connection = self._new_connection()
        self._warned: set[str] = set()
        self._last: Instant | None = None
        """When this connection brought its latest telegram."""
        self._period: float | None = None
        """Observed seconds between two telegrams."""
        self._silences = 0
        """Connections in a row that brought no telegram."""
        self._unseen: set[Phase] = set(phases)
        self._telegrams = 0

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except _StuckError:
                logger.debug("no try to connect for %g s: beginning anew", self._patience.stuck)
            finally:
                await self._connection.close()
            self._connection = self._new_connection()

    async def _follow(self) -> None:
        """Raises _StuckError where the library has stopped trying."""
        await self._connection.start()
        while True:
            await self._until_opened()
            await self._listen()

    def _new_connection(self) -> Connection:
        return Connection(self._place, self._lost, self._patience.keepalive)

    def _lost(self, trouble: Trouble) -> None:
        self._failed_at = self._clock()
        self._link.lost(trouble)

    async def _until_opened(self) -> None:
        try:
            async with asyncio.timeout(self._patience.answer):
                await self._connection.opened()
        except TimeoutError:
            if self._link.trouble is None:
                self._link.lost(unanswered(self._place, self._patience.answer))
            await self._until_opened_or_stuck()

    async def _until_opened_or_stuck(self) -> None:
        """A library that fails goes on trying, and says so each time: one that says nothing has stopped."""
        self._failed_at = self._clock()
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    return await self._connection.opened()
            except TimeoutError:
                if self._clock() - self._failed_at > self._patience.stuck:
                    raise _StuckError from None

    async def _listen(self) -> None:
        """Take what one connection brings until it is gone or has been silent for too long."""
        self._last = None
        reader = None
        try:
            async with asyncio.timeout(self._patience.listing):
                found = find_sensors(await self._connection.entities(), self._sensor_names)
            if self._suffices(found):
                reader = Reader(found.sensors, self._take, self._clock, self._warned)
                self._connection.subscribe(reader.receive)
                if self._link.trouble is None or self._link.trouble.cause is not Cause.SILENT:
                    self._link.up(self._connection.name)
                await self._until_silent()
            else:
                await self._connection.closed()
        except (APIConnectionError, TimeoutError) as error:
            if self._connection.is_open:  # else why it closed has been told
                self._link.lost(explain(error, self._place))
        finally:
            if reader is not None:
                reader.close()
        await self._connection.drop()

    def _suffices(self, found: Found) -> bool:
        """Say what is wrong with the sensors; True where any of the phases can be read."""
        missing = [phase for phase in self._phases if not found.knows(phase)]
        lacking = no_sensors(self._place, ", ".join(missing), "; ".join(looked_for(phase) for phase in missing))
        for complaint in found.complaints:
            self._warn(complaint)
        if len(missing) == len(self._phases):
            self._link.lost(lacking)
            return False
        if missing:
            self._warn(lacking.detail)
        return True

    async def _until_silent(self) -> None:
        """Return when the connection is gone, or when no telegram has come for too long."""
        opened = self._clock()
        while True:
            quiet = self._clock() - (opened if self._last is None else self._last)
            left = self._bearable() - quiet
            if left <= 0:
                self._silences += 1
                self._link.lost(silent(quiet))
                return
            try:
                async with asyncio.timeout(min(left, LOOK_EVERY)):
                    await self._connection.closed()
            except TimeoutError:
                continue
            return

    def _bearable(self) -> float:
        """Return how long this connection may go without a telegram, s."""
        patience = self._patience
        if self._last is None:
            return min(patience.first * 2.0**self._silences, max(patience.longest, patience.first))
        if self._period is None:
            return patience.first
        return max(patience.silence, patience.periods * self._period)

    def _take(self, seen: Observation) -> None:
        if isinstance(seen, Telegram):
            self._note_time(self._clock())
            self._note_phases(seen)
            self._link.up(self._connection.name)
        self._tell(seen)

    def _note_time(self, now: Instant) -> None:
        self._silences = 0
        if self._last is not None:
            interval = now - self._last
            self._period = interval if self._period is None else self._period + NEWEST * (interval - self._period)
        self._last = now

    def _note_phases(self, telegram: Telegram) -> None:
        if self._telegrams >= self._patience.missing:
            return
        self._telegrams += 1
        self._unseen -= {phase for phase in self._unseen if telegram.phases[phase.place] is not None}
        if self._telegrams == self._patience.missing and self._unseen:
            names = ", ".join(sorted(self._unseen))
            self._warn(f"the meter says nothing of {names}: if it has fewer phases, take {names} out of the settings")

    def _warn(self, line: str) -> None:
        if line not in self._warned and len(self._warned) < COMPLAINTS:
            self._warned.add(line)
            logger.warning("meter: %s", line)
