"""A state document is read whatever is in it: anybody may have written it."""

from collections.abc import Callable
from functools import reduce

import pytest

from bridge.commands.live.reading import LONGEST_TEXT, Reading, reading

NESTED: object = reduce(lambda inner, _: [inner], range(100_000), [])
"""Deeper than the interpreter can follow."""
BEYOND_FLOATS = 10**400

UNKNOWN: dict[str, tuple[object, Callable[[Reading], object], object]] = {
    "limit": (BEYOND_FLOATS, lambda read: read.limit, None),
    "commands_last_hour": (BEYOND_FLOATS, lambda read: read.commands, None),
    "mains_current_l1": (-BEYOND_FLOATS, lambda read: read.phases[0].mains, None),
    "fuse_thermal_load_l2": (BEYOND_FLOATS, lambda read: read.phases[1].thermal, None),
    "state": (NESTED, lambda read: read.state, "starting"),
    "pace": (NESTED, lambda read: read.pace, ""),
    "balancing": (NESTED, lambda read: read.controls.balancing, None),
    "expected_resume": (NESTED, lambda read: read.resumes_at, None),
    "details": ({"reason": {"text": NESTED, "number": BEYOND_FLOATS}}, lambda read: read.change_number, 0),
}


@pytest.mark.parametrize("key", UNKNOWN)
def test_what_cannot_be_read_is_unknown(key: str) -> None:
    value, shown, expected = UNKNOWN[key]
    assert shown(reading({key: value})) == expected


def test_a_text_without_end_is_cut_to_what_a_screen_can_show() -> None:
    assert reading({"state": "x" * 100_000}).state == "x" * LONGEST_TEXT
