"""Follows what a running bridge publishes, for a live view."""

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator

from bridge.errors import DeviceUnavailableError
from bridge.mirror.backoff import Backoff
from bridge.mirror.connection import connected
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import Json
from bridge.mirror.topics import topics

logger = logging.getLogger(__name__)


async def states(options: MqttOptions) -> AsyncIterator[Json]:
    """Each state document as it is published, the retained one first; reconnects by itself until closed.

    Close it (`contextlib.aclosing`) to let go of the connection.
    """
    topic = topics(options).state
    client_id = f"{options.device_identifier}-{secrets.token_hex(4)}"
    backoff, is_lost = Backoff(), False
    while True:
        try:
            async with connected(options, client_id) as connection:
                await connection.subscribe(topic)
                backoff.reset()
                is_lost = False
                while True:
                    message = await connection.receive()
                    document = _document(message.payload) if message.topic == topic else None
                    if document is not None:
                        yield document
        except DeviceUnavailableError as error:
            logger.log(logging.DEBUG if is_lost else logging.WARNING, "mqtt lost: %s", error.detail)
            is_lost = True
        await asyncio.sleep(backoff.wait())


def _document(payload: bytes) -> Json | None:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
