"""A house for the doctor, on a machine without systemd."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doctor.doctor_rig import House

from bridge.commands.doctor import machine
from bridge.mirror import connection, survey


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "BOOTED", tmp_path / "not booted by systemd")
    monkeypatch.setattr(connection, "FETCH", 0.2)
    monkeypatch.setattr(survey, "ROUND_TRIP", 0.5)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    house.set_limit(13)
    await house.start()
    yield house
    await house.stop()
