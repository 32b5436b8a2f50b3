"""From settings to lines, JSON and an exit status."""

import asyncio
import io
import json
import re
from pathlib import Path

import pytest
from doctor.doctor_rig import PASSWORD, House
from syrupy.assertion import SnapshotAssertion

from bridge.commands.doctor import command, show
from bridge.commands.doctor.check import bad, caution, good
from bridge.commands.doctor.command import doctor
from bridge.commands.doctor.machine import Machine, check_clock, check_unit
from bridge.commands.doctor.show import Censor, Paper


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log stays as pytest has set it up."""
    monkeypatch.setattr(command.logs, "set_up", lambda _: None)


async def ran(path: Path, *, as_json: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    status = await asyncio.to_thread(doctor, path, as_json=as_json, out=out)
    return status, out.getvalue()


def steady(text: str, house: House) -> str:
    """Without what differs from run to run."""
    text = text.replace(str(house.directory), "/etc/ev-load-bridge")
    text = re.sub(r"EV Load Bridge \S+, Python \S+, .*", "EV Load Bridge 1.2.3, Python 3.13.5, Linux aarch64", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:6053", text)
    return re.sub(r"every [\d.]+ s", "every 1.0 s", text)


async def test_what_people_read(house: House, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "directory", house.directory / "e")
    house.directory.mkdir()
    house.cloud.charger.offline_current = house.cloud.charger.circuit_maximum
    house.cloud.reports.remember()
    status, text = await ran(house.write_settings())
    assert status == 1
    assert max(map(len, text.splitlines())) <= 80
    shown = steady(text, house)
    assert shown.split("✓ settings")[0] + shown[shown.index("! service") :] == snapshot


async def test_json_is_one_document_and_no_secret(house: House) -> None:
    status, text = await ran(house.write_settings(), as_json=True)
    told = json.loads(text)
    assert status == told["exit_status"] == 0
    assert {check["mark"] for check in told["checks"]} == {"ok", "caution"}
    assert PASSWORD not in text


async def test_unfit_settings_are_told_in_full(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.touch(mode=0o600)
    path.write_text('[mains]\nfuse = 0\n[mains.slimmelezer]\nhost = "x"\n[charger]\nmax_current = 16\n')
    status, text = await ran(path)
    assert status == 78
    assert text.count("✗ settings") >= 2
    status, text = await ran(path, as_json=True)
    assert json.loads(text)["exit_status"] == status == 78


async def test_no_settings_at_all(tmp_path: Path) -> None:
    status, text = await ran(tmp_path / "missing.toml")
    assert status == 78
    assert "✗ settings" in text


def test_plain_where_the_terminal_knows_no_signs() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="latin-1")
    paper = Paper(out)
    paper.show(bad("meter", "L1 −3 A “x”", "do it"))
    out.flush()
    assert raw.getvalue().decode("latin-1") == 'x meter            L1 -3 A "x"\n                   > do it\n'


def test_no_colours_where_it_is_no_terminal() -> None:
    out = io.StringIO()
    paper = Paper(out)
    paper.show(good("meter", "word " * 30))
    assert max(map(len, out.getvalue().splitlines())) <= show.USUAL
    assert "\x1b" not in out.getvalue()


def test_neither_secrets_nor_escapes_get_through() -> None:
    censor = Censor([PASSWORD, "abc"])
    assert censor(f"x {PASSWORD}\x1b[2J abc") == "x •••�[2J abc"


@pytest.mark.parametrize(
    ("unit", "sign", "words"),
    [
        ({"LoadState": "not-found"}, "!", "not installed"),
        ({"LoadState": "loaded", "ActiveState": "active", "SubState": "running", "NRestarts": "0"}, "✓", "running"),
        ({"LoadState": "loaded", "ActiveState": "active", "SubState": "running", "NRestarts": "9"}, "!", "9 times"),
        ({"LoadState": "loaded", "ActiveState": "inactive", "SubState": "dead"}, "!", "nothing balances"),
        ({"LoadState": "loaded", "ActiveState": "failed", "ExecMainStatus": "77"}, "✗", "exit status 77"),
    ],
)
def test_how_the_service_fares(unit: dict[str, str], sign: str, words: str) -> None:
    [check] = check_unit(Machine(has_systemd=True, unit=unit))
    assert show.SIGNS[check.mark] == sign
    assert words in check.seen


@pytest.mark.parametrize(
    ("kept", "ahead", "expected"),
    [
        (True, 0.4, good("clock", "within 5 s of Easee's")),
        (None, None, None),
        (False, None, caution("clock", "follows no time server")),
        (True, -3600.0, bad("clock", "3600 s behind Easee's")),
        (True, 20.0, caution("clock", "20 s ahead of Easee's")),
    ],
)
def test_the_clock(kept: bool | None, ahead: float | None, expected: object) -> None:  # noqa: FBT001 a parameter
    told = [check._replace(cure="") for check in check_clock(Machine(is_clock_kept=kept), ahead)]
    assert told == ([] if expected is None else [expected])
