"""A service that starts over and over again must not log in over and over again."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.runtime.starts import MOST, NAME, WITHIN, Starts, held


class Wall:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_start_now_and_then_waits_for_nothing(tmp_path: Path) -> None:
    wall = Wall()
    for _ in range(5 * MOST):
        assert Starts(tmp_path, wall).note() == 0
        wall.now += WITHIN / MOST + 1


def test_a_crash_loop_is_held(tmp_path: Path) -> None:
    wall, waits = Wall(), []
    for _ in range(MOST + 1):
        waits.append(Starts(tmp_path, wall).note())
        wall.now += 11

    assert waits[:MOST] == [0.0] * MOST
    assert waits[MOST] == pytest.approx(WITHIN - MOST * 11)


def test_a_clock_that_was_set_back_holds_nothing_up(tmp_path: Path) -> None:
    wall = Wall()
    for _ in range(2 * MOST):
        Starts(tmp_path, wall).note()
    wall.now -= 365 * 86400

    assert Starts(tmp_path, wall).note() == 0


@pytest.mark.parametrize("garbage", [b"", b"{}", b"null", b'[null, "x", NaN, true, 1e999]', b"[" * 5000, b"\xff\xfe"])
def test_garbage_counts_as_no_start(garbage: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(garbage)

    assert Starts(tmp_path, Wall()).note() == 0
    assert json.loads((tmp_path / NAME).read_text()) == [Wall().now]


def test_a_directory_that_cannot_be_written_holds_nothing_up(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")

    assert Starts(tmp_path / "state", Wall()).note() == 0


@given(st.lists(st.floats(0, WITHIN), max_size=3 * MOST))
def test_nothing_is_held_longer_than_the_span(ago: list[float]) -> None:
    past = sorted(1000 - seconds for seconds in ago)

    assert 0 <= held(past, 1000) <= WITHIN
    assert (held(past, 1000) > 0) <= (len(past) >= MOST)
