"""The one table of what is shown: each row yields its part of the discovery and of the state."""

from collections.abc import Callable
from enum import StrEnum

from bridge.core.model import (
    BridgeState,
    Control,
    Happening,
    Installation,
    LearningStage,
    Link,
    Pace,
    Problem,
    Reason,
    Snapshot,
)
from bridge.core.phases import Phase, PhaseMap
from bridge.core.wiring import line, percent
from bridge.mirror.controls import PRESS, bounds
from bridge.mirror.entity import (
    AGE_BAND,
    AMPERES,
    BY_THE_MINUTE,
    CONFIG,
    CURRENT_BAND,
    DIAGNOSTIC,
    PERCENT,
    PROBLEM,
    RARELY_USED,
    RESUME_BAND,
    SECONDS,
    THERMAL_BAND,
    TIMESTAMP,
    WHOLE_AMPERES,
    Details,
    Entity,
    Moment,
    Options,
    Platform,
    Source,
)

EVENT_KEY = "event"
EVENT: Options = {
    "name": "Event",
    "event_types": [str(kind) for kind in Happening],
    "icon": "mdi:timeline-clock-outline",
}


def entities(installation: Installation) -> tuple[Entity, ...]:
    """All that is shown of one installation; per phase only what its settings list."""
    wiring = PhaseMap(installation.phases)
    per_phase = [row for phase in sorted(installation.phases) for row in _phase(phase, wiring)]
    return (*per_phase, *_OVERALL, *_PROBLEMS, *_controls(installation))


def _phase(phase: Phase, wiring: PhaseMap) -> tuple[Entity, ...]:
    place, tail = phase.place, phase.lower()
    meter, charger = (Source.METER,), (Source.CHARGER,)

    def current(key: str, name: str, value: Callable[[Snapshot], float | None], needs: tuple[Source, ...]) -> Entity:
        return Entity(f"{key}_{tail}", f"{name} {phase}", value, band=CURRENT_BAND, needs=needs, options=AMPERES)

    return (
        current("mains_current", "Mains current", lambda s: _mains(s, place), meter),
        current("house_load", "House load", lambda s: _house_load(s, place), (*meter, *charger)),
        current("headroom", "Headroom", lambda s: _headroom(s, place), meter),
        current("charger_draw", "Charger draw", lambda s: _draw(s, place), charger),
        Entity(
            f"charger_limit_{tail}",
            f"Charger limit {phase}",
            lambda s: _limit_in_force(s, wiring, place),
            needs=charger,
            options=WHOLE_AMPERES,
        ),
        Entity(
            f"fuse_thermal_load_{tail}",
            f"Fuse thermal load {phase}",
            lambda s: s.decision.numbers[place].thermal_load * 100,
            band=THERMAL_BAND,
            needs=meter,
            options={**PERCENT, "icon": "mdi:fuse"},
        ),
    )


def _mains(snapshot: Snapshot, place: int) -> float | None:
    numbers = snapshot.decision.numbers[place]
    return None if numbers.is_stale else numbers.mains


def _house_load(snapshot: Snapshot, place: int) -> float | None:
    numbers = snapshot.decision.numbers[place]
    return None if numbers.is_stale else numbers.house_load


def _headroom(snapshot: Snapshot, place: int) -> float | None:
    """What is left below the mains limit, which is the fuse unless the owner turned it down."""
    mains = _mains(snapshot, place)
    return None if mains is None else snapshot.controls.mains_limit - mains


def _draw(snapshot: Snapshot, place: int) -> float | None:
    known = snapshot.charger is not None and snapshot.charger.draw is not None
    return snapshot.draw[place] if known else None


def _limit_in_force(snapshot: Snapshot, wiring: PhaseMap, place: int) -> float | None:
    """Read back from the charger, on the phases of the mains."""
    if snapshot.charger is None or snapshot.charger.dynamic_current is None:
        return None
    return wiring.mains(snapshot.charger.dynamic_current)[place]


def _enum(options: type[StrEnum], icon: str) -> Options:
    return {"device_class": "enum", "options": [str(option) for option in options], "icon": icon}


def _reason(snapshot: Snapshot) -> Reason:
    return snapshot.last_change.reason if snapshot.last_change else snapshot.decision.reason


def _last_change(snapshot: Snapshot) -> Details:
    change = snapshot.last_change
    return {"text": change.text if change else None, "number": change.number if change else None}


def _charger(snapshot: Snapshot) -> Details:
    charger = snapshot.charger
    return {"charger": charger.state if charger else None, "no_current": charger.no_current if charger else None}


def _learning(snapshot: Snapshot) -> Details:
    pairing = snapshot.pairing
    return {
        "text": pairing.text or None,
        "likely": line(pairing.likely) if pairing.likely else None,
        "certainty": percent(pairing.certainty) if pairing.likely else None,
    }


def _age(snapshot: Snapshot) -> float | None:
    return None if snapshot.last_telegram is None else max(0.0, snapshot.at - snapshot.last_telegram)


