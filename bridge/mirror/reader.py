"""Follows what a running bridge publishes, for a live view."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple, TypeAlias

from bridge.errors import DeviceUnavailableError
from bridge.mirror import connection as links
from bridge.mirror.backoff import Backoff
from bridge.mirror.connection import Connection, Received, connected
from bridge.mirror.options import INSTANCE, MqttOptions
from bridge.mirror.payloads import OFFLINE, ONLINE, Json
from bridge.mirror.topics import Topics, topics

logger = logging.getLogger(__name__)


class State(NamedTuple):
    """A state document."""

    document: Json
    is_retained: bool
    """Kept by the broker from before we came."""


class Presence(NamedTuple):
    """The bridge says that it is there, or the broker that it is not."""

    is_online: bool
    is_retained: bool


class Happened(NamedTuple):
    """An event, as it is published."""

    document: Json


class Broker(NamedTuple):
    """The way to the broker is found, or lost."""

    trouble: str | None
    """Why it is lost, in one line with the cure; None where it is there."""
    wait: float = 0.0
    """Until the next try, s."""


Word: TypeAlias = State | Presence | Happened | Broker


async def follow(options: MqttOptions) -> AsyncGenerator[Word, None]:
    """All that a bridge publishes, what the broker keeps first; reconnects by itself until closed, never raises.

    Close it (`contextlib.aclosing`) to let go of the connection.
    """
    where, backoff = topics(options), Backoff()
    while True:
        try:
            async with connected(options, _client_id(options)) as connection:
                await _subscribe(connection, options, where.state, where.availability, where.event)
                backoff.reset()
                yield Broker(None)
                while True:
                    word = _word(await connection.receive(), where)
                    if word is not None:
                        yield word
        except DeviceUnavailableError as error:
            wait = backoff.wait()
            yield Broker(error.detail, wait)
        await asyncio.sleep(wait)


async def states(options: MqttOptions) -> AsyncIterator[Json]:
    """Each state document as it is published, the retained one first; reconnects by itself until closed."""
    is_lost = False
    async with contextlib.aclosing(follow(options)) as words:
        async for word in words:
            if isinstance(word, State):
                yield word.document
            elif isinstance(word, Broker):
                if word.trouble is not None:
                    logger.log(logging.DEBUG if is_lost else logging.WARNING, "mqtt lost: %s", word.trouble)
                is_lost = word.trouble is not None


async def instances(options: MqttOptions) -> dict[str, bool]:
    """Every bridge that the broker knows below this topic, and whether it is there. Raises DeviceUnavailableError."""
    found: dict[str, bool] = {}
    async with connected(options, _client_id(options)) as connection:
        await _subscribe(connection, options, topics(options).availability_of("+"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(links.FETCH):
                while True:
                    message = await connection.receive()
                    name = message.topic.removesuffix("/availability").rpartition("/")[2]
                    # some brokers send more than was asked for
                    is_ours = INSTANCE.fullmatch(name) and message.topic == topics(options).availability_of(name)
                    if is_ours and message.payload:
                        found[name] = message.payload == ONLINE.encode()
    return dict(sorted(found.items()))


async def _subscribe(connection: Connection, options: MqttOptions, *wanted: str) -> None:
    refused = await connection.subscribe(*wanted)
    if refused:
        detail = f"{options.where} lets this user not read {refused[0]}: allow it in the broker, or use another user"
        raise DeviceUnavailableError(links.NAME, detail)


def _client_id(options: MqttOptions) -> str:
    """One of its own: two clients of one name would push each other out."""
    return f"{options.device_identifier}-{secrets.token_hex(4)}"


def _word(message: Received, where: Topics) -> Word | None:
    if message.topic == where.availability and message.payload in {ONLINE.encode(), OFFLINE.encode()}:
        return Presence(message.payload == ONLINE.encode(), message.is_retained)
    document = _document(message.payload)
    if document is None:
        return None
    if message.topic == where.state:
        return State(document, message.is_retained)
    return Happened(document) if message.topic == where.event else None


def _document(payload: bytes) -> Json | None:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
