"""What the published words mean, for people: Home Assistant shows an enum over MQTT as it is, and translates none."""

from collections.abc import Mapping

from bridge.core.model import BridgeState, Reason

STATES: Mapping[BridgeState, str] = {
    BridgeState.STARTING: "Waiting for the first word from meter and charger",
    BridgeState.BALANCING: "A car charges, as fast as the fuse allows",
    BridgeState.PAUSED: "Not enough is left for the car; it resumes by itself",
    BridgeState.WAITING: "A car is plugged in but takes nothing",
    BridgeState.PARKED: "No car is plugged in",
    BridgeState.FALLBACK: "The meter is silent: at most the fallback current",
    BridgeState.OFF: "Balancing is switched off: at most the fallback current",
    BridgeState.STOPPED: "Charging is not allowed, or the bridge ends",
}
REASONS: Mapping[Reason, str] = {
    Reason.STARTING: "Meter or charger have not reported yet",
    Reason.MAXIMUM: "Full speed: only the settings, the circuit or the charger hold the car back",
    Reason.HOUSE_LOAD: "This is what the house leaves for the car",
    Reason.OVERLOAD: "Lowered because a phase is or would be over the fuse",
    Reason.HOLD: "Minimum current through a short overload that the fuse bears",
    Reason.PAUSE: "Paused: the fuse would not bear even the minimum current",
    Reason.RESUME: "Charging again after a quiet while",
    Reason.PARKED: "No car: a limit that the house leaves free",
    Reason.METER_STALE: "The meter is silent: at most the fallback current",
    Reason.CHARGER_LOST: "The charger or its cloud does not answer",
    Reason.RATE_LIMITED: "The cloud asked the bridge to stay away for a while",
    Reason.OTHER_CONTROLLER: "Another app or device holds the limit lower",
    Reason.BALANCING_OFF: "Balancing is switched off: at most the fallback current",
    Reason.NOT_ALLOWED: "Charging is not allowed: 0 A",
    Reason.WAKE_CAR: "A short 0 A to wake a car that did not resume",
    Reason.STOPPING: "The bridge ends: at most the fallback current",
    Reason.LEARNING: "Held down for a minute to see which phase comes up where",
}
