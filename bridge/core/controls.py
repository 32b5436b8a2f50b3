"""The owner's knobs, always within settings.toml."""

from dataclasses import replace
from math import isfinite

from bridge.core.model import Control, ControlChange, Controls, Installation, Pace


def initial(installation: Installation) -> Controls:
    """Where the knobs stand when nobody has turned them."""
    return Controls(installation.fuse, installation.maximum, installation.pace)


def within(controls: Controls, installation: Installation) -> Controls:
    """The same, brought back into what settings.toml allows."""
    maximum = min(max(controls.charger_maximum, 0), installation.maximum)
    mains_limit = controls.mains_limit if isfinite(controls.mains_limit) else installation.fuse
    return replace(
        controls,
        mains_limit=min(max(mains_limit, 0.0), installation.fuse),
        charger_maximum=maximum if maximum >= installation.minimum else 0,
    )


def turned(controls: Controls, change: ControlChange, installation: Installation) -> Controls:
    """One knob turned. Raises ValueError on a value that is not of the knob's kind."""
    match change.control, change.value:
        case Control.BALANCING, bool(value):
            turned = replace(controls, balancing=value)
        case Control.CHARGING_ALLOWED, bool(value):
            turned = replace(controls, charging_allowed=value)
        case Control.PACE, Pace() as value:
            turned = replace(controls, pace=value)
        case (Control.MAINS_LIMIT, bool()) | (Control.CHARGER_MAXIMUM, bool()):
            raise ValueError("needs a number")
        case _, float(value) if not isfinite(value):
            raise ValueError("needs a number")
        case Control.MAINS_LIMIT, float(value) | int(value):
            turned = replace(controls, mains_limit=float(value))
        case Control.CHARGER_MAXIMUM, float(value) | int(value):
            turned = replace(controls, charger_maximum=int(value))
        case _:
            raise ValueError("is of the wrong kind")
    return within(turned, installation)
