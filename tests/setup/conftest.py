"""One town for the tests that change nothing in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from setup.peers import Town, town


@pytest.fixture
def peers(tmp_path: Path) -> Iterator[Town]:
    folder = tmp_path / "town"
    folder.mkdir()
    with town(folder) as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder
