"""The rows of the table that say what is wrong, each with its cause and what helps beside it."""

from collections.abc import Callable, Mapping

from bridge.core.model import Link, NoCurrent, PhaseNumbers, Problem, Snapshot
from bridge.core.phases import Phase
from bridge.core.wiring import line
from bridge.mirror.entity import PROBLEM, Details, Entity, Moment, Platform

# Causes hold no number that moves by itself: each change is told, and a recorder keeps it.


def _lost(snapshot: Snapshot, link: Link) -> str | None:
    lost = [report.detail for report in snapshot.links if report.link is link and not report.is_up]
    return lost[-1] if lost else None


def _phases(snapshot: Snapshot, chosen: Callable[[PhaseNumbers], bool]) -> str:
    return ", ".join(phase for phase in Phase if chosen(snapshot.decision.numbers[phase.place]))


def _meter_stale(snapshot: Snapshot) -> str:
    silent = _phases(snapshot, lambda numbers: numbers.is_stale and numbers.is_used)
    return _lost(snapshot, Link.METER) or (
        f"connected, but nothing fresh of {silent or 'the mains'}: look at the cable between meter and reader"
    )


def _charger_lost(snapshot: Snapshot) -> str:
    told = _lost(snapshot, Link.CHARGER)
    if told:
        return told
    if snapshot.charger and snapshot.charger.cloud_connected is False:
        return "the charger itself has no connection to its cloud: look at its WLAN or SIM card"
    return "orders are not carried out: look at the charger in its own app"


def _overload(snapshot: Snapshot) -> str:
    limit = snapshot.controls.mains_limit
    over = _phases(snapshot, lambda numbers: numbers.mains is not None and numbers.mains > limit)
    where = f"{over} carries" if over else "a phase carried"
    if snapshot.decision.limit == 0:
        return f"{where} more than {limit:g} A although the car is paused: switch something off"
    return f"{where} more than {limit:g} A: the car is slowed down, nothing to do unless it lasts"


def _fallback(snapshot: Snapshot) -> str:
    return f"blind, so at most {snapshot.decision.limit} A: {_meter_stale(snapshot)}"


def _other_controller(snapshot: Snapshot) -> str:
    charger = snapshot.charger
    if charger and charger.no_current is NoCurrent.EQUALIZER:
        return "an Equalizer holds the charger back: let only one of the two balance"
    in_force, wanted = snapshot.limit_in_force, snapshot.decision.limit
    if in_force is not None and in_force < wanted:
        return f"somebody holds the limit at {in_force} A: look for smart charging in other apps"
    return "somebody keeps changing the limit: look for smart charging in other apps"


def _wrong_pairing(snapshot: Snapshot) -> str:
    likely = snapshot.pairing.likely
    seen = f"{line(likely)} fits better what was seen" if likely else "what was seen does not fit the settings"
    return f"{seen}: press Learn phases while a car charges, then change [charger] in settings.toml"


CAUSES: Mapping[Problem, Callable[[Snapshot], str]] = {
    Problem.METER_STALE: _meter_stale,
    Problem.CHARGER_LOST: _charger_lost,
    Problem.OVERLOAD: _overload,
    Problem.FALLBACK: _fallback,
    Problem.OTHER_CONTROLLER: _other_controller,
    Problem.WRONG_PAIRING: _wrong_pairing,
}


def cause(problem: Problem, snapshot: Snapshot) -> str | None:
    """One line with what helps; None while there is no such problem."""
    return CAUSES[problem](snapshot) if problem in snapshot.problems else None


def _details(problem: Problem, snapshot: Snapshot) -> Details:
    if problem is Problem.CHARGER_LOST:
        return {"detail": cause(problem, snapshot), "next_try": Moment.of(snapshot.next_try)}
    return {"detail": cause(problem, snapshot)}


def _problem(problem: Problem, name: str) -> Entity:
    return Entity(
        problem,
        name,
        lambda s: problem in s.problems,
        Platform.BINARY_SENSOR,
        details=lambda s: _details(problem, s),
        options=PROBLEM,
    )


PROBLEMS = (
    _problem(Problem.METER_STALE, "Meter stale"),
    _problem(Problem.CHARGER_LOST, "Charger cloud lost"),
    _problem(Problem.OVERLOAD, "Overload"),
    _problem(Problem.FALLBACK, "Fallback active"),
    _problem(Problem.OTHER_CONTROLLER, "Another controller"),
    _problem(Problem.WRONG_PAIRING, "Phases paired wrongly"),
)
