"""Fixtures for the charger adapters."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from easee_peer import Following, Peer, Watch

from bridge.chargers.easee.client import EaseeCharger


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    cloud = Peer(Watch())
    await cloud.start()
    yield cloud
    await cloud.stop()


@pytest.fixture
async def charger(peer: Peer) -> AsyncIterator[EaseeCharger]:
    adapter = EaseeCharger(peer.options())
    yield adapter
    await adapter.close()


@pytest.fixture
async def follow(peer: Peer) -> AsyncIterator[Callable[..., Following]]:
    """Start an adapter, with options changed, and follow it until the test ends."""
    started: list[Following] = []

    def start(adapter: EaseeCharger | None = None, **changes: Any) -> Following:
        following = Following(peer, adapter or EaseeCharger(peer.options(**changes)))
        started.append(following)
        return following

    yield start
    for following in started:
        await following.end()
        await following.charger.close()
