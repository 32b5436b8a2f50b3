from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from service_rig import HomeRig


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[HomeRig]:
    rig = HomeRig(tmp_path)
    try:
        yield rig
    finally:
        await rig.close()
