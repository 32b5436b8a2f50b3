import json
from dataclasses import replace
from typing import Any

import pytest
from mirror.snapshots import HOME, NOW, charging, decision, event, starting
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bridge.core.model import Installation, LearningStage, Link, LinkReport, Pairing, Problem, Reason, Snapshot
from bridge.core.phases import PerPhase, Phase
from bridge.mirror.entities import entities
from bridge.mirror.entity import Platform, Source
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import (
    MOST_ANNOUNCED,
    compact,
    discovery,
    event_document,
    is_available,
    removals,
    state_document,
    values,
)

ROWS = entities(HOME)
OPTIONS = MqttOptions("broker")
EPOCH = 1_790_000_000.0
"""Time of day at instant 0."""


@pytest.fixture
def as_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def state(shown: Snapshot, installation: Installation = HOME) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(state_document(values(entities(installation), shown), EPOCH))
    return document


def announced(installation: Installation = HOME, **options: Any) -> dict[str, Any]:
    document = discovery(entities(installation), MqttOptions("broker", **options), "1.2.3")
    parsed: dict[str, Any] = json.loads(compact(document))
    return parsed


def test_discovery_stays_as_it_is(as_json: SnapshotAssertion) -> None:
    assert announced() == as_json


def test_state_while_charging_stays_as_it_is(as_json: SnapshotAssertion) -> None:
    assert state(charging()) == as_json


def test_state_before_anything_is_known_stays_as_it_is(as_json: SnapshotAssertion) -> None:
    assert state(starting()) == as_json


def test_an_event_stays_as_it_is(as_json: SnapshotAssertion) -> None:
    assert json.loads(event_document(event(), EPOCH)) == as_json


@pytest.mark.parametrize("shown", [charging(), starting()])
def test_every_entity_has_its_key_in_the_state(shown: Snapshot) -> None:
    assert state(shown).keys() - {"details"} == announced()["components"].keys() - {"event", "learn_phases"}


@pytest.mark.parametrize("shown", [charging(), starting()])
def test_details_are_there_for_whoever_asks_for_them(shown: Snapshot) -> None:
    asked = {key for key, row in announced()["components"].items() if "json_attributes_topic" in row}
    assert state(shown)["details"].keys() == asked


def test_only_the_phases_of_the_installation_are_shown() -> None:
    one = Installation(fuse=25.0, maximum=16, phases=(Phase.L2,))
    keys = announced(one)["components"].keys()
    assert "mains_current_l2" in keys
    assert not any(key.endswith(("_l1", "_l3")) for key in keys)


def test_the_limit_in_force_is_shown_on_the_mains_phase_it_is_wired_to() -> None:
    crossed = Installation(fuse=25.0, maximum=16, phases=(Phase.L3, Phase.L1, Phase.L2))
    shown = charging()
    assert shown.charger is not None
    shown = replace(shown, charger=replace(shown.charger, dynamic_current=PerPhase(10.0, 11.0, 12.0)))
    document = state(shown, crossed)
    assert [document[f"charger_limit_l{n}"] for n in (1, 2, 3)] == [11, 12, 10]


def test_headroom_is_negative_in_an_overload() -> None:
    assert state(charging(decision=decision(mains=PerPhase(27.5, 0.0, 0.0))))["headroom_l1"] == -2.5


def test_what_is_no_number_is_unknown() -> None:
    document = state(charging(decision=decision(mains=PerPhase(float("nan"), float("inf"), 1.0))))
    assert document["mains_current_l1"] is None
    assert document["mains_current_l2"] is None
    assert document["mains_current_l3"] == 1


def test_a_stale_phase_is_unknown() -> None:
    made = decision()
    stale = made.numbers[0]._replace(is_stale=True)
    document = state(charging(decision=made._replace(numbers=(stale, *made.numbers[1:]))))
    assert document["mains_current_l1"] is None
    assert document["headroom_l1"] is None
    assert document["house_load_l1"] is None
    assert document["mains_current_l2"] == 21.25


def test_a_raise_is_foretold_as_time_of_day() -> None:
    assert state(charging(decision=decision()._replace(raise_in=60.0)))["expected_raise"] == "2026-09-21T14:31:00+00:00"
    assert state(charging())["expected_raise"] is None


def test_while_paused_the_next_raise_is_the_resume() -> None:
    paused = charging(decision=decision()._replace(limit=0, reason=Reason.PAUSE), expected_resume=NOW + 60)
    assert state(paused)["expected_raise"] == state(paused)["expected_resume"] == "2026-09-21T14:31:00+00:00"


def test_no_limiting_phase_is_a_word_of_its_own_in_home_assistant() -> None:
    row = announced()["components"]["limiting_phase"]
    assert row["options"] == ["none", "L1", "L2", "L3"]
    assert row["value_template"] == "{{ value_json.limiting_phase or 'none' }}"


def test_the_limit_tells_why_it_is_no_higher_now_whatever_changed_it_last() -> None:
    shown = charging(decision=decision()._replace(reason=Reason.HOUSE_LOAD))
    assert state(shown)["reason"] == "overload"
    assert state(shown)["details"]["limit"] == {
        "reason": "house_load",
        "meaning": "This is what the house leaves for the car",
    }


def test_the_next_raise_is_beside_the_limit_and_no_line_in_the_activity_of_the_device() -> None:
    components = announced()["components"]
    assert components["expected_raise"]["enabled_by_default"] is False
    template = "{{ dict(value_json.details.limit, expected_raise=value_json.expected_raise) | tojson }}"
    assert components["limit"]["json_attributes_template"] == template


def test_a_word_has_its_meaning_beside_it() -> None:
    details = state(charging())["details"]
    assert details["state"]["meaning"] == "A car charges, as fast as the fuse allows"
    assert details["reason"]["meaning"] == "Lowered because a phase is or would be over the fuse"


