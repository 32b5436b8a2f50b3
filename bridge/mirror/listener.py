"""Hears what the owner turns, and when Home Assistant starts. What arrives can be anything, and any number of it."""

import asyncio
import contextlib
import logging
import random

from bridge.core.model import Installation, Instant, Link, Refused
from bridge.errors import MalformedReadingError
from bridge.mirror.connection import Connection, Received
from bridge.mirror.controls import control_change
from bridge.mirror.options import MqttOptions
from bridge.mirror.publisher import Publisher
from bridge.mirror.topics import topics
from bridge.ports import Clock, Tell

logger = logging.getLogger(__name__)

BIRTH_DELAY = 2.0
"""s at most, so that not every bridge of a house announces itself in the same instant."""
PER_SECOND = 50
"""Messages that are looked at; nobody turns knobs faster."""
DEAF = 30.0
"""s for which nothing is listened to after a flood."""
QUIET = 10.0
"""s between two warnings about nonsense."""


class Listener:
    """Tells valid changes; refuses the rest, and has the value that stands published again."""

    def __init__(self, options: MqttOptions, installation: Installation, clock: Clock, publisher: Publisher) -> None:
        self._topics = topics(options)
        self._installation = installation
        self._clock = clock
        self._publisher = publisher
        self._warned: Instant = float("-inf")
        self._unsaid = 0

    async def run(self, connection: Connection, tell: Tell) -> None:
        """Listen until the connection is lost."""
        wanted = (self._topics.any_set, self._topics.birth)
        while True:
            for topic in await connection.subscribe(*wanted):
                self._warn(f"the broker does not let us read {topic}: allow it for our user")
            await self._until_flooded(connection, tell)
            logger.warning("mqtt: more than %d messages a second: the controls are deaf for %d s", PER_SECOND, DEAF)
            await connection.unsubscribe(*wanted)
            await _ignore(connection, DEAF)
            self._publisher.announce()  # a start of Home Assistant may have been missed meanwhile

    async def _until_flooded(self, connection: Connection, tell: Tell) -> None:
        loop = asyncio.get_running_loop()
        announcing: asyncio.TimerHandle | None = None
        since, count = self._clock(), 0
        try:
            while count <= PER_SECOND:
                message = await connection.receive()
                if self._clock() - since >= 1:
                    since, count = self._clock(), 0
                count += 1
                if message.topic != self._topics.birth:
                    self._hear(message, tell)
                elif message.payload == b"online" and not message.is_retained:
                    if announcing:
                        announcing.cancel()
                    delay = random.uniform(0, BIRTH_DELAY)  # noqa: S311 nothing secret about it
                    announcing = loop.call_later(delay, self._publisher.announce)
        finally:
            if announcing:
                announcing.cancel()

    def _hear(self, message: Received, tell: Tell) -> None:
        name = self._topics.control(message.topic)
        if name is None:
            return  # amqtt repeats what it sent to an earlier connection under our id
        if message.is_retained:
            if message.payload:
                self._warn(f"ignored the retained message on {message.topic[:80]!a}: clear it there")
            return
        try:
            tell(control_change(name, message.payload, self._installation))
        except MalformedReadingError as error:
            tell(Refused(Link.MQTT))
            self._warn(error.detail)
            self._publisher.repeat()
        else:
            self._publisher.repeat_next()

    def _warn(self, text: str) -> None:
        """One line at a time; how many were swallowed stands in the next."""
        if self._clock() - self._warned < QUIET:
            self._unsaid += 1
            return
        logger.warning("mqtt: %s%s", text, f" (and {self._unsaid} more before)" if self._unsaid else "")
        self._warned, self._unsaid = self._clock(), 0


async def _ignore(connection: Connection, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await connection.receive()
