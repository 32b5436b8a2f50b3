"""Ctrl-C while it is being written."""

import errno
import io
import os
import signal
from pathlib import Path

import pytest
from setup.told import Told

from bridge.commands.setup import putting
from bridge.commands.setup.putting import put_down, undisturbed
from bridge.commands.setup.sheet import FUSE, PASSWORD
from bridge.errors import SettingsError
from bridge.settings import writing
from bridge.settings.writing import check_target, write

FILLED = """
[mains]
fuse = 20
[mains.slimmelezer]
host = "reader"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.com"
password_file = "secret"
"""


def test_a_control_c_waits_until_all_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, text: str, *, keeps: bool) -> None:
        signal.raise_signal(signal.SIGINT)
        write(path, text, keeps=keeps)

    monkeypatch.setattr(putting, "write", interrupted)
    (tmp_path / "s.toml").write_text(FILLED)
    talk = Told((), []).talk(tmp_path, FILLED)
    talk.sheet.set_secret(PASSWORD, "open sesame 4711")
    talk.sheet.set(FUSE, 25)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), undisturbed((signal.SIGINT,)):
        put_down(talk)
    assert signal.getsignal(signal.SIGINT) == handler
    assert (tmp_path / "secret").read_text() == "open sesame 4711\n"
    assert (tmp_path / "s.toml").read_text() == FILLED.replace("20", "25")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.toml", "s.toml.bak", "secret"]


def test_a_file_of_somebody_else_is_told_before_the_first_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.toml"
    path.write_text(FILLED)
    check_target(path)
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(SettingsError, match="run as its owner"):
        check_target(path)


def test_the_group_of_a_file_that_only_its_owner_reads_does_not_hinder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    path = tmp_path / "s.toml"
    path.write_text(FILLED)
    somebody = os.geteuid() or 1000  # root may always
    os.chown(path, somebody, -1)
    monkeypatch.setattr("os.fchown", refused)
    monkeypatch.setattr("os.geteuid", lambda: somebody)
    monkeypatch.setattr("os.getegid", lambda: path.stat().st_gid + 1)
    write(path, FILLED.replace("20", "25"))
    assert path.read_text() == FILLED.replace("20", "25")


def test_a_link_that_is_put_there_at_the_last_moment_is_neither_read_nor_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shadow").write_text("root's own")
    (tmp_path / "s.toml").symlink_to("shadow")
    monkeypatch.setattr(writing, "check_target", lambda _: None)  # it looked before
    with pytest.raises(SettingsError, match="cannot be written"):
        write(tmp_path / "s.toml", FILLED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.toml", "shadow"]


def test_a_terminal_that_is_gone_does_not_part_a_secret_from_its_settings(tmp_path: Path) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.EIO, "Input/output error")

    told = Told((), [])
    told.out = Gone()
    (tmp_path / "s.toml").write_text(FILLED)
    talk = told.talk(tmp_path, FILLED)
    talk.sheet.set_secret(PASSWORD, "open sesame 4711")
    talk.sheet.set(FUSE, 25)
    with pytest.raises(OSError, match="Input/output"):
        put_down(talk)
    assert (tmp_path / "secret").read_text() == "open sesame 4711\n"
    assert (tmp_path / "s.toml").read_text() == FILLED.replace("20", "25")


@pytest.mark.parametrize("kind", ["pipe", "endless", "long"])
def test_a_secret_file_that_is_none_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    match kind:
        case "pipe":
            os.mkfifo(secret)
        case "endless":
            secret.symlink_to("/dev/zero")
        case _:
            secret.write_text("x" * 5000)
    assert Told((), []).talk(tmp_path, FILLED).sheet.secret(PASSWORD) is None
