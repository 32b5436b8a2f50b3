"""Fuse and wiring, where the settings say something else than is proposed."""

from pathlib import Path

from setup.told import Told

from bridge.commands.setup.house import ask_fuse, ask_wiring
from bridge.commands.setup.sheet import FALLBACK, MAXIMUM

FILLED = """
[mains]
fuse = 20
[mains.slimmelezer]
host = "reader"
[charger]
max_current = 20
fallback_current = 6
[charger.easee]
username = "owner@example.com"
password = "hunter2"
"""


def test_what_the_settings_say_is_kept_and_told_beside_the_proposal(tmp_path: Path) -> None:
    told = Told((), [""] * 6)
    talk = told.talk(tmp_path, FILLED)
    ask_fuse(talk)
    ask_wiring(talk)
    shown = " ".join(told.out.getvalue().split())
    assert "most cables and cars take 16 A. Your settings say 20 A." in shown
    assert "can take all of it. Your settings say 6 A." in shown
    assert (talk.sheet.get(MAXIMUM), talk.sheet.get(FALLBACK)) == (20, 6)
    assert told.answers == []


def test_what_is_proposed_is_not_told_twice(tmp_path: Path) -> None:
    told = Told((), [""] * 6)
    talk = told.talk(tmp_path, FILLED.replace("= 6", "= 0").replace("max_current = 20", "max_current = 16"))
    ask_fuse(talk)
    ask_wiring(talk)
    assert "Your settings say" not in told.out.getvalue()
