"""`simulate` as its users meet it: figures, a picture, and one line per problem."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from simulate_rig import SETTINGS, Simulate, Told, recorded

from bridge import cli


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Simulate:
    """Run `simulate --csv evening.csv …` in a folder of its own, where the recording lies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "evening.csv").write_text(recorded(), encoding="utf-8")

    def _run(*arguments: str) -> Told:
        with pytest.raises(SystemExit) as ended:
            cli.app(["simulate", "--csv", "evening.csv", *arguments], prog_name="ev-load-bridge")
        told = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Told(ended.value.code, told.out, told.err)

    return _run


def test_figures_and_a_picture_beside_the_recording(simulate: Simulate, tmp_path: Path) -> None:
    told = simulate("--fuse", "25")
    words = told.words
    assert "kWh into the car" in words["energy"]
    assert "A·s per hour over the fuse" in words["overload"]
    assert set(words) >= {"recording", "house", "limit", "pauses", "highest", "fuse", "picture"}
    assert all(len(line) <= 80 for line in told.out.splitlines())
    picture = (tmp_path / "evening.svg").read_text(encoding="utf-8")
    assert "pace normal, margin 0.1 A" in picture
    assert ">25 A<" in picture
    assert "house load" in picture


def outcome(told: Told, pace: str = "normal") -> dict[str, Any]:
    assert told.status == 0, told.err
    figures: dict[str, Any] = json.loads(told.out)["paces"][pace]
    return figures


def test_another_fuse_is_another_outcome(simulate: Simulate) -> None:
    large, small = (outcome(simulate("--fuse", fuse, "--json")) for fuse in ("40", "18"))
    assert large["energy"] > small["energy"] + 1
    assert large["pauses"] == 0 < small["pauses"]
    assert large["share"] > 85
    assert large["highest_house"] == small["highest_house"] == 13
    assert large["thermal"] < small["thermal"]


def test_margin_maximum_and_phases_count(simulate: Simulate) -> None:
    usual = outcome(simulate("--fuse", "25", "--json"))
    assert outcome(simulate("--fuse", "25", "--json", "--margin", "4"))["energy"] < usual["energy"]
    assert outcome(simulate("--fuse", "25", "--json", "--maximum", "8"))["energy"] < 0.7 * usual["energy"]
    assert outcome(simulate("--fuse", "25", "--json", "--phases", "1"))["energy"] < 0.4 * usual["energy"]


def test_the_same_recording_ends_the_same(simulate: Simulate, tmp_path: Path) -> None:
    first = simulate("--fuse", "25", "--json").out
    picture = (tmp_path / "evening.svg").read_bytes()
    assert simulate("--fuse", "25", "--json").out == first
    assert (tmp_path / "evening.svg").read_bytes() == picture


def test_all_paces_in_a_table_and_in_one_picture(simulate: Simulate, tmp_path: Path) -> None:
    told = simulate("--fuse", "25", "--compare", "--out", "paces.svg")
    assert {"calm", "normal", "eager"} <= set(told.words)
    assert all(len(line) <= 80 for line in told.out.splitlines())
    picture = (tmp_path / "paces.svg").read_text(encoding="utf-8")
    assert all(f"pace {pace}," in picture for pace in ("calm", "normal", "eager"))


