from pathlib import Path

import pytest
from pretend_machine import PretendMachine


@pytest.fixture
def machine(tmp_path: Path) -> PretendMachine:
    return PretendMachine(tmp_path)
