"""What `simulate` tells: lines of at most 80 columns, or one JSON document."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bridge.commands.simulate_home import Home
from bridge.core.model import Pace
from bridge.simulator.closed_loop.figures import Figures
from bridge.simulator.closed_loop.recording import HELD, Recording

MINUTES_FROM = 600
"""Shorter stretches are told in seconds, s."""
Line = tuple[str, str]
"""Word, and what there is to say."""


def about(name: str, recording: Recording, house: Home) -> Iterator[Line]:
    """What is replayed, and behind which fuse."""
    start, meter = recording.start.astimezone(), recording.meter
    length = _length(recording.seconds)
    told = f"{len(recording.told)} phase{'s' * (len(recording.told) > 1)}"
    resolution = "whole A" if meter.resolution >= 1 else f"{meter.resolution:g} A"
    yield "recording", name
    yield "", f"{length} from {start:%Y-%m-%d %H:%M}, {told}, every {meter.period:.0f} s, {resolution}"
    if recording.gaps:
        times = f"{recording.gaps} longer than {HELD} s, {_length(recording.filled)} in all"
        yield "gaps", f"{times}: the last value was held"
    if recording.skipped:
        yield "skipped", f"{recording.skipped} telegrams no newer than the one before: clock set back?"
    home = house.installation
    car = f"car {house.car_phases} × at most {home.maximum} A"
    yield "house", f"fuse {home.fuse:g} A ({home.protection}), margin {home.margin:g} A, pace {home.pace}, {car}"
    yield "", house.source


def told(figures: Figures) -> Iterator[Line]:
    """One run, figure by figure."""
    share = "; the house left nothing" if figures.share is None else f", {figures.share:.0f} % of what was possible"
    yield "energy", f"{figures.energy:.2f} kWh into the car{share}"
    yield "overload", f"{figures.overload:.1f} A·s per hour over the fuse by the car"
    yield "limit", f"changed {figures.changes:.1f} times per hour"
    yield "pauses", f"{figures.pauses:.1f} per hour"
    yield "highest", f"{figures.highest:.1f} A (the house alone {figures.highest_house:.1f} A)"
    alone = f"(the house alone {figures.thermal_house:.0f} %)"
    yield "fuse", f"at most {figures.thermal:.0f} % of its thermal limit {alone}"


def compared(results: Mapping[Pace, Figures]) -> Iterator[Line]:
    """A table of the paces."""
    yield (
        "",
        f"{'energy':>10} {'possible':>9} {'over fuse':>11} {'changes':>8} {'pauses':>7} {'highest':>8} {'fuse':>6}",
    )
    for pace, figures in results.items():
        share = "–" if figures.share is None else f"{figures.share:.0f} %"
        rates = f"{figures.overload:5.1f} A·s/h {figures.changes:6.1f}/h {figures.pauses:5.1f}/h"
        yield pace, f"{figures.energy:6.1f} kWh {share:>9} {rates} {figures.highest:6.1f} A {figures.thermal:4.0f} %"


def document(
    recording: Recording, house: Home, results: Mapping[Pace, Figures], hour: datetime, picture: Path | None
) -> dict[str, Any]:
    """All of it for programs. Units: A, s, kWh, %, A·s per hour, per hour."""
    home = house.installation
    return {
        "recording": {
            "start": recording.start.isoformat(timespec="seconds"),
            "seconds": recording.seconds,
            "telegrams": recording.telegrams,
            "phases": len(recording.told),
            "gaps": recording.gaps,
            "filled": recording.filled,
            "skipped": recording.skipped,
        },
        "house": {
            "fuse": home.fuse,
            "protection": home.protection,
            "margin": home.margin,
            "maximum": home.maximum,
            "phases": house.car_phases,
        },
        "paces": {pace: _rounded(figures) for pace, figures in results.items()},
        "hour": hour.isoformat(timespec="seconds"),
        "picture": None if picture is None else str(picture),
    }


def _rounded(figures: Figures) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 3) for name, value in figures._asdict().items()}


def _length(seconds: int) -> str:
    days, minutes = divmod(round(seconds / 60), 1440)
    if seconds < MINUTES_FROM:
        return f"{seconds} s"
    return f"{f'{days} d ' if days else ''}{minutes // 60}:{minutes % 60:02} h"
