"""Shows the newest snapshot on whatever connection there is."""

import asyncio
import contextlib
import json
import time

from bridge.core.model import Installation, Instant, Snapshot
from bridge.errors import DeviceUnavailableError
from bridge.mirror.connection import Connection
from bridge.mirror.entities import entities
from bridge.mirror.entity import Source
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import (
    OFFLINE,
    Json,
    compact,
    discovery,
    event_document,
    is_available,
    removals,
    state_document,
    values,
    word,
)
from bridge.mirror.thinning import Thinner
from bridge.mirror.topics import topics
from bridge.ports import Clock

GAP = 0.2
"""s between two rounds of publishing, whatever happens."""
LEARNING = 2.0
"""s that Home Assistant needs to learn a new announcement; an event told sooner is missed, since none is retained."""
FAREWELL = 1.0
"""s for the last words."""


class Publisher:
    """A slot for the newest snapshot, and what the broker was told of it so far."""

    def __init__(self, options: MqttOptions, installation: Installation, clock: Clock, version: str) -> None:
        self._topics = topics(options)
        self._rows = entities(installation)
        self._discovery = discovery(self._rows, options, version)
        self._thinner = Thinner(self._rows, options.publish_every)
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._wake = asyncio.Event()
        self._announce = self._everything = False
        self._gone: Json | None = None
        """What an earlier version had beside us."""
        self._online: dict[str, bool] = {}
        self._last_event = 0
        self._events_from: Instant = float("-inf")

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._wake.set()

    def repeat(self) -> None:
        """Publish the state again, changed or not: somebody may believe another."""
        self.repeat_next()
        self._wake.set()

    def repeat_next(self) -> None:
        """Publish the next snapshot whole, changed or not."""
        self._everything = True

    def announce(self) -> None:
        """Publish everything again, the discovery too: Home Assistant has started."""
        self._announce = True
        self.repeat()

    async def run(self, connection: Connection, announced: bytes | None) -> None:
        """Publish until the connection is lost. `announced` is the discovery that the broker keeps of us."""
        before = _parsed(announced)
        self._gone = removals(before, self._discovery)
        self._announce = self._announce or before != self._discovery
        self._online = {}
        self._everything = True
        if not self._snapshot:  # a broker that went down with us may have kept `online`
            await connection.publish(self._topics.availability, OFFLINE)
        while True:
            await self._changed()
            if self._snapshot:
                await self._publish(connection, self._snapshot)
            await asyncio.sleep(GAP)

    async def farewell(self, connection: Connection) -> None:
        """The last snapshot, then offline; given up after a second."""
        with contextlib.suppress(DeviceUnavailableError, TimeoutError):
            async with asyncio.timeout(FAREWELL):
                self._events_from = float("-inf")
                if self._snapshot:
                    await self._publish(connection, self._snapshot)
                await connection.publish(self._topics.availability, OFFLINE)

    async def _changed(self) -> None:
        """Wait for something new, or until a measurement that was held back is due."""
        due = self._thinner.held_until
        wait = None if due is None else max(due - self._clock(), 0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._wake.wait()
        self._wake.clear()

    async def _discover(self, connection: Connection) -> None:
        await connection.publish(self._topics.discovery, compact(self._discovery))
        self._events_from = self._clock() + LEARNING

    async def _publish(self, connection: Connection, snapshot: Snapshot) -> None:
        """State before availability, so that an old value is never shown as a live one.

        And before the announcement, so that the state of an earlier version is not read by the templates of this one;
        but what only that version had goes first.
        """
        if self._gone:
            await connection.publish(self._topics.discovery, compact(self._gone))
            self._gone = None
        await self._publish_state(connection, snapshot)
        if self._announce:
            self._announce, self._online = False, {}
            await self._discover(connection)
        await self._publish_availability(connection, snapshot)
        await self._publish_events(connection, snapshot)

    async def _publish_state(self, connection: Connection, snapshot: Snapshot) -> None:
        now, seen = self._clock(), values(self._rows, snapshot)
        everything, self._everything = self._everything, False
        told = self._thinner.all(seen, now) if everything else self._thinner.news(seen, now)
        if told is not None:
            await connection.publish(self._topics.state, state_document(told, self._epoch()))

    async def _publish_availability(self, connection: Connection, snapshot: Snapshot) -> None:
        wanted = {
            self._topics.meter: is_available(Source.METER, snapshot),
            self._topics.charger: is_available(Source.CHARGER, snapshot),
            self._topics.availability: True,
        }
        for topic, is_up in wanted.items():
            if self._online.get(topic) is not is_up:
                await connection.publish(topic, word(is_up=is_up))
                self._online[topic] = is_up

    async def _publish_events(self, connection: Connection, snapshot: Snapshot) -> None:
        untold = [event for event in snapshot.events if event.number > self._last_event]
        if untold and self._clock() < self._events_from:
            self._wake.set()  # look again after the gap
            return
        for event in untold:
            await connection.publish(self._topics.event, event_document(event, self._epoch()), retain=False)
            self._last_event = event.number

    def _epoch(self) -> float:
        """Time of day at instant 0; asked for anew each time, since a Pi learns the time after it has started."""
        return time.time() - self._clock()


def _parsed(payload: bytes | None) -> object:
    try:
        parsed: object = json.loads(payload or b"null")
    except (ValueError, RecursionError):  # anybody may have written it
        return None
    return parsed