def test_the_last_update_is_shown_as_time_of_day() -> None:
    assert state(charging(last_telegram=NOW - 40))["last_update"] == "2026-09-21T14:29:20+00:00"


def test_a_problem_tells_its_cause_and_when_the_next_try_is() -> None:
    lost = LinkReport(Link.CHARGER, is_up=False, detail="too many calls")
    document = state(charging(problems=frozenset({Problem.CHARGER_LOST}), links=(lost,), next_try=NOW + 3600))
    assert document["charger_lost"] == "ON"
    assert document["details"]["charger_lost"] == {"detail": "too many calls", "next_try": "2026-09-21T15:30:00+00:00"}


def test_a_source_is_available_when_the_engine_trusts_it() -> None:
    assert is_available(Source.METER, charging())
    assert is_available(Source.CHARGER, charging())
    assert not is_available(Source.METER, starting())
    assert not is_available(Source.CHARGER, starting())
    assert not is_available(Source.METER, charging(problems=frozenset({Problem.METER_STALE})))
    assert not is_available(Source.CHARGER, charging(problems=frozenset({Problem.CHARGER_LOST})))


def test_problems_and_controls_depend_on_the_bridge_alone() -> None:
    for row in announced()["components"].values():
        if row["platform"] not in (Platform.SENSOR, Platform.EVENT):
            assert "availability" not in row
            assert row["platform"] == Platform.BINARY_SENSOR or row["command_topic"]


def test_a_button_shows_nothing_and_presses_what_the_set_topic_takes() -> None:
    button = announced()["components"]["learn_phases"]
    assert "value_template" not in button
    assert (button["platform"], button["payload_press"]) == ("button", "PRESS")
    assert button["command_topic"].endswith("/set/learn_phases")
    assert "learn_phases" not in state(charging())


def test_what_is_learnt_of_the_phases_is_shown_beside_its_stage() -> None:
    learnt = Pairing(LearningStage.DIFFERS, "phases learnt: …", (Phase.L2, Phase.L3, Phase.L1), 0.9959)
    document = state(charging(pairing=learnt))
    assert document["phase_learning"] == "differs"
    assert document["details"]["phase_learning"] == {
        "text": "phases learnt: …",
        "likely": 'phases = ["L2", "L3", "L1"]',
        "certainty": "99.5 %",
    }
    assert state(charging())["details"]["phase_learning"] == {"text": None, "likely": None, "certainty": None}


def test_numbers_cannot_be_turned_beyond_the_settings() -> None:
    components = announced(Installation(fuse=35.0, maximum=20))["components"]
    assert (components["mains_limit"]["min"], components["mains_limit"]["max"]) == (6, 35)
    assert (components["charger_maximum"]["min"], components["charger_maximum"]["max"]) == (6, 20)


def test_ids_depend_on_the_instance_alone() -> None:
    here = announced()
    moved = announced(topic="house/ev", discovery_prefix="ha")
    moved_host = discovery(ROWS, MqttOptions("other.local", 8883), "1.2.3")
    other = announced(instance="garage")
    unique_ids = [row["unique_id"] for row in here["components"].values()]
    assert unique_ids == [row["unique_id"] for row in moved["components"].values()]
    assert unique_ids == [row["unique_id"] for row in moved_host["components"].values()]
    assert not set(unique_ids) & {row["unique_id"] for row in other["components"].values()}
    assert len(set(unique_ids)) == len(unique_ids)
    assert here["device"]["identifiers"] != other["device"]["identifiers"]


def test_entities_of_an_earlier_version_are_named_for_removal() -> None:
    now = discovery(ROWS, OPTIONS, "1.2.3")
    earlier = {"components": {"state": {"platform": "sensor"}, "phase_of_moon": {"platform": "sensor", "name": "Moon"}}}
    removing = removals(earlier, now)
    assert removing is not None
    assert removing == {**now, "components": {"phase_of_moon": {"platform": "sensor"}}}
    assert "phase_of_moon" not in now["components"]


def test_a_number_that_only_the_new_bounds_allow_is_no_error_by_the_old_ones() -> None:
    template = announced()["components"]["charger_maximum"]["value_template"]
    assert template == "{{ value_json.charger_maximum if 6 <= value_json.charger_maximum <= 16 else 'None' }}"


def test_an_announcement_without_end_is_not_published_again_at_that_length() -> None:
    foreign = {f"moon_{number}": {"platform": "sensor"} for number in range(5000)}
    now = announced()
    removing = removals({"components": foreign}, now)
    assert removing is not None
    assert len(removing["components"]) == MOST_ANNOUNCED


@pytest.mark.parametrize(
    "earlier",
    [
        None,
        3,
        [],
        {},
        {"components": []},
        {"components": {"moon": None}},
        {"components": {"moon": {"platform": 3}}},
        {"components": {"moon": {"platform": "sen sor"}}},
        {"components": {"\ud800": {"platform": "sensor"}}},
    ],
)
def test_an_earlier_announcement_that_is_nonsense_is_passed_over(earlier: object) -> None:
    assert removals(earlier, discovery(ROWS, OPTIONS, "1.2.3")) is None


@pytest.mark.parametrize(
    "bad", [{"instance": "a/b"}, {"instance": ""}, {"topic": "a/#"}, {"topic": "$SYS"}, {"discovery_prefix": ""}]
)
def test_topics_that_cannot_be_published_to_are_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"instance|topic"):
        MqttOptions("broker", **bad)  # type: ignore[arg-type]


def test_a_password_is_not_in_the_options_that_somebody_prints() -> None:
    assert "hunter2" not in repr(MqttOptions("broker", username="me", password="hunter2"))
