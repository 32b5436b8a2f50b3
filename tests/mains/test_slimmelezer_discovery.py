"""Devices announced on loopback are found, with what setup needs of them."""

import os
import socket
from collections.abc import AsyncIterator

import pytest
from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from bridge.mains.slimmelezer import discovery
from bridge.mains.slimmelezer.discovery import discover

LOOPBACK = ["127.0.0.1"]
TYPE = discovery.SERVICE
OURS = f"_ours-{os.getpid()}._tcp.local."
"""Everything on this machine hears what is announced on loopback: other tests' devices are of another type."""
PLAIN = {
    "friendly_name": "P1 reader",
    "project_name": "zuidwijk.slimmelezer",
    "version": "2026.6.5",
    "mac": "02000000051e",
    "platform": "ESP8266",
}


def announcement(name: str, port: int, properties: dict[str, str]) -> ServiceInfo:
    address = socket.inet_aton("127.0.0.1")
    return ServiceInfo(
        OURS, f"{name}.{OURS}", port=port, addresses=[address], properties=properties, server=f"{name}.local."
    )


@pytest.fixture(autouse=True)
def _ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "SERVICE", OURS)


@pytest.fixture
async def network() -> AsyncIterator[AsyncZeroconf]:
    """One that sends and hears on loopback only."""
    network = AsyncZeroconf(interfaces=LOOPBACK, ip_version=IPVersion.V4Only)
    yield network
    await network.async_close()


@pytest.fixture
async def elsewhere() -> AsyncIterator[AsyncZeroconf]:
    network = AsyncZeroconf(interfaces=LOOPBACK, ip_version=IPVersion.V4Only)
    yield network
    await network.async_unregister_all_services()
    await network.async_close()


async def test_what_announces_itself_is_found(network: AsyncZeroconf, elsewhere: AsyncZeroconf) -> None:
    noise = {"api_encryption": "Noise_NNpsk0_25519_ChaChaPoly_SHA256"}
    for info in (announcement("slimmelezer", 6053, PLAIN), announcement("garden", 6055, noise)):
        await (await elsewhere.async_register_service(info, cooperating_responders=True))
    garden, reader = await discover(1.5, network)
    assert (garden.name, garden.port, garden.is_encrypted) == ("garden", 6055, True)
    assert reader == (
        "slimmelezer",
        ("127.0.0.1",),
        6053,
        False,
        "P1 reader",
        "zuidwijk.slimmelezer",
        "2026.6.5",
        PLAIN["mac"],
    )
    assert reader.host == "slimmelezer.local"


def test_it_looks_for_what_esphome_devices_announce() -> None:
    assert TYPE == "_esphomelib._tcp.local."


async def test_nobody_is_nobody(network: AsyncZeroconf) -> None:
    assert await discover(0.1, network) == ()


async def test_an_own_network_is_opened_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[AsyncZeroconf] = []

    def on_loopback() -> AsyncZeroconf:
        opened.append(AsyncZeroconf(interfaces=LOOPBACK, ip_version=IPVersion.V4Only))
        return opened[0]

    monkeypatch.setattr("bridge.mains.slimmelezer.discovery.AsyncZeroconf", on_loopback)
    assert await discover(0.05) == ()
    assert opened[0].zeroconf.done
