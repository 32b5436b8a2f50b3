"""The unit, held against systemd's own judgement where it is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd/ev-load-bridge.service"
INSTALL = Path(__file__).parents[2] / "docs/install.md"
EXPOSED_AT_MOST = 1.5

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed: the exposure of the unit was NOT looked at",
)


def analyze(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 systemd's own tool on our own file
        ["systemd-analyze", "--no-pager", *arguments],  # noqa: S607 wherever the distribution has it
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def values(key: str) -> list[str]:
    found = re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return " ".join(found).split()


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    there = UNIT.read_text(encoding="utf-8").replace("/opt/ev-load-bridge/current/bin/ev-load-bridge", "/bin/true")
    unit = tmp_path / UNIT.name
    unit.write_text(there, encoding="utf-8")
    said = analyze("verify", "--man=no", str(unit))
    assert [line for line in said.splitlines() if UNIT.name in line or "Unknown" in line] == []


@needs_systemd
def test_the_unit_is_exposed_as_little_as_promised() -> None:
    said = analyze("security", "--offline=true", str(UNIT))
    (exposure,) = re.findall(r"Overall exposure level .*: ([\d.]+)", said)
    assert float(exposure) <= EXPOSED_AT_MOST
    assert f"an exposure of {exposure}." in INSTALL.read_text(encoding="utf-8")


def test_what_a_person_must_mend_is_not_started_again() -> None:
    assert {"77", "78"} <= set(values("RestartPreventExitStatus"))
    assert values("Restart") == ["on-failure"]


def test_the_service_is_never_given_up() -> None:
    assert values("StartLimitIntervalSec") == ["0"]


def test_the_stop_has_time_to_leave_the_charger_safe() -> None:
    (seconds,) = values("TimeoutStopSec")
    assert int(seconds) > 5


def test_addresses_can_be_listed_and_forbidden_calls_only_fail() -> None:
    assert {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"} == set(values("RestrictAddressFamilies"))
    assert values("SystemCallErrorNumber") == ["EPERM"]


def test_settings_are_a_credential() -> None:
    assert "settings.toml:/etc/ev-load-bridge/settings.toml" in values("LoadCredential")
    assert values("DynamicUser") == ["yes"]
