"""Keeps a connection to the device: opens it, opens it again whenever it is lost, and says why it is not there.

The library's own reconnecting leaves three traps, which are closed here: what fails after connecting would leave it
connected and mute, so nothing but a signal is done in its callback; stopping it during a handshake with a frozen
device would take a minute, and stopping does not disconnect. A fourth: it makes a new searcher of names for each try
and takes its listener off the wrong one, which ends its tries for ever; so one searcher is made here and lent to it.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from aioesphomeapi.client import APIClient
from aioesphomeapi.model import ConnectionClosedEvent, EntityInfo, EntityState
from aioesphomeapi.reconnect_logic import ReconnectLogic

from bridge.errors import one_line
from bridge.mains.slimmelezer.listing import entities_of
from bridge.mains.slimmelezer.problems import LONGEST_NAME, Place, Trouble, explain, hung_up

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncZeroconf

logger = logging.getLogger(__name__)

CLIENT_INFO = "EV Load Bridge"
"""Shown in the device's log."""

CLOSING = 2.0
"""Seconds given to a clean end."""


def quieten() -> None:
    """Keep the library from logging: each failure is explained in a line of ours, and below that it prints frames."""
    logging.getLogger("aioesphomeapi").setLevel(logging.CRITICAL)


def client_of(place: Place, keepalive: float, names: "AsyncZeroconf | None" = None) -> APIClient:
    """The library's client, not connected yet. `names` finds `.local` names; without it the client has its own."""
    return APIClient(
        place.host,
        place.port,
        None,
        client_info=CLIENT_INFO,
        keepalive=keepalive,
        noise_psk=place.encryption_key,
        expected_name=place.expected_name,
        provide_time=False,
        zeroconf_instance=names,
    )


class Connection:
    """One device, connected again and again until `close`. `lost` hears of each failure, also repeated ones.

    To be made and used inside a running loop.
    """

    def __init__(self, place: Place, lost: Callable[[Trouble], None], keepalive: float) -> None:
        quieten()
        self._place = place
        self._lost = lost
        self._is_dropping = False
        self._opened = asyncio.Event()
        self._closed = asyncio.Event()
        self._names = _names(place.host)
        self._client = client_of(place, keepalive, self._names)
        self._client.add_connection_closed_callback(self._on_closed)
        self._logic = ReconnectLogic(
            client=self._client,
            on_connect=self._on_connect,
            on_disconnect=self._on_disconnect,
            on_connect_error=self._on_connect_error,
            zeroconf_instance=self._names,
        )

    @property
    def name(self) -> str:
        """The device's name and address, for the log."""
        return one_line(self._client.log_name, 2 * LONGEST_NAME)

    @property
    def is_open(self) -> bool:
        return self._opened.is_set()

    async def start(self) -> None:
        await self._logic.start()

    async def opened(self) -> None:
        """Return once connected."""
        await self._opened.wait()

    async def closed(self) -> None:
        """Return once the connection that was opened is gone."""
        await self._closed.wait()

    async def entities(self) -> list[EntityInfo]:
        """List what the device has. Raises APIConnectionError."""
        return await entities_of(self._client)

    def subscribe(self, receive: Callable[[EntityState], None]) -> None:
        """Have every state handed over, first the last known of each. Raises APIConnectionError."""
        self._client.subscribe_states(receive)

    async def drop(self) -> None:
        """Give this connection up, so that a new one is made."""
        if not self._closed.is_set():
            self._is_dropping = True
            self._client.force_disconnect()
            await self._closed.wait()

    async def close(self) -> None:
        """Disconnect for good."""
        self._is_dropping = True
        self._client.force_disconnect()
        try:
            async with asyncio.timeout(CLOSING):
                await self._logic.stop()
        except TimeoutError:
            pass
        except Exception:  # what the library leaves undone must not keep a new connection from being made
            logger.debug("the connection to the meter did not close cleanly", exc_info=True)
        if self._names is not None:
            await self._names.async_close()

    async def _on_connect(self) -> None:
        self._is_dropping = False
        self._closed.clear()
        self._opened.set()

    async def _on_disconnect(self, expected_disconnect: bool) -> None:  # noqa: ARG002, FBT001 - the library's signature
        self._opened.clear()
        self._closed.set()

    async def _on_connect_error(self, error: Exception) -> None:
        if not self._is_dropping:
            self._lost(explain(error, self._place))

    def _on_closed(self, event: ConnectionClosedEvent) -> None:
        if not self._is_dropping:
            self._lost(hung_up(self._place) if event.error is None else explain(event.error, self._place))


def _names(host: str) -> "AsyncZeroconf | None":
    """What finds names that only the network at home knows; None where the host is none, or nobody can search."""
    if not is_name_at_home(host):
        return None
    from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415 nearly 4 MB, which an address does without

    try:
        return AsyncZeroconf()
    except OSError as error:
        logger.debug("names cannot be searched for in this network: %s", error)
        return None


def is_name_at_home(host: str) -> bool:
    """Without a dot, or ending in .local: looked up by mDNS too. An address is neither."""
    name = host.rstrip(".").lower()
    return name.endswith(".local") or not ("." in name or ":" in name)
