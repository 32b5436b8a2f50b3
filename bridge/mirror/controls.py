"""What arrives on a set-topic → the turn of a knob, never outside what settings.toml allows."""

import re

from bridge.core.model import Control, ControlChange, Installation, LearnBy, Pace
from bridge.errors import MalformedReadingError

SWITCHES = {b"ON": True, b"OFF": False}
PRESS = b"PRESS"
NUMBER = re.compile(rb"[0-9]{1,4}(\.[0-9]{1,6})?")
SHOWN = 40


def bounds(control: Control, installation: Installation) -> tuple[float, float]:
    """Lowest and highest value that a number takes, A."""
    highest = installation.maximum if control is Control.CHARGER_MAXIMUM else installation.fuse
    return min(installation.minimum, highest), highest


def control_change(name: str, payload: bytes, installation: Installation) -> ControlChange:
    """The knob `name` turned. Raises MalformedReadingError, whose detail tells what may be sent."""
    try:
        control = Control(name)
    except ValueError:
        raise _refused(name, payload, f"the controls are {', '.join(Control)}") from None
    match control:
        case Control.BALANCING | Control.CHARGING_ALLOWED:
            return ControlChange(control, _switch(control, payload))
        case Control.PACE:
            return ControlChange(control, _pace(payload))
        case Control.MAINS_LIMIT:
            return ControlChange(control, _number(control, payload, installation))
        case Control.CHARGER_MAXIMUM:
            return ControlChange(control, _whole_number(control, payload, installation))
        case Control.LEARN_PHASES:
            if payload != PRESS:
                raise _refused(control, payload, "send PRESS")
            return ControlChange(control, LearnBy.START)


def _switch(control: Control, payload: bytes) -> bool:
    if payload not in SWITCHES:
        raise _refused(control, payload, "send ON or OFF")
    return SWITCHES[payload]


def _pace(payload: bytes) -> Pace:
    try:
        return Pace(payload.decode())
    except ValueError:  # bytes that are no text are one too
        raise _refused(Control.PACE, payload, f"send {', '.join(Pace)}") from None


def _number(control: Control, payload: bytes, installation: Installation) -> float:
    lowest, highest = bounds(control, installation)
    if not NUMBER.fullmatch(payload) or not lowest <= float(payload) <= highest:
        raise _refused(control, payload, f"send a number from {lowest:g} to {highest:g}")
    return float(payload)


def _whole_number(control: Control, payload: bytes, installation: Installation) -> int:
    value = _number(control, payload, installation)
    if not value.is_integer():
        raise _refused(control, payload, "send whole amperes")
    return int(value)


def _refused(name: str, payload: bytes, cure: str) -> MalformedReadingError:
    sent = payload[:SHOWN].decode(errors="replace")
    return MalformedReadingError("mqtt", f"refused {sent!a} for {name[:SHOWN]!a}: {cure}")
