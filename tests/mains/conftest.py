"""A simulated device, and an ear for what the meter tells."""

from collections.abc import AsyncIterator

import pytest
from slimmelezer_rig import Ear, served

from bridge.simulator.esphome_device import EsphomeDevice


@pytest.fixture
async def device() -> AsyncIterator[EsphomeDevice]:
    """A Classic in plaintext."""
    async with served() as device:
        yield device


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture(autouse=True)
def _no_cooldown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library waits 5 s after each disconnection that was meant."""
    monkeypatch.setattr("aioesphomeapi.reconnect_logic.EXPECTED_DISCONNECT_COOLDOWN", 0.01)
