"""Who answers, and what is done with an answer that cannot be used."""

import pytest
from setup.told import Told

from bridge.commands.setup import reading
from bridge.commands.setup.questions import Asker, Question, UnansweredError
from bridge.commands.setup.screen import Screen

MARGIN = Question("--margin", "Margin", reading.current(0, 10), "15")
"""What stood in the settings is too much for the fuse that was given."""
USER = Question("--mqtt-username", "User", reading.optional, "-")


def test_what_the_settings_say_and_does_not_fit_any_more_is_told_where_nobody_is_asked() -> None:
    asker = Asker({}, None, Screen(Told((), []).out), takes_proposals=True)
    with pytest.raises(UnansweredError, match=r"--margin: 15 A is out of range: 0 to 10"):
        asker.ask(MARGIN)


def test_and_asked_where_somebody_is_there() -> None:
    told = Told((), ["", "2"])
    assert Asker({}, told, Screen(told.out), takes_proposals=True).ask(MARGIN) == 2
    assert told.out.getvalue().count("15 A is out of range") == 2


@pytest.mark.parametrize("text", ["caf\udce9", "\udcff"])
def test_bytes_that_are_no_text_are_refused_before_anything_is_made_of_them(text: str) -> None:
    with pytest.raises(UnansweredError, match="--mqtt-username: is not UTF-8"):
        Asker({"--mqtt-username": text}, None, Screen(Told((), []).out), takes_proposals=True).ask(USER)
    told = Told((), [text, "pi"])
    assert Asker({}, told, Screen(told.out), takes_proposals=False).ask(USER) == "pi"
    assert "is not UTF-8" in told.out.getvalue()
