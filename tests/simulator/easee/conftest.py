"""A simulated cloud that answers at once, and a plain client for it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from easee_plain_client import SERIAL, Client

from bridge.simulator.easee_charger import Box
from bridge.simulator.easee_cloud import EaseeCloud
from bridge.simulator.latency import AT_ONCE


@pytest.fixture
async def cloud() -> AsyncIterator[EaseeCloud]:
    simulated = EaseeCloud(box=Box(SERIAL), latency=AT_ONCE)
    await simulated.start()
    yield simulated
    await simulated.stop()


@pytest.fixture
async def stranger(cloud: EaseeCloud) -> AsyncIterator[Client]:
    """Not logged in."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Client(cloud, session)


@pytest.fixture
async def client(stranger: Client) -> Client:
    await stranger.login()
    return stranger
