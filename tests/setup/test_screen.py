"""What is shown fits the terminal, and never holds a secret."""

import io
import re

import pytest

from bridge.commands.setup.screen import Screen

LONG = "Enter takes what stands in [brackets], ? explains, and back goes one step back, as often as it is typed."


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [42, 60, 80, 200])
def test_nothing_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = Terminal()
    screen = Screen(out)
    screen.title("4 of 5 · The wiring")
    for show in (screen.say, screen.hint, screen.bad):
        show(LONG)
    screen.caution("other controller", LONG, LONG)
    screen.table(("", "limit", "now"), [("1", LONG, "16 A")])
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in out.getvalue().splitlines()]
    assert max(map(len, lines)) <= min(columns, 100)
    assert "brackets" in "".join(lines)


def test_a_secret_is_never_shown() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.hide("hunter2hunter2")
    screen.say("it is hunter2hunter2")
    screen.table(("key",), [("hunter2hunter2",)])
    assert "hunter2" not in out.getvalue()
