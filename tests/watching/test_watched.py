"""What a view shows of a bridge, word by word."""

import io
import time
from pathlib import Path
from typing import Any

import pytest
from commands.demo_documents import EVENING
from rich.console import Console
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from bridge.cli import app
from bridge.commands.live.screen import picture
from bridge.commands.watching.board import Watched
from bridge.commands.watching.target import Wishes, target
from bridge.errors import SettingsError
from bridge.mirror.options import MqttOptions
from bridge.mirror.reader import Broker, Happened, Presence, State

MIDNIGHT = 1_795_392_000.0
"""2026-11-23 00:00 UTC."""
CONTROLS = {"balancing": "ON", "charging_allowed": "OFF", "mains_limit": 20, "charger_maximum": 16}
LOST = "broker.example:1883 does not answer: is it the right address, and the broker's machine on?"


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "localtime", time.gmtime)


def evening(*words: Any) -> Watched:
    """A minute of an evening, and then these words a minute later."""
    watched = Watched(MqttOptions("broker.example"), 25.0)
    watched.take(Broker(None), MIDNIGHT)
    watched.take(State(EVENING | CONTROLS, is_retained=True), MIDNIGHT)
    watched.take(Presence(is_online=True, is_retained=True), MIDNIGHT)
    for second in range(60):
        watched.tick(MIDNIGHT + second)
    for word in words:
        watched.take(word, MIDNIGHT + 60)
    return watched


def drawn(watched: Watched, at: float) -> str:
    console = Console(width=80, height=24, file=io.StringIO(), color_system=None)
    console.print(picture(watched.scene(MIDNIGHT + at, "calm pace · 00:01:00"), 80, 24, has_colours=False))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ((State(EVENING | CONTROLS, is_retained=False),), 62),
        ((Presence(is_online=False, is_retained=False),), 75),
        ((Broker(LOST, 4.0),), 61),
        ((), 150),
    ],
    ids=["well", "offline", "no broker", "silent"],
)
def test_the_view(words: tuple[Any, ...], at: float, snapshot: SnapshotAssertion) -> None:
    picture = drawn(evening(*words), at)
    assert len(picture.splitlines()) == 24
    assert max(map(len, picture.splitlines())) <= 80
    assert picture == snapshot


def test_what_the_broker_keeps_of_a_bridge_that_is_gone_is_no_picture_of_now() -> None:
    watched = Watched(MqttOptions("broker.example"), 25.0)
    for word in (Broker(None), Presence(is_online=False, is_retained=True), State(EVENING, is_retained=True)):
        watched.take(word, MIDNIGHT)
    assert watched.board.reading.phases[0].mains is None
    assert watched.line(MIDNIGHT) == "offline · bridge offline since before this view"


def test_a_bridge_that_starts_anew_counts_anew() -> None:
    first = {"details": {"reason": {"text": "limit ? → 6 A (starting)", "number": 1}}}
    watched = evening(State(EVENING | first, is_retained=False))
    assert [item.text for item in watched.board.news.items] == ["limit ? → 6 A (starting)"]


def test_no_text_from_the_broker_steers_the_terminal() -> None:
    nasty = "\x1b[2J\x1b]0;mine\x07"
    document = EVENING | {"state": nasty, "pace": nasty, "details": {"reason": {"text": nasty, "number": 9}}}
    watched = evening(State(document, is_retained=False), Happened({"event_type": "overload", "text": nasty}))
    assert "\x1b" not in drawn(watched, 61) + watched.line(MIDNIGHT + 61)


@pytest.mark.parametrize(
    "document", [{}, {"text": 7}, {"text": None}, {"text": "x", "event_type": []}, {"text": "x", "event_type": {}}]
)
def test_whatever_an_event_holds_is_no_failure(document: dict[str, Any]) -> None:
    evening(Happened(document))


def test_options_win_over_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    path.chmod(0o600)
    where = target(Wishes(config=path, instance="house"), {})
    assert (where.options.host, where.options.port, where.options.instance) == ("broker.example", 1884, "house")
    assert where.fuse == 20
    assert target(Wishes(config=path, host="other.example"), {}).options.port == 1883


def test_options_alone_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    where = target(Wishes(host="broker.example", tls=True), {})
    assert (where.options.port, where.has_instance, where.fuse) == (8883, False, None)


def test_without_settings_the_options_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="or give --host"):
        target(Wishes(config=tmp_path / "none.toml"), {})


def test_settings_without_a_broker_have_nothing_to_watch(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS + "enabled = false\n", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="nothing to watch"):
        target(Wishes(config=path), {})


@pytest.mark.parametrize("content", [b"", b"one\ntwo\n", b"\xff\xfe", b"x" * 5000])
def test_a_password_file_holds_the_password_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="--password-file"):
        target(Wishes(host="broker.example", username="me", password_file=file), {})


def test_a_wrong_topic_is_told_in_one_line() -> None:
    run = CliRunner().invoke(app, ["watch", "--host", "127.0.0.1", "--topic", "a/#"])
    assert run.exit_code == 78
    assert "--topic or --instance" in run.output


SETTINGS = """
[mains]
fuse = 20
[mains.slimmelezer]
host = "meter.example"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.org"
password = "correct-horse-battery-staple"
[mqtt]
host = "broker.example"
port = 1884
"""
