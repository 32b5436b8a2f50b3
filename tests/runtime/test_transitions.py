import logging
from dataclasses import replace

import pytest
from fakes import decision, snapshot

from bridge.core.model import (
    ChargerReport,
    Event,
    Happening,
    LearningStage,
    Link,
    LinkReport,
    NoCurrent,
    Pairing,
    Problem,
    Reason,
)
from bridge.core.phases import Phase
from bridge.runtime.outage import spell
from bridge.runtime.transitions import TransitionLog

LOWERED = Event(1, 0.0, Happening.LIMIT_CHANGED, Reason.OVERLOAD, "limit 16 → 9 A (overload: L2 +3.1 A)")
OVERLOAD = Event(2, 1.0, Happening.OVERLOAD, Reason.OVERLOAD, "overload: L2 +3.1 A over the fuse")


@pytest.fixture(autouse=True)
def at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(each.levelname, each.getMessage()) for each in caplog.records if each.name.startswith("bridge")]


def test_each_event_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    log = TransitionLog()

    log.show(snapshot(events=(LOWERED,)))
    log.show(snapshot(events=(LOWERED, OVERLOAD)))
    log.show(snapshot(events=(LOWERED, OVERLOAD)))

    assert lines(caplog) == [
        ("INFO", "limit 16 → 9 A (overload: L2 +3.1 A)"),
        ("WARNING", "overload: L2 +3.1 A over the fuse"),
    ]


def test_a_percent_sign_in_an_event_is_only_text(caplog: pytest.LogCaptureFixture) -> None:
    TransitionLog().show(snapshot(events=(LOWERED._replace(text="100 %s"),)))

    assert lines(caplog) == [("INFO", "100 %s")]


def test_a_dry_run_says_so_on_every_line(caplog: pytest.LogCaptureFixture) -> None:
    TransitionLog(is_dry_run=True).show(snapshot(events=(LOWERED,)))

    assert lines(caplog) == [("INFO", "dry run: limit 16 → 9 A (overload: L2 +3.1 A)")]


def test_a_wrong_pairing_is_told_once_with_its_cure(caplog: pytest.LogCaptureFixture) -> None:
    log = TransitionLog()
    likely = Pairing(LearningStage.IDLE, "", (Phase.L2, Phase.L3, Phase.L1), 0.999)
    wrong = replace(snapshot(problems=frozenset({Problem.WRONG_PAIRING})), pairing=likely)

    for shown in (snapshot(), wrong, wrong, snapshot()):
        log.show(shown)

    (level, text), (_, over) = lines(caplog)
    assert level == "WARNING"
    assert "L2, L3, L1" in text
    assert "ev-load-bridge learn-phases" in text
    assert over == "the charger's phases sit where the settings say after all"


@pytest.mark.parametrize(
    ("charger", "reason", "does"),
    [
        pytest.param(
            ChargerReport(dynamic_charger_current=8.0),
            Reason.MAXIMUM,
            "the charger's own limit was set to 8 A, ours is 16 A",
            id="48",
        ),
        pytest.param(
            ChargerReport(no_current=NoCurrent.EQUALIZER),
            Reason.MAXIMUM,
            "an Equalizer limits the charger",
            id="Equalizer",
        ),
        pytest.param(ChargerReport(), Reason.OTHER_CONTROLLER, "it holds the circuit at 16 A", id="lower"),
        pytest.param(None, Reason.MAXIMUM, "32 A are in force, ours is 16 A", id="again and again"),
    ],
)
def test_another_controller_is_told_with_figures_when_it_comes_and_goes(
    charger: ChargerReport | None, reason: Reason, does: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = TransitionLog()
    interfering = replace(
        snapshot(made=decision()._replace(limit=16, reason=reason), problems=frozenset({Problem.OTHER_CONTROLLER})),
        charger=charger,
        limit_in_force=32,
    )

    for shown in (snapshot(), interfering, interfering, snapshot(), snapshot()):
        log.show(shown)

    assert lines(caplog) == [
        ("WARNING", f"another controller interferes with the limit: {does}"),
        ("INFO", "no other controller interferes any more"),
    ]


def test_an_order_that_does_not_come_in_force_is_told_until_it_does(caplog: pytest.LogCaptureFixture) -> None:
    log = TransitionLog()
    waiting = replace(snapshot(made=decision()._replace(limit=9)), limit_in_force=15)
    lost = replace(waiting, problems=frozenset({Problem.CHARGER_LOST}))

    for shown in (waiting, lost, lost, replace(waiting, limit_in_force=9)):
        log.show(shown)

    assert lines(caplog) == [
        ("WARNING", "the charger does not take the limit: 9 A ordered, 15 A in force; trying again"),
        ("INFO", "the charger has taken the limit: 9 A"),
    ]


def test_a_lost_link_is_left_to_whoever_holds_it(caplog: pytest.LogCaptureFixture) -> None:
    down = (LinkReport(Link.CHARGER, is_up=False, detail="no answer"),)
    lost = replace(snapshot(problems=frozenset({Problem.CHARGER_LOST})), links=down, limit_in_force=15)

    TransitionLog().show(lost)

    assert lines(caplog) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (99.0, "99 s"), (100.0, "2 min"), (900.0, "15 min"), (11100.0, "3 h 5 min")],
)
def test_durations_read_well(seconds: float, words: str) -> None:
    assert spell(seconds) == words
