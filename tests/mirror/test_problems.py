from dataclasses import replace

import pytest
from mirror.snapshots import charging, decision

from bridge.core.model import (
    BridgeState,
    LearningStage,
    Link,
    LinkReport,
    NoCurrent,
    Pairing,
    Problem,
    Reason,
    Snapshot,
)
from bridge.core.phases import PerPhase, Phase
from bridge.mirror.problems import cause
from bridge.mirror.words import REASONS, STATES


def with_problem(problem: Problem, **changes: object) -> Snapshot:
    return charging(problems=frozenset({problem}), **changes)


def with_charger(problem: Problem, **changes: object) -> Snapshot:
    shown = with_problem(problem)
    assert shown.charger is not None
    return replace(shown, charger=replace(shown.charger, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_tells_a_cause_while_it_is_there_and_none_before(problem: Problem) -> None:
    told = cause(problem, with_problem(problem))
    assert told
    assert 20 < len(told) < 256, "Home Assistant cuts nothing, but a notification is one line"
    assert cause(problem, charging()) is None


def test_a_lost_meter_tells_what_the_link_said() -> None:
    down = LinkReport(Link.METER, is_up=False, detail="no route to slimmelezer.local: is it on?")
    shown = with_problem(Problem.METER_STALE, links=(down,))
    assert cause(Problem.METER_STALE, shown) == down.detail
    blind = replace(shown, problems=frozenset({Problem.FALLBACK}), decision=decision(limit=6))
    assert cause(Problem.FALLBACK, blind) == f"blind, so at most 6 A: {down.detail}"


def test_a_connected_meter_that_is_silent_names_its_phases() -> None:
    made = decision()
    stale = made.numbers[1]._replace(is_stale=True)
    shown = with_problem(Problem.METER_STALE, decision=made._replace(numbers=(made.numbers[0], stale, made.numbers[2])))
    assert "nothing fresh of L2:" in str(cause(Problem.METER_STALE, shown))


def test_a_charger_without_its_cloud_is_told_apart_from_one_that_does_not_obey() -> None:
    assert "WLAN" in str(cause(Problem.CHARGER_LOST, with_charger(Problem.CHARGER_LOST, cloud_connected=False)))
    assert "not carried out" in str(cause(Problem.CHARGER_LOST, with_problem(Problem.CHARGER_LOST)))


def test_an_overload_names_its_phase_and_whether_the_car_has_a_part_in_it() -> None:
    over = PerPhase(27.5, 3.0, 26.0)
    slowed = with_problem(Problem.OVERLOAD, decision=decision(mains=over, limit=6))
    assert str(cause(Problem.OVERLOAD, slowed)).startswith("L1, L3 carries more than 25 A: the car is slowed down")
    paused = with_problem(Problem.OVERLOAD, decision=decision(mains=over, limit=0))
    assert "switch something off" in str(cause(Problem.OVERLOAD, paused))


def test_another_controller_is_named_as_far_as_it_is_known() -> None:
    there = Problem.OTHER_CONTROLLER
    assert "Equalizer" in str(cause(there, with_charger(there, no_current=NoCurrent.EQUALIZER)))
    assert "at 9 A" in str(cause(there, with_problem(there, decision=decision(limit=16))))
    assert "keeps changing" in str(cause(there, with_problem(there, decision=decision(limit=6))))


def test_a_wrong_pairing_gives_the_line_for_the_settings() -> None:
    likely = Pairing(LearningStage.DIFFERS, "…", (Phase.L2, Phase.L3, Phase.L1), 0.99)
    shown = with_problem(Problem.WRONG_PAIRING, pairing=likely)
    assert str(cause(Problem.WRONG_PAIRING, shown)).startswith('phases = ["L2", "L3", "L1"] fits better')


def test_every_published_word_has_a_meaning() -> None:
    assert REASONS.keys() == set(Reason)
    assert STATES.keys() == set(BridgeState)
