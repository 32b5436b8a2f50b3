"""Looks at the broker once: does it let us in, write and read, and what does it keep of us. For setup and doctor."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from typing import Final

from bridge.errors import DeviceUnavailableError
from bridge.mirror.connection import Connection, connected
from bridge.mirror.kept import kept
from bridge.mirror.options import MqttOptions
from bridge.mirror.topics import Topics, topics

PROBE: Final = "probe"
"""Last part of the topics that are written to and read back: nobody subscribes to them."""
ROUND_TRIP: Final = 2.0
"""s for a probe to come back."""


@dataclass(frozen=True, slots=True)
class BrokerSurvey:
    """What one look has found: as much as there was until `trouble` came in between.

    There is no acknowledgement of discovery in MQTT: that Home Assistant took it can only be seen there.
    """

    where: str
    """host:port"""
    trouble: str | None = None
    """Why there is no connection, in one line with the cure."""
    unreadable: tuple[str, ...] = ()
    """Topics that the broker refuses to let us subscribe to."""
    state_returns: bool = False
    """Whether a probe below our own topic came back."""
    discovery_returns: bool = False
    """Whether one beside our discovery topic came back; a broker may allow that very topic alone."""
    is_announced: bool = False
    """Whether our discovery lies there, retained."""
    availability: str | None = None
    """`online` where a bridge of this instance is connected; None where there never was one."""
    home_assistant: str | None = None
    """`online` or `offline` where Home Assistant's birth message is retained, which is not its default."""


async def survey(options: MqttOptions) -> BrokerSurvey:
    """Connect under a client id of its own, write and read back a probe, look at what is kept; within 20 s.

    Changes nothing that is retained. What is expected to fail is told, never raised.
    """
    try:
        async with connected(options, options.guest_id()) as connection:
            return await _look(connection, options, topics(options))
    except DeviceUnavailableError as error:
        return BrokerSurvey(options.where, trouble=error.detail)


async def _look(connection: Connection, options: MqttOptions, ours: Topics) -> BrokerSurvey:
    wanted = (ours.discovery, ours.availability, ours.birth)
    lies, unreadable = await kept(connection, *wanted, ours.any_set, enough=wanted)
    base = ours.state.rpartition("/")[0]
    beside = ours.discovery.rpartition("/")[0]
    own = await _returns(connection, f"{base}/{PROBE}")
    discovery = await _returns(connection, f"{beside}/{PROBE}")
    return BrokerSurvey(
        options.where,
        unreadable=unreadable,
        state_returns=own,
        discovery_returns=discovery,
        is_announced=ours.discovery in lies,
        availability=_text(lies.get(ours.availability)),
        home_assistant=_text(lies.get(ours.birth)),
    )


def _text(payload: bytes | None) -> str | None:
    return payload.decode(errors="replace")[:20] if payload else None


async def _returns(connection: Connection, topic: str) -> bool:
    """Whether what we write there can be read: a broker takes what its access list forbids, and drops it in silence."""
    if await connection.subscribe(topic):
        return False
    token = secrets.token_hex(8)
    await connection.publish(topic, token, retain=False)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ROUND_TRIP):
            while (await connection.receive()).payload != token.encode():
                continue
            return True
    return False
