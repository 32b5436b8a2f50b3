"""The live view, drawn from plain documents."""

import io
import time
from itertools import groupby
from typing import Any

import pytest
from commands.demo_documents import EVENING, OVERLOAD, PAUSED
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from bridge.commands.live import colours
from bridge.commands.live.bars import bar, span
from bridge.commands.live.board import Board
from bridge.commands.live.news import Kind
from bridge.commands.live.plain import status
from bridge.commands.live.reading import PhaseReading, reading
from bridge.commands.live.screen import Scene, picture

MIDNIGHT = 1_795_392_000.0
"""2026-11-23 00:00 UTC."""
SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "localtime", time.gmtime)


def board() -> Board:
    """Two minutes: a quiet house, then the oven, then the heat pump on top."""
    shown = Board(25.0)
    for second in range(120):
        told = OVERLOAD if 90 <= second < 96 else EVENING if second >= 40 else PAUSED
        shown.take(told | {"details": {}})
        shown.tick(MIDNIGHT + second)
    shown.news.add(MIDNIGHT + 40, "oven on (L2)", Kind.HOUSE)
    shown.news.add(MIDNIGHT + 41, "overload: L2 +4.8 A over the fuse", Kind.WARNING)
    shown.news.add(MIDNIGHT + 41, "limit 14 → 8 A (overload: L2 +5.2 A)")
    return shown


def scene(told: dict[str, Any]) -> Scene:
    shown = board()
    return Scene(
        reading=reading(told),
        history=shown.history,
        news=shown.news,
        fuse=25.0,
        title="demo · eager pace · 2:00 of 3:00",
        facts=[("house", "kettle (L1) · oven (L2)"), ("car", "takes 7.7 A, may take 8 A · 0.10 kWh so far")],
        footer=["meter 127.0.0.1:6053 · cloud 127.0.0.1:8080 · broker 127.0.0.1:1883", "mosquitto_sub …"],
        time=MIDNIGHT + 3570,
    )


def drawn(told: dict[str, Any], width: int, height: int, *, has_colours: bool = True) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    console.print(picture(scene(told), width, height, has_colours=has_colours))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("told", [EVENING, OVERLOAD, PAUSED], ids=["evening", "overload", "paused"])
def test_the_picture_without_colours(
    told: dict[str, Any], width: int, height: int, snapshot: SnapshotAssertion
) -> None:
    assert "\n".join(drawn(told, width, height, has_colours=False)) == snapshot


def test_the_picture_with_colours(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(drawn(OVERLOAD, 80, 24)) == snapshot


def test_house_car_and_overload_have_their_colours() -> None:
    told = bar(PhaseReading(mains=28.0, house=10.0), 25.0, 30, has_colours=True)
    cells = [str(span.style) for span in told.spans for _ in range(span.end - span.start)]
    parts = [(colour, len(list(group))) for colour, group in groupby(cells)]
    assert parts == [(colours.HOUSE, 10), (colours.CAR, 15), (colours.OVER, 3), (colours.TRACK, 2)]


@pytest.mark.parametrize(("width", "height"), [*SIZES, (80, 30), (100, 33), (200, 60), (72, 20)])
def test_the_picture_fills_its_terminal(width: int, height: int) -> None:
    lines = drawn(EVENING, width, height)
    assert len(lines) == height
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("width", "height"), [(40, 10), (20, 5), (1, 1)])
def test_a_tiny_terminal_is_no_error(width: int, height: int) -> None:
    assert drawn(EVENING, width, height)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"mains_current_l1": None, "details": None},
        {"mains_current_l1": "much", "house_load_l1": [], "fuse_thermal_load_l1": {}, "state": 7, "limit": True},
        {"details": {"reason": {"text": None, "number": "many"}}, "expected_resume": "soon", "commands_last_hour": "x"},
        {"mains_current_l2": 1e300, "headroom_l2": -1e300, "fuse_thermal_load_l2": float("nan")},
    ],
)
def test_whatever_is_published_is_shown_without_a_failure(told: dict[str, Any]) -> None:
    assert len(drawn(told, 80, 24)) == 24
    assert status(reading(told))


def test_what_a_bridge_does_not_know_is_shown_as_unknown() -> None:
    assert " –" in drawn({"state": "starting"}, 80, 24)[3]


def test_export_is_no_load_on_the_bar() -> None:
    assert span(PhaseReading(mains=-6.0, house=-6.0)) == (0, 0)


def test_the_car_never_takes_more_than_flows() -> None:
    assert span(PhaseReading(mains=9.0, car=16.0)) == (0, 9)


def test_a_house_load_above_the_mains_is_cut_off() -> None:
    assert span(PhaseReading(mains=9.0, house=12.0)) == (9, 9)


def test_a_paused_bridge_says_when_it_resumes() -> None:
    assert any("resumes in 30 s" in line for line in drawn(PAUSED, 80, 24))


def test_a_problem_is_said() -> None:
    lines = drawn(EVENING | {"charger_lost": "ON", "meter_stale": "ON"}, 80, 24)
    assert any(line.startswith(" bridge") and line.endswith("· meter stale · charger lost") for line in lines)


def test_each_change_is_news_once() -> None:
    shown = Board(25.0)
    for _ in range(3):
        shown.take(EVENING)
    assert [item.text for item in shown.news.items] == ["limit 14 → 8 A (overload: L2 +5.2 A)"]
    assert shown.news.items[0].kind is Kind.LOWERED


def test_a_status_line_holds_the_numbers() -> None:
    assert status(reading(EVENING)) == "balancing · limit 8 A · L1 17.9 A · L2 24.2 A · L3 8.8 A · fuse at 80%"
