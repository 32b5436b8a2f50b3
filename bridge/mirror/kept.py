"""What a broker keeps: retained messages, read once."""

import asyncio
import contextlib
from collections.abc import Collection
from typing import Final, NamedTuple

from bridge.mirror import connection as links
from bridge.mirror.connection import Connection

MOST: Final = 200
"""Topics that are looked at; ours are eleven at most, and anybody may leave more."""


class Kept(NamedTuple):
    """One look at some topics."""

    payloads: dict[str, bytes]
    """By topic, none of them empty."""
    refused: tuple[str, ...]
    """What the broker does not let us read."""


async def kept(connection: Connection, *wanted: str, enough: Collection[str] = (), is_live_too: bool = False) -> Kept:
    """Look for a second, or until `enough` has arrived. Only while nothing else is subscribed.

    With `is_live_too` what is published just then counts as well: of that nobody is told whether it is kept.
    Raises DeviceUnavailableError.
    """
    refused = await connection.subscribe(*wanted)
    payloads: dict[str, bytes] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(links.FETCH):
            while len(payloads) < MOST and not (enough and payloads.keys() >= set(enough)):
                message = await connection.receive()
                if message.payload and (message.is_retained or is_live_too):
                    payloads[message.topic] = message.payload
    await connection.unsubscribe(*wanted)
    return Kept(payloads, refused)
