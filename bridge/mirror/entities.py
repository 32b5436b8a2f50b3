"""The one table of what is shown: each row yields its part of the discovery and of the state."""

from collections.abc import Callable
from enum import StrEnum

from bridge.core.model import (
    BridgeState,
    Happening,
    Installation,
    LearningStage,
    Reason,
    Snapshot,
)
from bridge.core.phases import Phase, PhaseMap
from bridge.core.wiring import line, percent
from bridge.mirror.entity import (
    AGE_BAND,
    AMPERES,
    BY_THE_MINUTE,
    CURRENT_BAND,
    DIAGNOSTIC,
    PERCENT,
    RAISE_BAND,
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
    Source,
)
from bridge.mirror.knobs import knobs
from bridge.mirror.problems import PROBLEMS
from bridge.mirror.words import REASONS, STATES

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
    return (*per_phase, *_OVERALL, *PROBLEMS, *knobs(installation))


def _phase(phase: Phase, wiring: PhaseMap) -> tuple[Entity, ...]:
    place, tail = phase.place, phase.lower()
    meter, charger = (Source.METER,), (Source.CHARGER,)

    def current(
        key: str, name: str, icon: str, value: Callable[[Snapshot], float | None], needs: tuple[Source, ...]
    ) -> Entity:
        options = {**AMPERES, "icon": icon}
        return Entity(f"{key}_{tail}", f"{name} {phase}", value, band=CURRENT_BAND, needs=needs, options=options)

    return (
        current("mains_current", "Mains current", "mdi:transmission-tower", lambda s: _mains(s, place), meter),
        current(
            "house_load",
            "House load",
            "mdi:home-lightning-bolt-outline",
            lambda s: _house_load(s, place),
            (*meter, *charger),
        ),
        current("headroom", "Headroom", "mdi:arrow-expand-vertical", lambda s: _headroom(s, place), meter),
        current("charger_draw", "Charger draw", "mdi:car-electric-outline", lambda s: _draw(s, place), charger),
        Entity(
            f"charger_limit_{tail}",
            f"Charger limit {phase}",
            lambda s: _limit_in_force(s, wiring, place),
            needs=charger,
            options={**WHOLE_AMPERES, **DIAGNOSTIC, "icon": "mdi:car-speed-limiter"},
        ),
        Entity(
            f"fuse_thermal_load_{tail}",
            f"Fuse thermal load {phase}",
            lambda s: s.decision.numbers[place].thermal_load * 100,
            band=THERMAL_BAND,
            needs=meter,
            options={**PERCENT, **DIAGNOSTIC, "icon": "mdi:fuse"},
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
    return {
        "meaning": REASONS[_reason(snapshot)],
        "text": change.text if change else None,
        "number": change.number if change else None,
    }


def _charger(snapshot: Snapshot) -> Details:
    charger = snapshot.charger
    return {
        "meaning": STATES[snapshot.state],
        "charger": charger.state if charger else None,
        "no_current": charger.no_current if charger else None,
    }


def _learning(snapshot: Snapshot) -> Details:
    pairing = snapshot.pairing
    return {
        "text": pairing.text or None,
        "likely": line(pairing.likely) if pairing.likely else None,
        "certainty": percent(pairing.certainty) if pairing.likely else None,
    }


def _expected_raise(snapshot: Snapshot) -> Moment | None:
    """The end of a pause is a raise too."""
    waits = snapshot.decision.raise_in
    return Moment.of(snapshot.expected_resume) if waits is None else Moment(snapshot.at + max(waits, 0.0))


def _age(snapshot: Snapshot) -> float | None:
    return None if snapshot.last_telegram is None else max(0.0, snapshot.at - snapshot.last_telegram)


_BESIDE_THE_LIMIT = "{{ dict(value_json.details.limit, expected_raise=value_json.expected_raise) | tojson }}"
"""As an attribute, which is no line in the activity of the device each time the house moves."""

_OVERALL = (
    Entity(
        "limit",
        "Limit",
        lambda s: s.decision.limit,
        details=lambda s: {"reason": s.decision.reason, "meaning": REASONS[s.decision.reason]},
        options={
            **WHOLE_AMPERES,
            "icon": "mdi:car-speed-limiter",
            "json_attributes_template": _BESIDE_THE_LIMIT,
        },
    ),
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
        options={
            **_enum(Phase, "mdi:sine-wave"),
            "options": ["none", *Phase],
            "value_template": "{{ value_json.limiting_phase or 'none' }}",  # that none limits is known
        },
    ),
    Entity(
        "expected_resume",
        "Expected resume",
        lambda s: Moment.of(s.expected_resume),
        band=RESUME_BAND,
        options={**TIMESTAMP, "icon": "mdi:timer-play-outline"},
    ),
    Entity(
        "expected_raise",
        "Expected raise",
        _expected_raise,
        band=RAISE_BAND,
        options={**RARELY_USED, **TIMESTAMP, "icon": "mdi:timer-plus-outline"},  # it is beside the limit already
    ),
    Entity(
        "last_update",
        "Last update",
        lambda s: Moment.of(s.last_telegram),
        band=BY_THE_MINUTE,
        options={**RARELY_USED, **TIMESTAMP},  # a line a minute in the activity of the device
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
