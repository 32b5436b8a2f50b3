"""The telling hour is found, and drawn."""

import sys
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest

from bridge.core.model import Reason
from bridge.simulator.closed_loop.plot import Hour, save, telling_hour

HOUR = 3600
SMALL = 150_000
"""Bytes."""


def hour(
    amperes: Sequence[float], title: str = "pace normal", reasons: Sequence[Reason] | None = None, start: int = 64_800
) -> Hour:
    mains = [(current, current / 2, -current / 3) for current in amperes]
    length = len(mains)
    return Hour(start, mains, 25.0, [16] * length, [15.4] * length, reasons, title)


def loud(seconds: int) -> list[float]:
    """Switch 10 A every half minute."""
    return list(islice(cycle([12.0] * 30 + [22.0] * 30), seconds))


@pytest.mark.parametrize("quiet_before", [0, 3 * HOUR])
def test_the_telling_hour_is_where_most_changes(quiet_before: int) -> None:
    flicker = [0.4 * (second % 2) for second in range(quiet_before)]
    house = [(current,) for current in [*flicker, *loud(HOUR), *([1.0] * 3 * HOUR)]]
    assert telling_hour(house, 25.0, 16.0) == pytest.approx(quiet_before, abs=60)


def test_what_the_car_could_not_use_tells_nothing() -> None:
    unused, used = [(0.0,), (8.0,)] * (HOUR // 2), [(9.0,), (12.0,)] * (HOUR // 2)
    over = [(26.0,), (60.0,)] * (HOUR // 2)
    assert telling_hour([*unused, *over, *used], 25.0, 16.0) == pytest.approx(2 * HOUR, abs=60)


def test_a_short_or_a_dull_recording_begins_at_its_start() -> None:
    assert telling_hour([(1.0,)] * 10, 25.0, 16.0) == 0
    assert telling_hour([(1.0,)] * 3 * HOUR, 25.0, 16.0) == 0


def test_the_picture_tells_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "hour.svg"
    reasons = [Reason.MAXIMUM] * 1800 + [Reason.HOUSE_LOAD] * 1000 + [Reason.PAUSE] * 800
    save([hour(loud(HOUR), "pace normal, 87 %\nsecond line", reasons)], path)
    text = path.read_text(encoding="utf-8")
    words = {"".join(element.itertext()).strip() for element in ET.fromstring(text).iter()}  # noqa: S314 our own
    assert {"pace normal, 87 %", "second line", "fuse", "25 A", "18:10", "18:50", "L1", "limit"} <= words
    assert {"maximum", "house load", "pause"} <= words
    assert "hold" not in words
    assert text.count("house load") == text.count(">pause<") == 1


def test_a_controller_without_reasons_is_drawn_too(tmp_path: Path) -> None:
    path = tmp_path / "field.svg"
    save([hour(loud(HOUR), "one"), hour(loud(HOUR), "two"), hour(loud(HOUR), "three")], path)
    text = path.read_text(encoding="utf-8")
    assert all(word in text for word in ("one", "two", "three"))
    assert "house load" not in text


def test_the_same_hour_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        save([hour(loud(HOUR), reasons=[Reason.HOLD] * HOUR)], tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_even_a_noisy_hour_is_a_small_file(tmp_path: Path) -> None:
    rng = Random(1)  # noqa: S311 not secrets
    path = tmp_path / "noise.svg"
    save([hour([rng.gauss(18, 3) for _ in range(HOUR)])], path)
    assert path.stat().st_size < SMALL


@pytest.mark.parametrize("seconds", [1, 2, 90, 1000, HOUR + 7])
def test_any_length_can_be_drawn(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "hour.PNG"
    save([hour([30.0] * seconds, start=86_399, reasons=[Reason.STARTING] * seconds)], path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is \.svg or \.png"):
        save([hour([1.0])], tmp_path / "hour.pdf")


def test_without_matplotlib_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        save([hour([1.0])], tmp_path / "hour.svg")
    assert caught.value.name == "matplotlib"
    assert not (tmp_path / "hour.svg").exists()
