"""What the owner fills in: settings.toml, the environment and systemd credentials, checked as a whole."""

from bridge.settings.finding import find_config
from bridge.settings.loading import load
from bridge.settings.model import Settings
from bridge.settings.sections import Balancing, Charger, Easee, Level, Log, Mains, Mqtt, SensorNames, Slimmelezer

__all__ = [
    "Balancing",
    "Charger",
    "Easee",
    "Level",
    "Log",
    "Mains",
    "Mqtt",
    "SensorNames",
    "Settings",
    "Slimmelezer",
    "find_config",
    "load",
]
