"""Asks a device what it has, for no more than a device can have: the library keeps all of it until the list ends."""

import asyncio
from typing import Any, Final

from aioesphomeapi.client import LIST_ENTITIES_MSG_TYPES, APIClient
from aioesphomeapi.core import ProtocolAPIError
from aioesphomeapi.model import EntityInfo

LARGEST: Final = 1_000_000
"""Bytes of a list; a reader's has some 2000."""
AT_LEAST: Final = 200
"""Bytes that each entry counts, however short: it takes more in memory."""


class EndlessListError(ProtocolAPIError):
    """A list of sensors that is longer than any device's."""


async def entities_of(client: APIClient) -> list[EntityInfo]:
    """List what the device has; units may change with each restart. Raises APIConnectionError, EndlessListError."""
    weight, too_much = 0, asyncio.get_running_loop().create_future()

    def weigh(message: Any) -> None:
        nonlocal weight
        weight += max(message.ByteSize(), AT_LEAST)
        if weight > LARGEST and not too_much.done():
            too_much.set_result(None)

    stop_weighing = client._get_connection().add_message_callback(weigh, LIST_ENTITIES_MSG_TYPES)  # noqa: SLF001 there is no other way to it
    listing = asyncio.ensure_future(client.list_entities_services())
    try:
        await asyncio.wait({listing, too_much}, return_when=asyncio.FIRST_COMPLETED)
        if too_much.done():
            raise EndlessListError
        entities, _services = listing.result()
        return entities
    finally:
        stop_weighing()
        listing.cancel()
        await asyncio.wait({listing})
        too_much.cancel()
