"""Hears what the owner turns, and when Home Assistant starts. What arrives can be anything, and any number of it."""

import asyncio
import contextlib
import random

from bridge.core.model import Installation, Link, Refused
from bridge.errors import MalformedReadingError
from bridge.mirror.complaints import Complaints
from bridge.mirror.connection import Connection, Received
from bridge.mirror.controls import control_change
from bridge.mirror.options import MqttOptions
from bridge.mirror.publisher import Publisher
from bridge.mirror.topics import topics
from bridge.mirror.turns import Turns
from bridge.ports import Clock, Tell

BIRTH_DELAY = 2.0
"""s at most, so that not every bridge of a house announces itself in the same instant."""
ANNOUNCE_APART = 30.0
"""s at least from one announcement to the next: it is long, and anybody may pretend that Home Assistant starts."""
PER_SECOND = 50
"""Messages that are looked at; nobody turns knobs faster."""
DEAF = 30.0
"""s for which nothing is listened to after a flood."""


class Listener:
    """Tells valid changes; refuses the rest, and has the value that stands published again."""

    def __init__(self, options: MqttOptions, installation: Installation, clock: Clock, publisher: Publisher) -> None:
        self._topics = topics(options)
        self._installation = installation
        self._clock = clock
        self._publisher = publisher
        self._announced = float("-inf")
        self._nonsense, self._floods = Complaints(clock), Complaints(clock)
        self._turns = Turns(clock, self._nonsense)

    async def run(self, connection: Connection, tell: Tell) -> None:
        """Listen until the connection is lost."""
        wanted = (self._topics.any_set, self._topics.birth)
        while True:
            for topic in await connection.subscribe(*wanted):
                self._nonsense.say(f"the broker does not let us read {topic}: allow it for our user")
            await self._until_flooded(connection, tell)
            self._floods.say(f"more than {PER_SECOND} messages a second: the controls are deaf for {DEAF:g} s")
            await connection.unsubscribe(*wanted)
            await _ignore(connection, DEAF)
            self._announce()  # a start of Home Assistant may have been missed meanwhile

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
                    apart = self._announced + ANNOUNCE_APART - self._clock()
                    announcing = loop.call_later(max(delay, apart), self._announce)
        finally:
            if announcing:
                announcing.cancel()

    def _announce(self) -> None:
        self._announced = self._clock()
        self._publisher.announce()

    def _hear(self, message: Received, tell: Tell) -> None:
        name = self._topics.control(message.topic)
        if name is None:
            return  # amqtt repeats what it sent to an earlier connection under our id
        if message.is_retained:
            if message.payload:
                self._nonsense.say(f"ignored the retained message on {message.topic[:80]!a}: clear it there")
            return
        try:
            change = control_change(name, message.payload, self._installation)
        except MalformedReadingError as error:
            tell(Refused(Link.MQTT))
            self._nonsense.say(error.detail)
            self._publisher.repeat()
        else:
            self._turns.turn(change, tell)
            self._publisher.repeat_next()


async def _ignore(connection: Connection, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await connection.receive()
