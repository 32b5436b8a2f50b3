"""The mirror: shows snapshots over MQTT and tells what the owner turns there."""

import asyncio
import logging

from bridge.core.model import Installation, Instant, Link, LinkReport, Snapshot
from bridge.errors import DeviceUnavailableError
from bridge.mirror.backoff import Backoff
from bridge.mirror.connection import Connection, connected
from bridge.mirror.listener import Listener
from bridge.mirror.options import MqttOptions
from bridge.mirror.publisher import Publisher
from bridge.mirror.topics import topics
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)

STEADY = 300.0
"""s after which a connection counts as a good one, and the next outage starts with short waits again."""
CAUSES_TOLD = 20
"""Of one outage; further ones are the same weather."""
BRIEF = 10.0
"""s; a connection that ends sooner was probably pushed out by another client under our id."""


class MqttMirror:
    """Implements `ports.Mirror`. The broker may be absent, vanish and return: nobody waits for it."""

    def __init__(self, options: MqttOptions, installation: Installation, clock: Clock, version: str) -> None:
        self._options = options
        self._topics = topics(options)
        self._clock = clock
        self._publisher = Publisher(options, installation, clock, version)
        self._listener = Listener(options, installation, clock, self._publisher)
        self._lost_at: Instant | None = None
        self._causes: set[str] = set()

    def show(self, snapshot: Snapshot) -> None:
        """Show this one next; replaces one not shown yet. Never blocks, never fails."""
        self._publisher.show(snapshot)

    async def run(self, tell: Tell) -> None:
        """Stay connected until cancelled; says offline then, within a second."""
        backoff = Backoff()
        while True:
            began: Instant | None = None
            try:
                async with connected(self._options, self._options.device_identifier, self._topics.availability) as link:
                    began = self._clock()
                    self._recovered(tell)
                    await self._serve(link, tell)
            except DeviceUnavailableError as error:
                self._lost(error.detail + self._suspicion(began), tell)
            if began is not None and self._clock() - began >= STEADY:
                backoff.reset()
            await asyncio.sleep(backoff.wait())

    async def _serve(self, connection: Connection, tell: Tell) -> None:
        try:
            announced = await connection.retained(self._topics.discovery)
            await _together(
                asyncio.create_task(self._listener.run(connection, tell), name="mqtt listener"),
                asyncio.create_task(self._publisher.run(connection, announced), name="mqtt publisher"),
            )
        except asyncio.CancelledError:
            await self._publisher.farewell(connection)
            raise

    def _recovered(self, tell: Tell) -> None:
        if self._lost_at is None:
            logger.info("mqtt: connected to %s", self._options.where)
        else:
            logger.info("mqtt recovered after %.0f s: %s", self._clock() - self._lost_at, self._options.where)
        self._lost_at = None
        self._causes.clear()
        tell(LinkReport(Link.MQTT, is_up=True))

    def _lost(self, detail: str, tell: Tell) -> None:
        is_first = self._lost_at is None
        is_new = detail not in self._causes and len(self._causes) < CAUSES_TOLD
        if is_new:
            self._causes.add(detail)
        if is_first:
            self._lost_at = self._clock()
            logger.warning("mqtt lost: %s", detail)
            tell(LinkReport(Link.MQTT, is_up=False, detail=detail))
        elif is_new:
            logger.warning("mqtt still lost: %s", detail)

    def _suspicion(self, began: Instant | None) -> str:
        if began is None or self._clock() - began >= BRIEF:
            return ""
        client_id = self._options.device_identifier
        return f" soon after it was made: does another client use the id {client_id}? Then set [mqtt] instance"


async def _together(*tasks: asyncio.Task[None]) -> None:
    """Run tasks that never end until one fails, and raise that error.

    Not a TaskGroup: before Python 3.13 it forgets a cancellation that comes in the moment of the failure.
    """
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    errors = [error for task in tasks if not task.cancelled() and (error := task.exception())]
    errors.sort(key=lambda error: isinstance(error, DeviceUnavailableError))  # a bug is told before the weather
    raise errors[0]
