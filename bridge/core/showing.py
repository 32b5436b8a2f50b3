"""One word for what the bridge is doing."""

from bridge.core.model import BridgeState, Decision, Reason

BY_REASON = {
    Reason.STARTING: BridgeState.STARTING,
    Reason.METER_STALE: BridgeState.FALLBACK,
    Reason.BALANCING_OFF: BridgeState.OFF,
    Reason.NOT_ALLOWED: BridgeState.STOPPED,
    Reason.STOPPING: BridgeState.STOPPED,
    Reason.PARKED: BridgeState.PARKED,
}


def bridge_state(decision: Decision, *, is_plugged: bool, is_drawing: bool) -> BridgeState:
    """The state behind a decision."""
    state = BY_REASON.get(decision.reason)
    if state is not None:
        return state
    if not is_plugged:
        return BridgeState.PARKED
    if decision.limit == 0:
        return BridgeState.PAUSED
    return BridgeState.BALANCING if is_drawing else BridgeState.WAITING
