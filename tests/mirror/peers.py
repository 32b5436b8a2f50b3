"""What stands around a mirror in tests: a client that sees everything, and the engine's ear."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import aiomqtt
from mirror.brokers import PATIENCE

from bridge.core.model import Observation
from bridge.mirror.client import MqttMirror


class Seen(NamedTuple):
    topic: str
    payload: str
    is_retained: bool


class Onlooker:
    """Sees every message, in order."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._changed = asyncio.Event()
        self.seen: list[Seen] = []

    async def watch(self) -> None:
        async for message in self._client.messages:
            assert isinstance(message.payload, bytes)
            self.seen.append(Seen(str(message.topic), message.payload.decode(errors="replace"), bool(message.retain)))
            self._changed.set()

    async def leave_out(self, below: str) -> None:
        """Look no longer at everything, but only at what we publish: what lies below a topic would be too much."""
        await self._client.unsubscribe("#")
        base = below.removesuffix("set/")
        for part in ("state", "availability/#", "event"):
            await self._client.subscribe(f"{base}{part}", qos=1)

    async def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)

    def on(self, topic: str) -> list[str]:
        """Payloads seen on a topic, oldest first."""
        return [message.payload for message in self.seen if message.topic == topic]

    async def until(self, condition: Callable[[], object], *, patience: float = PATIENCE) -> None:
        """Wait for a condition on what was seen."""
        async with asyncio.timeout(patience):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@contextlib.asynccontextmanager
async def onlooker(port: int) -> AsyncIterator[Onlooker]:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        seer = Onlooker(client)
        await client.subscribe("#", qos=1)
        watching = asyncio.create_task(seer.watch())
        try:
            yield seer
        finally:
            watching.cancel()
            await asyncio.wait({watching})


async def retained(port: int, within: float = 0.3) -> dict[str, str]:
    """What a broker keeps."""
    async with onlooker(port) as seer:
        await asyncio.sleep(within)
        return {message.topic: message.payload for message in seer.seen if message.is_retained}


class Ear:
    """Hears what the mirror tells, in place of the engine."""

    def __init__(self) -> None:
        self.told: list[Observation] = []
        self._changed = asyncio.Event()

    def __call__(self, observation: Observation) -> None:
        self.told.append(observation)
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def hears(self, observation: Observation) -> None:
        await self.until(lambda: observation in self.told)


@contextlib.asynccontextmanager
async def running(mirror: MqttMirror) -> AsyncIterator[Ear]:
    """A mirror that runs until the block is left."""
    ear = Ear()
    task = asyncio.create_task(mirror.run(ear))
    try:
        yield ear
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
