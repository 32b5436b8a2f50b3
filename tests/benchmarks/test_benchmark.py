"""The benchmark's command: what it runs, what it makes of it, what it prints."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.balancing import __main__ as command
from benchmarks.balancing import charts, page, scenarios, sheets, verdict
from benchmarks.balancing.contestants import CALM, CLAIRVOYANT, CONTESTANTS, NORMAL, SHORT, SKETCHES, build, chosen
from benchmarks.balancing.frontier import Point
from benchmarks.balancing.houses import DEVELOPMENT_SEEDS, FAMILIES, REPORT_SEEDS
from benchmarks.balancing.judge import Figures
from benchmarks.balancing.results import BELOW, Results, limit, results
from benchmarks.balancing.running import Job, Outcome, RunError, jobs, perform, perform_all
from benchmarks.balancing.scenarios import DESIGN, PLAIN, Scenario
from benchmarks.balancing.slim import slim
from bridge.simulator.closed_loop.bridge import Bridge
from bridge.simulator.meter import BELGIAN, DSMR_4, DSMR_5, EXACT, MeterKind

FIGURES = Figures(95.0, 100.0, 10.0, 60.0, 35.0, 90.0, 80.0, 5.0, 20.0, 0.2, 30.0)
CURVE = (Point(0.0, 100.0, 10.0, 1.0), Point(9.0, 90.0, 2.0, 0.1))
DAYS = scenarios.plain(DEVELOPMENT_SEEDS, 2)


def outcome(name: str, scenario: Scenario = DAYS[0], **figures: float) -> Outcome:
    curve = CURVE if name == CLAIRVOYANT else ()
    return Outcome(scenario, name, replace(FIGURES, **figures), curve)


def found(*outcomes: Outcome) -> Results:
    return results(outcomes, lambda _: True)


def planned(*words: str) -> list[Scenario]:
    return command.planned(command.parser().parse_args(words))


def test_plain_and_hard_houses_are_never_the_same() -> None:
    made = planned("--days", "365")
    plain = {(each.family, each.seed) for each in made if each.group != scenarios.REAL}
    hard = {(each.family, each.seed) for each in made if each.group == scenarios.REAL}
    assert not {seed for _, seed in plain} & {seed for _, seed in hard}
    assert {seed for _, seed in plain | hard} <= set(REPORT_SEEDS)


def test_a_year_has_a_different_day_each() -> None:
    days = scenarios.plain(REPORT_SEEDS, 365)
    assert len({(each.seed, each.day) for each in days}) == 365
    assert len({each.house for each in days}) == 365


def test_development_seeds_touch_no_report_house() -> None:
    assert {each.seed for each in planned("--seeds", "development")} <= set(DEVELOPMENT_SEEDS)


def test_design_has_every_family_and_meter() -> None:
    assert set(DESIGN) == set(FAMILIES)
    assert {each.plant.meter for each in planned("--only", "hard")} == {DSMR_5, DSMR_4, BELGIAN}


@pytest.mark.parametrize("family", FAMILIES)
def test_cars_fit_their_houses(family: str) -> None:
    for choice in DESIGN[family]:
        assert choice.plant.maximum <= FAMILIES[family].fuse
        assert len(choice.plant.used) <= FAMILIES[family].phases


@pytest.mark.parametrize(("meter", "is_fine"), [(EXACT, True), (BELGIAN, True), (DSMR_5, False), (DSMR_4, False)])
def test_only_fine_meters_are_called_fine(meter: MeterKind, is_fine: bool) -> None:  # noqa: FBT001
    bridge = build(NORMAL, replace(scenarios.PLANT, meter=meter), 25.0)
    assert isinstance(bridge, Bridge)
    assert bridge._is_fine is is_fine


def test_all_controllers_can_be_named() -> None:
    assert set(SHORT) <= set(CONTESTANTS)
    assert chosen(["EVCC", " warp"]) == ["evcc, 30 s", "evcc, 10 s", "WARP"]
    assert chosen([""]) == list(CONTESTANTS)


def test_worst_is_least_energy_and_most_of_the_rest() -> None:
    result = found(outcome(NORMAL, energy=90.0, overload=5.0), outcome(NORMAL, DAYS[1], overload=50.0))[NORMAL]
    assert (result.worst("energy"), result.worst("overload"), result.mean("energy")) == (90.0, 50.0, 92.5)
    assert result.worst_day("overload").scenario == DAYS[1]


def test_a_day_without_a_restore_does_not_count() -> None:
    days = found(outcome(NORMAL, restore=float("nan")), outcome(NORMAL, DAYS[1], restore=20.0))
    assert days[NORMAL].mean("restore") == days[NORMAL].worst("restore") == 20.0


def test_distance_is_to_the_curve_of_its_own_house() -> None:
    both = found(outcome(CLAIRVOYANT), outcome(NORMAL, energy=93.0, set_points=6.0))
    assert both[NORMAL].mean(BELOW) == pytest.approx(2.0)
    assert dict(limit(both[NORMAL].curves))[6.0] == pytest.approx(95.0)


def test_verdict_on_the_sketches() -> None:
    ours, (sketch, _) = outcome(NORMAL, energy=96.0), SKETCHES
    good = [claim.holds for claim in verdict.on_plain(found(ours, outcome(sketch, overload=112.0)))]
    bad = [claim.holds for claim in verdict.on_plain(found(ours, outcome(sketch, energy=95.6, set_points=4.9)))]
    assert good == [True] * 5
    assert bad == [False, False, False, True, True]


@pytest.mark.parametrize(("alone", "holds"), [(99.0, False), (101.0, True)])
def test_verdict_on_the_fuse(alone: float, holds: bool) -> None:  # noqa: FBT001
    *_, claim = verdict.on_plain(found(outcome(NORMAL, thermal=101.0, thermal_house=alone)))
    assert claim.holds is holds


@pytest.mark.parametrize(
    ("rival", "holds"),
    [
        ({"overload": 199.0}, [False, True]),
        ({"overload": 199.0, "energy": 92.9}, [True, True]),
        ({"overload": 99.0, "energy": 95.1, "set_points": 4.9, "pauses": 0.1}, [False, False]),
    ],
)
def test_verdict_on_the_rivals(rival: dict[str, float], holds: list[bool]) -> None:
    claims = verdict.on_hard(found(outcome(NORMAL), outcome("WARP", DAYS[0], **rival)))
    assert [claim.holds for claim in claims] == holds


def test_verdict_on_meters_and_paces() -> None:
    slow, paces = found(outcome(NORMAL, overload=134.0)), found(outcome(NORMAL), outcome(CALM))
    assert [claim.holds for claim in verdict.on_meters(found(outcome(NORMAL)), slow)] == [False]
    assert not list(verdict.on_paces("plain", paces))


def test_no_figure_is_cut_at_80_columns() -> None:
    days = found(
        *(outcome(name, overload=4140.0, set_points=186.4, calls=186.4) for name in (CLAIRVOYANT, *CONTESTANTS))
    )
    console = Console(width=80, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115
    with console.file:
        sheets.show(console, sheets.means("all", days))
    shown = console.export_text()
    assert "…" not in shown
    assert shown.count("4140") == shown.count("90/80") == len(days)


def test_a_failing_run_names_itself() -> None:
    broken = Job(replace(DAYS[0], family="nowhere"), NORMAL)
    with pytest.raises(RunError, match="bridge, normal on plain: nowhere 1"):
        perform_all([broken], perform, "failing")


def test_only_the_nearest_run_with_other_meters() -> None:
    made = jobs(planned(), list(CONTESTANTS))
    beside = {job.contestant for job in made if job.scenario.meter == "DSMR 4"}
    assert beside == set(SHORT)


def test_runs_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = tmp_path / "mine.csv"
    times = (
        f"2026-03-01T18:{second // 60:02}:{second % 60:02}Z,{second % 7 + 5},{(second % 7 + 5) * 230},230"
        for second in range(900)
    )
    csv.write_text("\n".join(["time,current_l1,power_l1,voltage_l1", *times, ""]))
    assert command.main(["--csv", str(csv), "--fuse", "25", "--controllers", "normal", "--only", "plain"]) == 0
    assert "bridge, normal" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--controllers", "nobody"], ["--write", "--only", "plain"], ["--days", "0"], ["--days", "366"]]
)
def test_unfit_arguments_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(words)


def test_an_unfit_recording_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--csv", str(tmp_path / "none.csv")]) == 1
    assert "no such file" in capsys.readouterr().err


def test_charts_are_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    days = found(
        outcome(CLAIRVOYANT), *(outcome(name, set_points=2.0 + place) for place, name in enumerate(CONTESTANTS))
    )
    for name in ("one.svg", "two.svg"):
        charts.frontier(days, [(2.0, 90.0), (9.0, 99.0)], tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_page_says_what_was_not_run() -> None:
    made = command.gather([outcome(CLAIRVOYANT), outcome(NORMAL)], "development", "scripts/bench")
    written = page.text(made, DAYS, DAYS[0])
    assert "Not run." in written
    assert "**bridge, normal**" in written
    assert "$" not in written
    assert all(page.picture(name) in written for name in CONTESTANTS)
    assert made.plain[NORMAL].days[0].scenario.group == PLAIN


def test_slim_pictures_keep_their_corners(tmp_path: Path) -> None:
    picture = tmp_path / "one.svg"
    picture.write_text('<path d="M 0 0 \nL 5 0 \nL 10 0 \nL 10 2.51 \nL 12 3 \nz\n"/><path d="M 0 0 C 1 1 2 2 3 3"/>')
    slim(picture)
    assert picture.read_text() == '<path d="M0 0h10v2.5l2 0.5z"/><path d="M 0 0 C 1 1 2 2 3 3"/>'


def test_slim_pictures_keep_what_is_used_twice(tmp_path: Path) -> None:
    picture, use = tmp_path / "one.svg", '<use xlink:href="#a" x="0" y="3" style="fill: red"/>\n'
    define = '<defs>\n<path id="a" d="M0 0h1" style="s"/>\n</defs>\n<g clip-path="c">\n'
    picture.write_text(f"{define}{use}</g>")
    slim(picture)
    assert picture.read_text() == '<g clip-path="c"><path d="M0 0h1" transform="translate(0 3)" style="fill: red"/></g>'
    picture.write_text(f"{define}{use}</g>\n{use}")
    slim(picture)
    assert picture.read_text() == f"{define}{use}</g>\n{use}"
