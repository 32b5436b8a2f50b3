"""Puts together what there is to show."""

from math import inf

from bridge.core.journal import Journal
from bridge.core.limit import Frame, resumes_in
from bridge.core.model import (
    BridgeState,
    Controls,
    Decision,
    Instant,
    Link,
    NoCurrent,
    Pairing,
    Problem,
    Reason,
    Snapshot,
)
from bridge.core.orders import Orders
from bridge.core.perception import Perception

BY_REASON = {
    Reason.STARTING: BridgeState.STARTING,
    Reason.METER_STALE: BridgeState.FALLBACK,
    Reason.BALANCING_OFF: BridgeState.OFF,
    Reason.NOT_ALLOWED: BridgeState.STOPPED,
    Reason.STOPPING: BridgeState.STOPPED,
    Reason.PARKED: BridgeState.PARKED,
}


def snapshot(  # noqa: PLR0913 it gathers everything there is
    decision: Decision,
    known: Perception,
    orders: Orders,
    controls: Controls,
    journal: Journal,
    *,
    frame: Frame,
    pairing: Pairing,
    is_wrong_pairing: bool,
    is_undercut: bool,
    refused: int,
    now: Instant,
) -> Snapshot:
    """Everything there is to show, as one value."""
    return Snapshot(
        state=_state(decision, known),
        decision=decision,
        charger=known.report,
        draw=known.draws.newest,
        limit_in_force=orders.in_force,
        controls=controls,
        problems=_problems(decision, known, orders, is_undercut=is_undercut, now=now)
        | ({Problem.WRONG_PAIRING} if is_wrong_pairing else frozenset()),
        links=tuple(known.links.values()),
        last_telegram=known.freshness.newest,
        telegram_period=known.freshness.period,
        commands_last_hour=orders.budget.in_last_hour(now),
        expected_resume=_expected_resume(decision, known, frame, now),
        last_change=journal.last_change,
        events=tuple(journal.events),
        refused=refused,
        at=now,
        pairing=pairing,
        next_try=orders.open_until if now < orders.open_until else None,
    )


def _state(decision: Decision, known: Perception) -> BridgeState:
    state = BY_REASON.get(decision.reason)
    if state is not None:
        return state
    if not known.session.is_plugged:
        return BridgeState.PARKED
    if decision.limit == 0:
        return BridgeState.PAUSED
    return BridgeState.BALANCING if known.session.is_drawing() else BridgeState.WAITING


def _problems(
    decision: Decision, known: Perception, orders: Orders, *, is_undercut: bool, now: Instant
) -> frozenset[Problem]:
    report = known.report
    charger = known.links.get(Link.CHARGER)
    is_down = charger is not None and not charger.is_up
    has_no_cloud = report is not None and report.cloud_connected is False
    has_equalizer = report is not None and report.no_current is NoCurrent.EQUALIZER
    own = None if report is None else report.dynamic_charger_current
    is_held = own is not None and own < decision.limit and known.session.is_plugged
    found = {
        Problem.METER_STALE: any(numbers.is_stale and numbers.is_used for numbers in decision.numbers),
        Problem.CHARGER_LOST: is_down or has_no_cloud or orders.is_lost(now, is_live=known.is_live),
        Problem.OVERLOAD: known.is_overloaded(now),
        Problem.FALLBACK: decision.reason is Reason.METER_STALE,
        Problem.OTHER_CONTROLLER: is_undercut or is_held or has_equalizer or orders.is_contested(now),
    }
    return frozenset(problem for problem, is_there in found.items() if is_there)


def _expected_resume(decision: Decision, known: Perception, frame: Frame, now: Instant) -> Instant | None:
    if decision.reason is not Reason.PAUSE:
        return None
    waits = resumes_in(known.lines(known.session.used(now)), frame, now)
    return None if waits == inf else now + max(waits, 0.0)
