"""The README: one screen, and every command in it."""

import re
from pathlib import Path

from bridge.cli import app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PENDING: frozenset[str] = frozenset()
"""Commands that are being written; one that is there belongs here no more."""
ONE_SCREEN = 80


def test_every_command_is_told_of_and_no_other() -> None:
    told = set(re.findall(r"^\| `([a-z-]+)` \|", README, re.MULTILINE))
    names = {command.name or command.callback.__name__.replace("_", "-") for command in app.registered_commands}  # type: ignore[union-attr]
    assert told - PENDING == names - PENDING


def test_it_is_one_screen() -> None:
    assert len(README.splitlines()) <= ONE_SCREEN
