"""Clears what a broker keeps of a bridge, so that Home Assistant drops its device. For forget and uninstall."""

import asyncio
from typing import Final, NamedTuple

from bridge.errors import DeviceUnavailableError
from bridge.mirror import connection as links
from bridge.mirror.connection import Connection, connected
from bridge.mirror.kept import kept
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import ONLINE
from bridge.mirror.topics import Topics, topics

WITHIN: Final = 30.0
"""s for all of it."""


class Forgotten(NamedTuple):
    """What came of it."""

    cleared: int
    """Topics that were kept and are no more."""
    left: tuple[str, ...] = ()
    """Topics of ours that are kept still, or that we may not read, so that nobody can tell."""
    is_online: bool = False
    """A bridge of this name is there and would publish everything again: nothing was cleared."""


async def forget(options: MqttOptions, *, even_online: bool = False) -> Forgotten:
    """Clear every retained topic of this instance, no other, and read back that it is gone; within half a minute.

    Raises DeviceUnavailableError with the cause where the broker cannot be reached.
    """
    try:
        async with asyncio.timeout(WITHIN), connected(options, options.guest_id()) as connection:
            return await _forget(connection, topics(options), even_online=even_online)
    except TimeoutError:
        raise DeviceUnavailableError(links.NAME, f"{options.where} did not answer within {WITHIN:.0f} s") from None


async def _forget(connection: Connection, ours: Topics, *, even_online: bool) -> Forgotten:
    before = await kept(connection, *ours.kept, ours.any_set)
    if before.payloads.get(ours.availability) == ONLINE.encode() and not even_online:
        return Forgotten(0, is_online=True)
    was_there = _ours(before.payloads, ours)
    # where the broker does not let us look, it may yet let us clear
    await connection.publish(ours.discovery, "")
    await asyncio.sleep(links.FETCH)  # Home Assistant stops listening first: an empty state would be a warning there
    for topic in sorted({*ours.kept, *was_there} - {ours.discovery}):
        await connection.publish(topic, "")
    after = await kept(connection, *ours.kept, ours.any_set, is_live_too=True)
    left = _ours(after.payloads, ours) | (set(after.refused) & set(ours.kept))
    return Forgotten(len(was_there - left), tuple(sorted(left)))


def _ours(payloads: dict[str, bytes], ours: Topics) -> set[str]:
    """Some brokers send more than was asked for."""
    return {topic for topic in payloads if topic in ours.kept or "/" not in (ours.control(topic) or "/")}
