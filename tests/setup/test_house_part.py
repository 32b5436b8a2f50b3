"""Fuse and wiring, where the settings say something else than is proposed."""

from pathlib import Path

import pytest
from setup.told import Told

from bridge.chargers.easee.survey import ChargerFacts, ChargerSurvey
from bridge.commands.setup.house import ask_fuse, ask_wiring, may_learn
from bridge.commands.setup.questions import Asker, UnansweredError
from bridge.commands.setup.sheet import FALLBACK, MAXIMUM, PHASES
from bridge.core.model import ChargerBounds, ChargerReport, ChargerState, PhaseReading, Telegram
from bridge.core.phases import PerPhase
from bridge.mains.slimmelezer.survey import MeterSurvey

FILLED = """
[mains]
fuse = 20
[mains.slimmelezer]
host = "reader"
[charger]
max_current = 20
fallback_current = 6
[charger.easee]
username = "owner@example.com"
password = "hunter2"
"""


def test_what_the_settings_say_is_kept_and_told_beside_the_proposal(tmp_path: Path) -> None:
    told = Told((), [""] * 6)
    talk = told.talk(tmp_path, FILLED)
    ask_fuse(talk)
    ask_wiring(talk)
    shown = " ".join(told.out.getvalue().split())
    assert "most cables and cars take 16 A. Your settings say 20 A." in shown
    assert "can take all of it. Your settings say 6 A." in shown
    assert (talk.sheet.get(MAXIMUM), talk.sheet.get(FALLBACK)) == (20, 6)
    assert told.answers == []


def test_what_is_proposed_is_not_told_twice(tmp_path: Path) -> None:
    told = Told((), [""] * 6)
    talk = told.talk(tmp_path, FILLED.replace("= 6", "= 0").replace("max_current = 20", "max_current = 16"))
    ask_fuse(talk)
    ask_wiring(talk)
    assert "Your settings say" not in told.out.getvalue()


@pytest.mark.parametrize(
    ("state", "house", "may"),
    [
        (ChargerState.CHARGING, 3.0, True),
        (ChargerState.CHARGING, 16.0, False),
        (ChargerState.AWAITING_START, 3.0, False),
    ],
)
def test_phases_are_learnt_at_once_only_where_the_car_can_come_up_again(
    tmp_path: Path, state: ChargerState, house: float, *, may: bool
) -> None:
    talk = Told((), []).talk(tmp_path, FILLED)
    draw = PerPhase.all(6.0 if state is ChargerState.CHARGING else 0.0)
    readings = tuple(PhaseReading(house + each, metered=house + each) for each in draw)
    talk.meter = MeterSurvey("reader", telegrams=(Telegram(readings),))
    report = ChargerReport(state=state, draw=draw)
    facts = ChargerFacts(report, ChargerBounds(), (), (), None, None, None, None, ())
    talk.cloud = ChargerSurvey(facts=facts)
    assert may_learn(talk) is may


@pytest.mark.parametrize("wrong", ["phases = [1, 2, 3]", 'phases = ["L1", "L1"]', 'max_current = "²"'])
def test_what_has_the_wrong_type_in_the_settings_is_asked_like_what_is_not_there(tmp_path: Path, wrong: str) -> None:
    before = FILLED.replace("[charger]\nmax_current = 20", f"[charger]\n{wrong}")
    told = Told((), [""] * 4 + ["L3 L1 L2", ""])
    talk = told.talk(tmp_path, before)
    ask_fuse(talk)
    ask_wiring(talk)
    assert told.answers == []
    assert talk.sheet.get(PHASES) == ["L3", "L1", "L2"]


@pytest.mark.parametrize(
    "wrong", ['tls = true\nca_file = "/gone/ca.crt"', 'username = "pi"\npassword_file = "gone"', "port = 99999"]
)
def test_what_is_wrong_about_the_broker_waits_until_that_is_asked(tmp_path: Path, wrong: str) -> None:
    told = Told((), [""] * 6)
    talk = told.talk(tmp_path, f"{FILLED}\n[mqtt]\n{wrong}\n")
    ask_fuse(talk)
    ask_wiring(talk)
    assert told.answers == []


def test_a_wiring_that_is_none_is_never_replaced_unasked(tmp_path: Path) -> None:
    told = Told((), [])
    talk = told.talk(tmp_path, FILLED.replace("[charger]\n", '[charger]\nphases = ["L2", "L2", "L3"]\n'))
    talk.asker = Asker({}, None, talk.screen, takes_proposals=True)
    ask_fuse(talk)
    with pytest.raises(UnansweredError, match="--phases: L2 is named twice"):
        ask_wiring(talk)
