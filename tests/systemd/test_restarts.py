"""What the fault matrix assumes of systemd is what the unit says."""

import configparser
from pathlib import Path

from benchmarks.faults.systemd import NOT_RESTARTED, RESTART_AFTER, WATCHDOG

UNIT = Path(__file__).parents[2] / "systemd" / "ev-load-bridge.service"


def test_the_matrix_restarts_as_the_unit_does() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT.read_text(encoding="utf-8"))
    service = unit["Service"]

    assert float(service["WatchdogSec"]) == WATCHDOG
    assert float(service["RestartSec"]) == RESTART_AFTER
    assert service["Restart"] == "on-failure"
    assert {int(status) for status in service["RestartPreventExitStatus"].split()} == NOT_RESTARTED
