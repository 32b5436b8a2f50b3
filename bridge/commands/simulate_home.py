"""What `simulate` is told of the house: options first, then settings.toml where there is one, then defaults."""

import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bridge.core.model import Installation, Pace
from bridge.core.phases import Phase
from bridge.errors import SettingsError
from bridge.settings import find_config, load
from bridge.simulator.closed_loop.recording import Recording

MAXIMUM = 16
"""Where nobody says, A."""
ALL = tuple(Phase)


class Wishes(NamedTuple):
    """Options of the command line; None where left out. A."""

    fuse: float | None = None
    margin: float | None = None
    maximum: int | None = None
    phases: int | None = None
    """Of the car."""
    pace: Pace | None = None
    config: Path | None = None


class Home(NamedTuple):
    """The house and its car."""

    installation: Installation
    car_phases: int
    source: str
    """Which settings were used, or why none, in a few words."""


def home(wishes: Wishes, recording: Recording) -> Home:
    """Put together what is known. Raises SettingsError with one line on what is missing or cannot be."""
    found, source = _settings(wishes)
    fuse = wishes.fuse or (found.fuse if found else None)
    if fuse is None:
        raise SettingsError(
            [f"--fuse: is missing ({source}); give what is printed on the fuse, for instance --fuse 25"]
        )
    given = {name: value for name in ("margin", "pace") if (value := getattr(wishes, name)) is not None}
    maximum = wishes.maximum or (found.maximum if found else MAXIMUM)
    wired = found.phases if found else ALL
    if not found and wishes.phases is None and len(recording.told) == 1:
        wired = (ALL[recording.told[0]],)
    based_on = found or Installation(fuse, maximum)
    installation = replace(based_on, fuse=fuse, maximum=min(maximum, int(fuse)), phases=wired, dry_run=False, **given)
    _check(installation)
    car_phases = wishes.phases or len(wired)
    _check_phases(wired, car_phases, recording)
    return Home(installation, car_phases, source)


def _settings(wishes: Wishes) -> tuple[Installation | None, str]:
    """Load what there is. Settings that nobody asked for need not be complete."""
    try:
        settings = load(wishes.config, os.environ)
    except SettingsError:
        if wishes.config is not None:
            raise
        try:
            path = find_config(None, os.environ)
        except SettingsError:
            return None, "no settings found"
        return None, f"{path} is not filled in or not readable"
    return settings.installation(), f"rest from {settings.path}"


def _check(installation: Installation) -> None:
    fuse, margin = installation.fuse, installation.margin
    if margin >= fuse:
        raise SettingsError(
            [f"--margin: {margin:g} A is not below the fuse of {fuse:g} A; give less, usually 0.1 to 1"]
        )
    if installation.maximum < installation.minimum:
        told = f"{installation.maximum} A is less than the car charges with ({installation.minimum} A)"
        raise SettingsError([f"--maximum: {told}; give more"])


def _check_phases(wired: tuple[Phase, ...], car_phases: int, recording: Recording) -> None:
    if car_phases not in {1, 3}:
        raise SettingsError([f"--phases: {car_phases} is neither 1 nor 3; give what the car charges with"])
    if car_phases > len(wired):
        raise SettingsError(["--phases: the charger is wired to one phase (charger.phases); give --phases 1"])
    silent = [phase for phase in wired[:car_phases] if phase.place not in recording.told]
    if silent:
        told = ", ".join(ALL[place] for place in recording.told)
        cure = "give --phases 1" if car_phases > 1 else f"set charger.phases to {told}"
        raise SettingsError([f"--phases: the recording tells of {told} only; {cure}"])
