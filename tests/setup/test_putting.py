"""Ctrl-C while it is being written."""

import signal
from pathlib import Path

import pytest
from setup.told import Told

from bridge.commands.setup import putting
from bridge.commands.setup.putting import put_down, undisturbed
from bridge.commands.setup.sheet import FUSE, PASSWORD
from bridge.settings.writing import write

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
