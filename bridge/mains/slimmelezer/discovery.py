"""Finds ESPHome devices in this network: they announce themselves by mDNS."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from bridge.errors import one_line

SERVICE: Final = "_esphomelib._tcp.local."
ASK_WITHIN: Final = 1500
"""ms for one device to tell its address."""
LONGEST: Final = 60
"""Letters of what a device says of itself, as far as they are shown; anybody in the network may say it."""


class Announced(NamedTuple):
    """One device as it announces itself; a text is empty where it does not say."""

    name: str
    """Node name."""
    addresses: tuple[str, ...]
    """IP addresses, IPv4 first."""
    port: int
    is_encrypted: bool
    """It wants a key."""
    friendly_name: str = ""
    project: str = ""
    """`zuidwijk.slimmelezer`, for instance."""
    version: str = ""
    """Of ESPHome."""
    mac: str = ""
    """Twelve hexadecimal digits."""

    @property
    def host(self) -> str:
        """What belongs into the settings: a name outlives a new address."""
        return f"{self.name}.local"


async def discover(seconds: float = 3.0, network: AsyncZeroconf | None = None) -> tuple[Announced, ...]:
    """Listen for so long; what has told its address, by name. `network` stays open where one is given.

    Raises OSError where this machine has no network to listen in.
    """
    if network is not None:
        return await _discover(network, seconds)
    network = AsyncZeroconf()
    try:
        return await _discover(network, seconds)
    finally:
        await network.async_close()


async def _discover(network: AsyncZeroconf, seconds: float) -> tuple[Announced, ...]:
    found = await _names(network, seconds)
    told = await asyncio.gather(*(_ask(network, name) for name in found))
    return tuple(sorted(each for each in told if each is not None))


async def _names(network: AsyncZeroconf, seconds: float) -> list[str]:
    names: dict[str, None] = {}
    browser = AsyncServiceBrowser(network.zeroconf, SERVICE, handlers=[_collector(names)])
    try:
        await asyncio.sleep(seconds)
    finally:
        await browser.async_cancel()
    return list(names)


def _collector(names: dict[str, None]) -> Callable[..., None]:
    def heard(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:  # noqa: ARG001 the library names them
        if state_change is ServiceStateChange.Removed:
            names.pop(name, None)
        else:
            names[name] = None

    return heard


async def _ask(network: AsyncZeroconf, name: str) -> Announced | None:
    info = AsyncServiceInfo(SERVICE, name)
    if not await info.async_request(network.zeroconf, ASK_WITHIN):
        return None
    addresses = tuple(info.parsed_scoped_addresses())
    if not addresses or not info.port:
        return None
    said = {key: one_line(value or "", LONGEST) for key, value in info.decoded_properties.items()}
    return Announced(
        name=one_line(name.removesuffix(f".{SERVICE}"), LONGEST),
        addresses=addresses,
        port=info.port,
        is_encrypted="api_encryption" in said,
        friendly_name=said.get("friendly_name", ""),
        project=said.get("project_name", ""),
        version=said.get("version", ""),
        mac=said.get("mac", ""),
    )
