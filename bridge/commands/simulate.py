"""`ev-load-bridge simulate`: what would have happened, by a recording of the real meter."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.progress import Progress

from bridge.commands.lines import say
from bridge.commands.simulate_home import Home, Wishes, home
from bridge.commands.simulate_words import about, compared, document, told
from bridge.core.model import Pace, Reason
from bridge.core.thermal import fuse_model
from bridge.errors import SettingsError
from bridge.runtime.logs import complain
from bridge.simulator.car import CarModel
from bridge.simulator.closed_loop.bridge import Bridge
from bridge.simulator.closed_loop.controller import Order, Site
from bridge.simulator.closed_loop.figures import Figures, judge, mains, ordered
from bridge.simulator.closed_loop.plant import HARD, Course, Plant, run
from bridge.simulator.closed_loop.plot import DAY, SECONDS, Hour, save, telling_hour
from bridge.simulator.closed_loop.recording import Recording, read_recording

__all__ = ["Wishes", "simulate"]

CLOUD: Final = replace(HARD, outages_per_day=0.0)
"""A tail of slow orders, one in a hundred lost, late reports; outages would say more of chance than of the settings."""
SEED = 1
TICK = 600
"""Seconds of the recording from one move of the bar to the next."""


class Run(NamedTuple):
    """One pace from the first second of the recording to the last."""

    pace: Pace
    course: Course
    reasons: list[Reason]
    figures: Figures


def simulate(
    csv: Path, out: Path | None, wishes: Wishes, start: datetime | time | None, *, is_compared: bool, is_json: bool
) -> int:
    """Replay, tell and draw; 1 where only the picture failed. Raises SettingsError."""
    recording = read_recording(csv)
    picture = _picture(csv, out)
    house = home(wishes, recording)
    plant = _plant(house, recording)
    first = _first_second(recording, plant, house.installation.fuse, start)
    if not is_json:
        for line in about(csv.name, recording, house):
            say(*line)
    paces = tuple(Pace) if is_compared else (house.installation.pace,)
    runs = _runs(recording, house, plant, paces)
    results = {each.pace: each.figures for each in runs}
    if not is_json:
        for line in compared(results) if is_compared else told(runs[0].figures):
            say(*line)
    is_drawn = _draw([_hour(recording, plant, house, each, first) for each in runs], picture)
    when = (recording.start + timedelta(seconds=first)).astimezone()
    if is_json:
        shown = picture if is_drawn else None
        print(json.dumps(document(recording, house, results, when, shown), indent=2, ensure_ascii=False))  # noqa: T201
    elif is_drawn:
        say("picture", f"{picture} (from {when:%H:%M on} {when.day} {when:%B})")
    return 0 if is_drawn else 1


def _picture(csv: Path, out: Path | None) -> Path:
    """Decide where the picture goes, never over the recording."""
    picture = out or csv.with_suffix(".svg")
    if picture.suffix.lower() not in {".svg", ".png"}:
        raise SettingsError([f"--out: {picture} is neither .svg nor .png; name it so"])
    if picture == csv or (picture.exists() and csv.exists() and picture.samefile(csv)):
        raise SettingsError([f"--out: {picture} is the recording itself; name another file"])
    return picture


def _plant(house: Home, recording: Recording) -> Plant:
    installation = house.installation
    return Plant(
        meter=recording.meter,
        cloud=CLOUD,
        car=CarModel(phases=house.car_phases, maximum=installation.maximum, minimum=installation.minimum),
        wiring=tuple(phase.place for phase in installation.phases),
        maximum=installation.maximum,
    )


def _first_second(recording: Recording, plant: Plant, fuse: float, start: datetime | time | None) -> int:
    """Where the hour to draw begins: as wished, in local time, else the telling one. A full hour, if there is one."""
    if start is None:
        alone = mains(recording.house, None)
        return telling_hour([[row[place] for place in plant.used] for row in alone], fuse, plant.maximum)
    exactly = recording.start.astimezone()
    begin = exactly.replace(second=0, microsecond=0)
    if isinstance(start, datetime):
        wished = start if start.tzinfo else start.replace(tzinfo=begin.tzinfo)
        second = (wished - begin).total_seconds()
    else:
        wished = begin.replace(hour=start.hour, minute=start.minute, second=start.second)
        second = (wished - begin).total_seconds() % DAY
    if not 0 <= second < recording.seconds:
        covered = f"{begin:%Y-%m-%dT%H:%M} to {begin + timedelta(seconds=recording.seconds):%Y-%m-%dT%H:%M}"
        raise SettingsError([f"--start: not in the recording, which covers {covered}; give a time between these"])
    return min(max(round(second) - exactly.second, 0), max(recording.seconds - SECONDS, 0))


class _Watched(Bridge):
    """Remembers why, and moves the bar."""

    def watch(self, tick: Callable[[], object]) -> list[Reason]:
        self._tick = tick
        self._reasons: list[Reason] = []
        return self._reasons

    def decide(self, now: float) -> Order | None:
        order = super().decide(now)
        if self.decision is not None:
            self._reasons.append(self.decision.reason)
        if now % TICK == 0:
            self._tick()
        return order


def _runs(recording: Recording, house: Home, plant: Plant, paces: Sequence[Pace]) -> list[Run]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("replaying", total=recording.seconds * len(paces))
        return [_run(recording, house, plant, pace, lambda: progress.advance(bar, TICK)) for pace in paces]


def _run(recording: Recording, house: Home, plant: Plant, pace: Pace, tick: Callable[[], object]) -> Run:
    installation = replace(house.installation, pace=pace)
    site = Site(installation.fuse, installation.maximum, plant.wiring)
    bridge = _Watched(site, is_fine=recording.meter.resolution < 1, home=installation)
    reasons = bridge.watch(tick)
    course = run(recording.house, plant, bridge, SEED)
    fuse = fuse_model(installation.fuse, installation.protection)
    return Run(pace, course, reasons, judge(recording.house, plant, course, fuse))


def _hour(recording: Recording, plant: Plant, house: Home, each: Run, first: int) -> Hour:
    stop = min(first + SECONDS, recording.seconds)
    when = (recording.start + timedelta(seconds=first)).astimezone()
    figures, installation = each.figures, house.installation
    share = "" if figures.share is None else f", {figures.share:.0f} % of what was possible"
    return Hour(
        start=when.hour * 3600 + when.minute * 60 + when.second,
        mains=mains(recording.house, each.course.draw, first, stop),
        fuse=installation.fuse,
        limit=ordered(each.course, plant)[first:stop],
        draw=[max(row) for row in each.course.draw[first:stop]],
        reasons=each.reasons[first:stop],
        title=(
            f"{when.day} {when:%B %Y}, pace {each.pace}, margin {installation.margin:g} A\n"
            f"whole recording: {figures.energy:.1f} kWh{share}, "
            f"{figures.overload:.1f} A·s/h over the fuse, {figures.changes:.1f} changes/h"
        ),
    )


def _draw(hours: Sequence[Hour], picture: Path) -> bool:
    try:
        save(hours, picture)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        complain(["the plot needs matplotlib: pip install 'ev-load-bridge[plot]'"])
    except OSError as error:
        complain([f"{picture}: cannot be written ({error.strerror}); name another file with --out"])
    else:
        return True
    return False
