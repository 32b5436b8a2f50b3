"""docs/how-it-decides.md: its evening is the one that is played, its numbers are the core's."""

import re
from pathlib import Path

import pytest

from bridge.core import budget, limit, thermal
from bridge.core.model import Pace, Reason
from bridge.core.pacing import PACES
from scripts.evening_picture import Evening, evening, tell

PAGE = (Path(__file__).parents[2] / "docs" / "how-it-decides.md").read_text(encoding="utf-8")
APPLIANCES = {"18:44:50": "the kettle is done"}
"""Moments of the house: the others are the bridge's."""


@pytest.fixture(scope="module")
def played() -> Evening:
    return evening()


def test_what_is_told_at_a_moment_happened_then(played: Evening) -> None:
    happened = {line[:8] for line in tell(played)}
    told = re.findall(r"\d\d:\d\d:\d\d", PAGE)
    assert len(told) > 5
    assert [moment for moment in told if moment not in happened and moment not in APPLIANCES] == []


@pytest.mark.parametrize(
    ("moment", "amperes", "reason"),
    [
        ("18:05:01", 10, Reason.OVERLOAD),
        ("18:10:21", 6, Reason.OVERLOAD),
        ("18:11:26", 10, Reason.HOUSE_LOAD),
        ("18:13:15", 16, Reason.MAXIMUM),
        ("18:34:36", 16, Reason.MAXIMUM),
        ("18:38:41", 9, Reason.OVERLOAD),
        ("18:41:46", 0, Reason.PAUSE),
        ("18:46:21", 9, Reason.RESUME),
    ],
)
def test_the_story_is_the_one_that_was_played(played: Evening, moment: str, amperes: int, reason: Reason) -> None:
    assert f"{moment} {amperes:>2} A {reason}" in list(tell(played))


def test_the_minimum_is_held_once(played: Evening) -> None:
    assert Reason.HOLD in played.reasons


def test_every_reason_is_explained() -> None:
    assert [reason for reason in Reason if f"| `{reason}` |" not in PAGE] == []


def test_the_paces_are_the_cores() -> None:
    for pace in Pace:
        of = PACES[pace]
        assert f"| `{pace}` | {of.price:g} A·s | {of.least:g} s | {of.resume:g} s |" in PAGE


def test_the_numbers_are_the_cores() -> None:
    normal = PACES[Pace.NORMAL]
    text = " ".join(PAGE.split())
    for told in (
        f"at least {budget.RAISE_EVERY:g} s apart, reductions {budget.LOWER_EVERY:g} s",
        f"at most {limit.LONGEST_SHORTAGE:g} s",
        f"from {thermal.ACT_AT_ONCE:g} times its rating on",
        f"stops at {thermal.ACT_AT:.0%}".replace("%", " %"),
        f"free it waits {normal.resume_at_minimum:g} s",
        f"Below {limit.SMALL:g} A over the fuse it waits",
        f"{limit.GOOD_START} A and more have been free for {normal.resume:g} s",
        f"({normal.patience:g} times as long",
    ):
        assert told in text, told
