"""The rows of the table that can be turned or pressed."""

from collections.abc import Callable

from bridge.core.model import Control, Installation, Pace, Snapshot
from bridge.mirror.controls import PRESS, bounds
from bridge.mirror.entity import CONFIG, Entity, Options, Platform


def knobs(installation: Installation) -> tuple[Entity, ...]:
    """What the owner turns, within the bounds of settings.toml."""
    return (
        _switch(Control.BALANCING, "Balancing", lambda s: s.controls.balancing, "mdi:scale-balance"),
        _switch(
            Control.CHARGING_ALLOWED, "Charging allowed", lambda s: s.controls.charging_allowed, "mdi:battery-charging"
        ),
        Entity(
            Control.MAINS_LIMIT,
            "Mains limit",
            lambda s: s.controls.mains_limit,
            Platform.NUMBER,
            control=Control.MAINS_LIMIT,
            options={**_number(Control.MAINS_LIMIT, 0.5, installation), "icon": "mdi:fuse"},
        ),
        Entity(
            Control.CHARGER_MAXIMUM,
            "Charger maximum",
            lambda s: s.controls.charger_maximum,
            Platform.NUMBER,
            control=Control.CHARGER_MAXIMUM,
            options={**_number(Control.CHARGER_MAXIMUM, 1, installation), "icon": "mdi:ev-plug-type2"},
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
