"""The broker: where, encrypted or not, who, and what is kept of it."""

from pathlib import Path

import pytest
from setup.told import Told

from bridge.commands.setup.broker import ask_broker
from bridge.commands.setup.sheet import BROKER, BROKER_PORT, BROKER_USER, CA, ENABLED, TLS
from bridge.commands.setup.talk import Talk
from bridge.mirror.options import MqttOptions

FILLED = """
[mains]
fuse = 25
[mains.slimmelezer]
host = "reader"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.com"
password = "hunter2"
[mqtt]
"""


def asked(folder: Path, answers: list[str], before: str = "", says: str | None = None) -> tuple[Talk, Told]:
    told = Told((), answers, broker_says=says)
    talk = told.talk(folder, FILLED + before)
    ask_broker(talk)
    assert told.answers == []
    return talk, told


@pytest.fixture
def authority(tmp_path: Path) -> str:
    (tmp_path / "ca.crt").write_text("-----BEGIN CERTIFICATE-----\n")
    return "ca.crt"


@pytest.mark.parametrize(
    ("place", "encrypted", "port", "is_kept"),
    [
        ("pi", "", 1883, False),
        ("pi:1884", "", 1884, True),
        ("pi:8883", "", 8883, False),
        ("pi", "yes", 8883, False),
        ("[fd00::1]:1884", "no", 1884, True),
    ],
)
def test_the_port_follows_from_encryption(
    tmp_path: Path, place: str, encrypted: str, port: int, *, is_kept: bool
) -> None:
    talk, told = asked(tmp_path, ["y", place, encrypted, ""])
    assert (told.tried[0].port, told.tried[0].tls) == (port, port == 8883)
    assert (talk.sheet.get(BROKER_PORT) is not None) is is_kept


def test_an_own_authority_is_kept_and_proposed_again(tmp_path: Path, authority: str) -> None:
    talk, told = asked(tmp_path, ["y", "pi:21884", "nope.crt", authority, ""])
    assert (told.tried[0].ca_file, told.tried[0].port) == (tmp_path / "ca.crt", 21884)
    assert (talk.sheet.get(TLS), talk.sheet.get(CA)) == (True, str(tmp_path / "ca.crt"))
    before = 'host = "pi"\nport = 21884\ntls = true\nca_file = "ca.crt"\nclient_cert = "ca.crt"\n'
    again, told = asked(tmp_path, ["", "", "", ""], before)
    assert (told.asked[1][-12:], told.asked[2][-11:]) == ("[pi:21884]: ", " [ca.crt]: ")
    assert again.sheet.changed == (ENABLED,)


def test_without_encryption_its_files_go(tmp_path: Path, authority: str) -> None:
    before = f'host = "pi"\ntls = true\nca_file = "{authority}"\nclient_cert = "{authority}"\n'
    talk, told = asked(tmp_path, ["", "", "no", ""], before)
    assert told.tried[0] == MqttOptions("pi")
    assert "ca.crt" not in talk.sheet.filled()


def test_a_refusal_is_said_without_what_to_edit_and_asked_again(tmp_path: Path) -> None:
    says = "pi:1883 refuses user name or password: correct them in [mqtt]"
    talk, told = asked(tmp_path, ["", "pi", "", "bridge", "wrong", "again", "", "", "", "open sesame 4711"], says=says)
    shown = told.out.getvalue()
    assert "refuses user name or password" in shown
    assert "correct them" not in shown
    assert [options.password for options in told.tried] == ["wrong", "open sesame 4711"]
    assert (talk.sheet.get(BROKER), talk.sheet.get(BROKER_USER)) == ("pi", "bridge")
