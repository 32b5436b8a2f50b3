"""The dashboard and the blueprints name what the bridge announces, and need nothing from elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from mirror.snapshots import HOME, charging

from bridge.mirror.entities import entities
from bridge.mirror.options import MqttOptions
from bridge.mirror.payloads import discovery, values
from bridge.mirror.words import REASONS, STATES

DOCS = Path(__file__).parents[2] / "docs"
DASHBOARD = DOCS / "home-assistant" / "dashboard.yaml"
BLUEPRINTS = sorted((DOCS / "home-assistant" / "blueprints").glob("*.yaml"))
CORE_CARDS = {"heading", "markdown", "tile", "gauge", "history-graph", "logbook", "grid", "entity", "sections"}
ENTITY = re.compile(r"\b(?:sensor|binary_sensor|switch|number|select|button|event)\.ev_load_bridge_\w*[a-z0-9]\b")


ATTRIBUTE = re.compile(r"state_attr\('\w+\.ev_load_bridge_(\w+)', '(\w+)'\)")


class Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Takes Home Assistant's own tag as the name of the input."""


Loader.add_constructor("!input", lambda loader, node: f"!input {loader.construct_scalar(node)}")


def components() -> dict[str, Any]:
    found: dict[str, Any] = discovery(entities(HOME), MqttOptions("broker"), "1.2.3")["components"]
    return found


def announced() -> set[str]:
    return {row["default_entity_id"] for row in components().values()}


def parsed(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 a safe loader with one tag more


def cards(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key in ("cards", "sections", "views", "badges"):
            for card in node.get(key, []):
                yield card["type"]
                yield from cards(card)


@pytest.mark.parametrize("path", [DASHBOARD, *BLUEPRINTS, DOCS / "home-assistant.md"], ids=lambda path: path.name)
def test_every_entity_that_is_named_is_announced_and_not_disabled(path: Path) -> None:
    named = set(ENTITY.findall(path.read_text(encoding="utf-8")))
    disabled = {row["default_entity_id"] for row in components().values() if row.get("enabled_by_default") is False}
    assert named
    assert named <= announced() - disabled


@pytest.mark.parametrize("path", [DASHBOARD, DOCS / "home-assistant.md"], ids=lambda path: path.name)
def test_every_attribute_that_is_asked_for_is_told(path: Path) -> None:
    asked = ATTRIBUTE.findall(path.read_text(encoding="utf-8"))
    told = values(entities(HOME), charging())
    assert asked
    for key, name in asked:
        assert f"{key}.{name}" in told or f" {name}=" in components()[key]["json_attributes_template"]


def test_the_dashboard_is_made_of_core_cards_alone() -> None:
    assert set(cards(parsed(DASHBOARD))) <= CORE_CARDS


def test_the_dashboard_shows_every_problem_with_its_cause() -> None:
    problems = {key for key, row in components().items() if row["platform"] == "binary_sensor"}
    markdown = next(
        card for card in parsed(DASHBOARD)["views"][0]["sections"][0]["cards"] if card["type"] == "markdown"
    )
    assert set(re.findall(r"\('(\w+)', '(?:error|warning)'\)", markdown["content"])) == problems
    conditions = markdown["visibility"][0]["conditions"]
    shown = {each["entity"].removeprefix("binary_sensor.ev_load_bridge_") for each in conditions}
    assert shown - {"sensor.ev_load_bridge_state"} == problems


def inputs(node: Any) -> Iterator[str]:
    match node:
        case dict():
            for value in node.values():
                yield from inputs(value)
        case list():
            for value in node:
                yield from inputs(value)
        case str() if node.startswith("!input "):
            yield node.removeprefix("!input ")


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.name)
def test_a_blueprint_uses_each_input_it_asks_for_and_no_other(path: Path) -> None:
    blueprint = parsed(path)
    assert blueprint["blueprint"]["domain"] == "automation"
    assert set(inputs(blueprint)) == blueprint["blueprint"]["input"].keys()


def test_the_page_explains_every_state_and_reason_as_home_assistant_shows_it() -> None:
    page = (DOCS / "home-assistant.md").read_text(encoding="utf-8")
    for word, meaning in [*STATES.items(), *REASONS.items()]:
        assert f"| `{word}` | {meaning} |" in page