def test_settings_say_what_no_option_does(simulate: Simulate, tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    settings.chmod(0o600)
    house = json.loads(simulate("--config", "mine.toml", "--json").out)["house"]
    assert house == {"fuse": 20.0, "protection": "gg", "margin": 2.0, "maximum": 13, "phases": 3}
    words = simulate("--config", "mine.toml", "--fuse", "12", "--margin", "1", "--pace", "eager").words
    assert words["house"] == "fuse 12 A (gg), margin 1 A, pace eager, car 3 × at most 12 A"


def test_options_must_suit_the_settings(simulate: Simulate, tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text(SETTINGS.replace("= 13", '= 13\nminimum_current = 8\nphases = ["L2"]'), encoding="utf-8")
    settings.chmod(0o600)
    assert simulate("--config", "mine.toml").words["house"].endswith("car 1 × at most 13 A")
    assert "wired to one phase" in simulate("--config", "mine.toml", "--phases", "3").problem
    assert "7 A is less than the car charges with (8 A)" in simulate("--config", "mine.toml", "--maximum", "7").problem


def test_help_says_that_no_car_should_charge(simulate: Simulate) -> None:
    told = simulate("--help")
    assert told.status == 0
    assert "Record while no car charges" in told.out


def test_settings_that_nobody_asked_for_need_not_be_complete(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[mains]\nfuse = 0\n", encoding="utf-8")
    assert simulate("--fuse", "25").words[""] == "settings.toml is not filled in or not readable"
    assert "mains.fuse" in simulate("--config", "settings.toml").err


def test_without_any_fuse_it_says_how_to_give_one(simulate: Simulate) -> None:
    assert simulate().problem == (
        "ev-load-bridge: --fuse: is missing (no settings found); "
        "give what is printed on the fuse, for instance --fuse 25"
    )


def test_gaps_are_told(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "evening.csv").write_text(recorded(gap=range(1000, 1700)), encoding="utf-8")
    assert simulate("--fuse", "25").words["gaps"] == "1 longer than 60 s, 0:12 h in all: the last value was held"


def test_a_clock_set_back_is_told(simulate: Simulate, tmp_path: Path) -> None:
    lines = recorded().splitlines(keepends=True)
    (tmp_path / "evening.csv").write_text("".join([*lines, *lines[1:11]]), encoding="utf-8")
    assert simulate("--fuse", "25").words["skipped"].startswith("10 telegrams")


def test_one_phase_is_a_car_on_one_phase(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "evening.csv").write_text(recorded(phases=1), encoding="utf-8")
    assert simulate("--fuse", "25").words["house"].endswith("car 1 × at most 16 A")
    assert "the recording tells of L1 only; give --phases 1" in simulate("--fuse", "25", "--phases", "3").problem


@pytest.mark.parametrize(
    ("start", "shown"), [("18:20", "from 18:20"), ("2026-03-01T18:00", "from 18:00"), ("19:25", "from 18:30")]
)
def test_the_hour_to_draw_can_be_given(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch, start: str, shown: str
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    assert shown in simulate("--fuse", "25", "--start", start).words["picture"]


def test_an_hour_that_was_not_recorded_is_told(simulate: Simulate) -> None:
    assert "--start: not in the recording, which covers" in simulate("--fuse", "25", "--start", "2026-03-02").problem


UNFIT = [
    pytest.param(["--fuse", "25", "--margin", "25"], "not below the fuse", id="margin"),
    pytest.param(["--fuse", "25", "--margin", "inf"], "not below the fuse", id="infinite margin"),
    pytest.param(["--fuse", "25", "--phases", "2"], "neither 1 nor 3", id="two phases"),
    pytest.param(["--fuse", "25", "--out", "a.pdf"], "neither .svg nor .png", id="PDF"),
    pytest.param(["--fuse", "25", "--out", "evening.csv"], "neither .svg nor .png", id="over the recording"),
    pytest.param(["--config", "nowhere.toml"], "no such settings file", id="no settings"),
    pytest.param(["--fuse", "25", "--csv", "nowhere.csv"], "no such file", id="no recording"),
    pytest.param(["--fuse", "25", "--csv", "."], "is not a file", id="folder"),
]


@pytest.mark.parametrize(("arguments", "told"), UNFIT)
def test_what_cannot_be_is_a_line(simulate: Simulate, arguments: list[str], told: str) -> None:
    assert told in simulate(*arguments).problem


@pytest.mark.parametrize(
    "arguments", [["--fuse", "nan"], ["--fuse", "5"], ["--margin", "-1"], ["--start", "25:00"], ["--pace", "brisk"]]
)
def test_a_wrong_argument_is_status_2(simulate: Simulate, arguments: list[str]) -> None:
    assert simulate(*arguments).status == 2


def test_a_recording_by_the_name_of_a_picture_stays(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "evening.csv").rename(tmp_path / "evening.svg")
    assert "is the recording itself" in simulate("--csv", "evening.svg", "--fuse", "25").problem
    (tmp_path / "link.svg").hardlink_to(tmp_path / "evening.svg")
    assert "is the recording itself" in simulate("--csv", "evening.svg", "--out", "link.svg", "--fuse", "25").problem


def test_without_matplotlib_the_figures_are_told_all_the_same(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    told = simulate("--fuse", "25")
    assert told.status == 1
    assert "kWh into the car" in told.out
    assert told.err == "ev-load-bridge: the plot needs matplotlib: pip install 'ev-load-bridge[plot]'\n"
    assert not (tmp_path / "evening.svg").exists()


def test_a_picture_that_cannot_be_written_is_a_line(simulate: Simulate) -> None:
    told = simulate("--fuse", "25", "--out", "nowhere/a.svg", "--json")
    assert told.status == 1
    assert json.loads(told.out)["picture"] is None
    assert told.err.endswith("cannot be written (No such file or directory); name another file with --out\n")


def test_a_short_recording_will_do(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "evening.csv").write_text(recorded(1), encoding="utf-8")
    assert "1 s from" in simulate("--fuse", "6").out