_OVERALL = (
    Entity("limit", "Limit", lambda s: s.decision.limit, options=WHOLE_AMPERES),
    Entity("state", "State", lambda s: s.state, details=_charger, options=_enum(BridgeState, "mdi:ev-station")),
    Entity(
        "reason",
        "Reason of the last change",
        _reason,
        details=_last_change,
        options=_enum(Reason, "mdi:chat-question-outline"),
    ),
    Entity(
        "limiting_phase",
        "Limiting phase",
        lambda s: s.decision.phase,
        band=0,
        options=_enum(Phase, "mdi:sine-wave"),
    ),
    Entity(
        "expected_resume",
        "Expected resume",
        lambda s: Moment.of(s.expected_resume),
        band=RESUME_BAND,
        options=TIMESTAMP,
    ),
    Entity(
        "last_update",
        "Last update",
        lambda s: Moment.of(s.last_telegram),
        band=BY_THE_MINUTE,
        options={**DIAGNOSTIC, **TIMESTAMP},
    ),
    Entity("update_age", "Update age", _age, band=AGE_BAND, options={**RARELY_USED, **SECONDS}),
    Entity(
        "commands_last_hour",
        "Commands in the last hour",
        lambda s: s.commands_last_hour,
        band=1,
        options={**DIAGNOSTIC, "state_class": "measurement", "icon": "mdi:counter"},
    ),
    Entity(
        "refused",
        "Refused messages",
        lambda s: s.refused,
        band=1,
        options={**RARELY_USED, "state_class": "total_increasing", "icon": "mdi:message-off-outline"},
    ),
    Entity(
        "phase_learning",
        "Phase learning",
        lambda s: s.pairing.stage,
        details=_learning,
        options={**DIAGNOSTIC, **_enum(LearningStage, "mdi:school-outline")},
    ),
)


def _lost(snapshot: Snapshot, link: Link) -> str | None:
    lost = [report.detail for report in snapshot.links if report.link is link and not report.is_up]
    return lost[-1] if lost else None


def _problem(problem: Problem, name: str, details: Callable[[Snapshot], Details] | None = None) -> Entity:
    return Entity(
        problem, name, lambda s: problem in s.problems, Platform.BINARY_SENSOR, details=details, options=PROBLEM
    )


_PROBLEMS = (
    _problem(Problem.METER_STALE, "Meter stale", lambda s: {"detail": _lost(s, Link.METER)}),
    _problem(
        Problem.CHARGER_LOST,
        "Charger cloud lost",
        lambda s: {"detail": _lost(s, Link.CHARGER), "next_try": Moment.of(s.next_try)},
    ),
    _problem(Problem.OVERLOAD, "Overload"),
    _problem(Problem.FALLBACK, "Fallback active"),
    _problem(Problem.OTHER_CONTROLLER, "Another controller"),
    _problem(Problem.WRONG_PAIRING, "Phases paired wrongly"),
)


def _controls(installation: Installation) -> tuple[Entity, ...]:
    return (
        _switch(Control.BALANCING, "Balancing", lambda s: s.controls.balancing, "mdi:scale-balance"),
        _switch(
            Control.CHARGING_ALLOWED, "Charging allowed", lambda s: s.controls.charging_allowed, "mdi:ev-plug-type2"
        ),
        Entity(
            Control.MAINS_LIMIT,
            "Mains limit",
            lambda s: s.controls.mains_limit,
            Platform.NUMBER,
            control=Control.MAINS_LIMIT,
            options=_number(Control.MAINS_LIMIT, 0.5, installation),
        ),
        Entity(
            Control.CHARGER_MAXIMUM,
            "Charger maximum",
            lambda s: s.controls.charger_maximum,
            Platform.NUMBER,
            control=Control.CHARGER_MAXIMUM,
            options=_number(Control.CHARGER_MAXIMUM, 1, installation),
        ),
        Entity(
            Control.PACE,
            "Pace",
            lambda s: s.controls.pace,
            Platform.SELECT,
            control=Control.PACE,
            options={**CONFIG, "options": [str(pace) for pace in Pace], "icon": "mdi:speedometer"},
        ),
        Entity(
            Control.LEARN_PHASES,
            "Learn phases",
            None,
            Platform.BUTTON,
            control=Control.LEARN_PHASES,
            options={**CONFIG, "payload_press": PRESS.decode(), "icon": "mdi:school"},
        ),
    )


def _switch(control: Control, name: str, value: Callable[[Snapshot], bool], icon: str) -> Entity:
    return Entity(control, name, value, Platform.SWITCH, control=control, options={"icon": icon})


def _number(control: Control, step: float, installation: Installation) -> Options:
    lowest, highest = bounds(control, installation)
    amperes = {"device_class": "current", "unit_of_measurement": "A"}
    return {**CONFIG, **amperes, "mode": "box", "min": lowest, "max": highest, "step": step}
