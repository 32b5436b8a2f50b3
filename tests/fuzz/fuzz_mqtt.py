"""What arrives from the broker: set-topics, the birth message, our own discovery read back, the state that is read.

Records: topic, a word (`retained` or `live`), a line break, the payload.
"""

import asyncio
import json

import promises
from home import HOUSE, OPTIONS, Home, on_loop

from bridge.errors import DeviceUnavailableError
from bridge.mirror import reader
from bridge.mirror.connection import Received
from bridge.mirror.listener import Listener
from bridge.mirror.publisher import Publisher
from bridge.mirror.topics import topics

NAME = "mqtt"
SEPARATOR = b"\n--\n"
TOPICS = topics(OPTIONS)
_PAYLOADS = {
    "balancing": "OFF", "charging_allowed": "ON", "mains_limit": "20.5", "charger_maximum": "10", "pace": "eager",
    "learn_phases": "PRESS", "nothing": "x",
}  # fmt: skip


def _kept(document: object) -> bytes:
    """Our discovery, as somebody left it at the broker."""
    return f"{TOPICS.discovery} retained\n{json.dumps(document)}".encode()


SEEDS = (
    *(f"{TOPICS.set}/{name} live\n{payload}".encode() for name, payload in _PAYLOADS.items()),
    SEPARATOR.join(f"{TOPICS.set}/{name} live\n{payload}".encode() for name, payload in _PAYLOADS.items()),
    f"{TOPICS.birth} live\nonline\n--\n{TOPICS.set}/pace retained\ncalm".encode(),
    _kept({"components": {"old": {"platform": "sensor"}, "state": {"platform": "x"}}}),
    _kept({"device": {}, "components": {"old": {"platform": "sensor", "name": "n"}}}),
    f'{TOPICS.state} retained\n{{"state":"balancing","details":{{}}}}'.encode(),
)
TOKENS = (
    b"ON",
    b"OFF",
    b"PRESS",
    b"25",
    b"25.000001",
    b"6",
    b"5.9",
    b"16.5",
    b"calm",
    b"one_phase",
    b" retained\n",
    b" live\n",
    *(f"{TOPICS.set}/{name}".encode() for name in _PAYLOADS),
    b'"platform":"',
    b'"components":',
)


_MUTE = Publisher(OPTIONS, HOUSE, lambda: 0.0, "0.0.0")
"""For all cases in which nothing is published: it is slow to make."""


class Broker:
    """A connection that brings these messages and is lost then."""

    def __init__(self, messages: list[Received], home: Home) -> None:
        self._messages = messages[::-1]
        self._home = home

    async def subscribe(self, *_: str) -> tuple[str, ...]:
        return ()

    async def unsubscribe(self, *_: str) -> None:
        return

    async def receive(self) -> Received:
        self._home.now += 0.3
        if len(self._messages) % 16 == 1:
            self._home.decide(0.0)
        if not self._messages:
            raise DeviceUnavailableError("mqtt", "over")
        return self._messages.pop()

    async def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        promises.hold(0 < len(topic.encode()) < 65536 and isinstance(retain, bool), "a topic that is none")
        if payload not in {"online", "offline"}:
            promises.as_json(payload)


def run(data: bytes) -> None:
    on_loop(_play([_message(record) for record in data.split(SEPARATOR)]))


def _message(record: bytes) -> Received:
    head, _, payload = record.partition(b"\n")
    topic, _, word = head.partition(b" ")
    return Received(topic.decode(errors="replace"), payload, word == b"retained")


async def _play(messages: list[Received]) -> None:
    home = Home()
    home.charge()
    announced = [message.payload for message in messages if message.topic == TOPICS.discovery]
    publisher = _MUTE
    if announced:
        publisher = Publisher(OPTIONS, HOUSE, home.clock, "0.0.0")
        publisher.show(home.decide())
        await _publish(publisher, Broker([], home), announced[0])
    for message in messages:
        document = reader._document(message.payload)
        promises.hold(document is None or isinstance(document, dict), "a state that is none")
    broker = Broker([m for m in messages if m.topic != TOPICS.discovery], home)
    try:
        await Listener(OPTIONS, HOUSE, home.clock, publisher).run(broker, home.tell)
    except DeviceUnavailableError as over:
        promises.hold(over.detail == "over", over.detail)
    home.settle()


async def _publish(publisher: Publisher, broker: Broker, announced: bytes) -> None:
    publishing = asyncio.create_task(publisher.run(broker, announced))
    await asyncio.sleep(0)
    publishing.cancel()
    await asyncio.wait({publishing})
    if not publishing.cancelled():
        publishing.result()
