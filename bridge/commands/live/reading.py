"""Reads the state document that a bridge publishes, whatever is missing or wrong in it."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from bridge.core.model import BridgeState, Problem
from bridge.core.phases import Phase

Document: TypeAlias = Mapping[str, Any]
"""The JSON of the state topic; keys as in `bridge.mirror.entities`."""


class PhaseReading(NamedTuple):
    """One mains phase; None where the bridge does not know. A."""

    mains: float | None = None
    house: float | None = None
    car: float | None = None
    free: float | None = None
    limit: float | None = None
    thermal: float | None = None
    """Share of the thermal limit of the fuse, 1.0 = it would go."""


class Reading(NamedTuple):
    """What the view shows of a bridge."""

    phases: tuple[PhaseReading, PhaseReading, PhaseReading]
    state: str
    """A BridgeState, or what a newer bridge calls it."""
    limit: float | None
    change: str
    """The newest change of the limit in one line; empty before the first."""
    change_number: int
    """Counts up with each change, 0 before the first."""
    commands: int | None
    """In the last hour."""
    pace: str
    resumes_at: float | None
    """Unix seconds, while paused."""
    problems: tuple[Problem, ...]
    controls: "Controls"


class Controls(NamedTuple):
    """How the owner's knobs stand; None where the bridge does not say."""

    balancing: bool | None
    charging_allowed: bool | None
    mains_limit: float | None
    """A per phase."""
    charger_maximum: float | None
    """A."""


def reading(document: Document) -> Reading:
    """Read one document. Never raises: what is not there or not of its kind is unknown."""
    change = _of(_of(document, "details"), "reason")
    return Reading(
        phases=(_phase(document, Phase.L1), _phase(document, Phase.L2), _phase(document, Phase.L3)),
        state=words(document.get("state")) or BridgeState.STARTING,
        limit=_number(document, "limit"),
        change=words(change.get("text")),
        change_number=int(_number(change, "number") or 0),
        commands=None if (count := _number(document, "commands_last_hour")) is None else int(count),
        pace=words(document.get("pace")),
        resumes_at=_moment(document.get("expected_resume")),
        problems=tuple(problem for problem in Problem if document.get(problem) == "ON"),
        controls=Controls(
            balancing=_switch(document, "balancing"),
            charging_allowed=_switch(document, "charging_allowed"),
            mains_limit=_number(document, "mains_limit"),
            charger_maximum=_number(document, "charger_maximum"),
        ),
    )


def words(text: object) -> str:
    """Text that is safe on a terminal: who may write to the broker may have written anything."""
    return "".join(sign if sign.isprintable() else "�" for sign in str(text or ""))


def _phase(document: Document, phase: Phase) -> PhaseReading:
    tail = phase.lower()
    thermal = _number(document, f"fuse_thermal_load_{tail}")
    return PhaseReading(
        mains=_number(document, f"mains_current_{tail}"),
        house=_number(document, f"house_load_{tail}"),
        car=_number(document, f"charger_draw_{tail}"),
        free=_number(document, f"headroom_{tail}"),
        limit=_number(document, f"charger_limit_{tail}"),
        thermal=None if thermal is None else thermal / 100,
    )


def _of(document: Document, key: str) -> Document:
    inner = document.get(key)
    return inner if isinstance(inner, dict) else {}


def _switch(document: Document, key: str) -> bool | None:
    return {"ON": True, "OFF": False}.get(str(document.get(key)))


def _number(document: Document, key: str) -> float | None:
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _moment(text: object) -> float | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
