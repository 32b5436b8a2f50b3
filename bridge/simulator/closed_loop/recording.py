"""A recording of a real meter, as `ev-load-bridge record` writes it, becomes a house for the plant.

The recording is taken for the house alone: it should be made while no car charges, since whatever charged then is part
of what is replayed.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import copysign, sqrt
from pathlib import Path
from typing import Final, NamedTuple, TextIO, TypeAlias

from bridge.core.mains_estimate import NOMINAL_VOLTAGE, estimate
from bridge.core.model import PhaseReading
from bridge.errors import SettingsError
from bridge.simulator.closed_loop.controller import Triple
from bridge.simulator.closed_loop.plant import NOTHING, House
from bridge.simulator.meter import MeterKind

TIME: Final = "time"
"""ISO 8601; UTC where it does not say."""
COLUMNS: Final = tuple(f"{quantity}_l{phase}" for phase in (1, 2, 3) for quantity in ("current", "power", "voltage"))
"""A as metered, unsigned; W, import + / export −; V. Phase by phase."""
BOUNDS: Final = {"current": (0, 1000, "A"), "power": (-500_000, 500_000, "W"), "voltage": (1, 500, "V")}
"""No house has more."""
HELD = 60
"""A telegram stands for this long without being worth a word, s."""
SLOWEST = 10
"""No meter tells less often (DSMR 4), s."""
WHOLE, FINE = 1.0, 0.01
"""Resolutions of meters, A."""
DAY = 86400
LONGEST = 31 * DAY
"""A longer recording, or a clock that jumps so far, would need more memory than a small computer has, s."""
LONGEST_LINE = 2000
YEARS = range(1970, 2200)
CURE = "give a CSV that `ev-load-bridge record` wrote"

Measured: TypeAlias = tuple[float | None, float | None, float | None]
"""A, W and V of one phase; None where the meter does not say."""


class RecordingError(SettingsError):
    """The recording is unfit and a person mends it; one line with file, line, column and cure."""


class Recording(NamedTuple):
    """What a meter told, second by second."""

    house: House
    start: datetime
    """Of the first second, UTC."""
    told: tuple[int, ...]
    """Places (0 to 2) of the mains phases that the meter tells of."""
    meter: MeterKind
    """As fine and as frequent as the one that was recorded."""
    telegrams: int
    gaps: int
    """Times that no telegram came for more than 60 s."""
    filled: int
    """Seconds of those gaps; the last value was held."""
    skipped: int
    """Telegrams left out, since they are not newer than the one before."""

    @property
    def seconds(self) -> int:
        return len(self.house.active)


def read_recording(path: Path) -> Recording:
    """Read a recording. Raises RecordingError with the line and column of what is wrong, and its cure."""
    shown = path.name
    if not path.is_file():
        told = "is not a file" if path.exists() else "no such file"
        raise RecordingError([f"{path}: {told}; {CURE}"])
    try:
        with path.open(encoding="utf-8-sig") as file:
            return _Reader(shown, file).through()
    except UnicodeDecodeError:
        raise RecordingError([f"{shown}: is no UTF-8 text; {CURE}"]) from None
    except csv.Error as error:
        raise RecordingError([f"{shown}: is no CSV ({error}); {CURE}"]) from None
    except OSError as error:
        raise RecordingError([f"{path}: cannot be read ({error.strerror}); make it readable"]) from None


class _Reader:
    """Goes through a file once."""

    def __init__(self, name: str, file: TextIO) -> None:
        self._name = name
        self._csv = csv.reader(self._lines(file))
        self._layout = _Layout()

    def through(self) -> Recording:
        header = [name.strip().lower() for name in next(self._csv, [])]
        self._check(header)
        places = [header.index(name) if name in header else None for name in COLUMNS]
        when = header.index(TIME)
        for cells in self._csv:
            if not cells:
                continue
            if len(cells) != len(header):
                cure = "write commas between values and points in them"
                raise self._wrong(f"has {len(cells)} values where the header has {len(header)}; {cure}")
            values = [
                None if place is None else self._value(name, cells[place])
                for name, place in zip(COLUMNS, places, strict=True)
            ]
            time = self._time(cells[when])
            phases = [(values[first], values[first + 1], values[first + 2]) for first in (0, 3, 6)]
            if not self._layout.take(time, phases):
                cure = "remove the lines before it or after it, or record anew"
                raise self._wrong(f"is more than {LONGEST // DAY} days after the first line; {cure}", TIME)
        if not self._layout.active:
            raise RecordingError([f"{self._name}: holds no telegram; {CURE}"])
        return self._layout.recording()

    def _lines(self, file: TextIO) -> Iterator[str]:
        """Only whole lines: the last one may have been cut short when the power failed."""
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if line.endswith("\n"):
                yield line
            elif len(line) == LONGEST_LINE:
                raise RecordingError([f"{self._name}: line {number}: is too long for a telegram; {CURE}"])

    def _check(self, header: Sequence[str]) -> None:
        if TIME in header and any(name in header for name in COLUMNS):
            return
        if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
            raise self._wrong("the values are not separated by commas; save it with commas, and with points in numbers")
        missing = TIME if TIME not in header else COLUMNS[0]
        raise RecordingError([f"{self._name}: line 1: no column {missing!r} in the header; {CURE}"])

    def _value(self, name: str, text: str) -> float | None:
        if not text.strip():
            return None
        lowest, highest, unit = BOUNDS[name.partition("_")[0]]
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if lowest <= value <= highest:
            return value
        cure = "correct the line or remove it"
        raise self._wrong(f"{text[:40]!r} is no number from {lowest} to {highest} {unit}; {cure}", name)

    def _time(self, text: str) -> datetime:
        try:
            time = datetime.fromisoformat(text.strip())
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (ValueError, OverflowError):
            time = datetime.min.replace(tzinfo=UTC)
        if time.year in YEARS:
            return time
        raise self._wrong(f"{text[:40]!r} is no time like 2026-03-01T18:00:00Z; correct the line or remove it", TIME)

    def _wrong(self, what: str, column: str = "") -> RecordingError:
        place = f"line {self._csv.line_num}"
        return RecordingError(
            [f"{self._name}: {place}, {column}: {what}" if column else f"{self._name}: {place}: {what}"]
        )


class _Layout:
    """Lays telegrams out over seconds; each phase keeps its value until it is told another."""

    def __init__(self) -> None:
        self.active: list[Triple] = []
        self._reactive: list[Triple] = []
        self._start = self._newest = datetime.min.replace(tzinfo=UTC)
        self._told: set[int] = set()
        self._steps: Counter[int] = Counter()
        self._is_fine = self._has_voltage = False
        self._telegrams = self._gaps = self._filled = self._skipped = 0

    def take(self, time: datetime, phases: Sequence[Measured]) -> bool:
        """Take one telegram. False where it is too far from the first one."""
        if all(current is None and power is None for current, power, _ in phases):
            return True
        if not self.active:
            self._start = time
        elif time <= self._newest:
            self._skipped += 1
            return True
        second = round((time - self._start).total_seconds())
        if second >= LONGEST:
            return False
        self._reach(second)
        self._newest = time
        self._telegrams += 1
        self.active[-1], self._reactive[-1] = self._flows(phases)
        return True

    def _reach(self, second: int) -> None:
        """Hold the last value up to this second. A second telegram within one second takes the place of the first."""
        missing = second + 1 - len(self.active)
        if self.active and missing:
            self._steps[missing] += 1
        if self.active and missing > HELD:
            self._gaps += 1
            self._filled += missing
        self.active.extend([self.active[-1] if self.active else NOTHING] * missing)
        self._reactive.extend([self._reactive[-1] if self._reactive else NOTHING] * missing)

    def _flows(self, phases: Sequence[Measured]) -> tuple[Triple, Triple]:
        active, reactive = [*self.active[-1]], [*self._reactive[-1]]
        for place, (metered, power, voltage) in enumerate(phases):
            self._is_fine = self._is_fine or (metered is not None and not metered.is_integer())
            self._has_voltage = self._has_voltage or voltage is not None
            reading = estimate(metered, power, voltage, meter_is_fine=self._is_fine)
            if reading is not None:
                self._told.add(place)
                active[place], reactive[place] = flow(reading)
        return (active[0], active[1], active[2]), (reactive[0], reactive[1], reactive[2])

    def recording(self) -> Recording:
        (period, _), *_ = self._steps.most_common(1) or [(1, 0)]
        resolution = FINE if self._is_fine else WHOLE
        return Recording(
            House(self.active, self._reactive),
            self._start,
            tuple(sorted(self._told)),
            MeterKind(float(min(period, SLOWEST)), resolution, has_voltage=self._has_voltage),
            self._telegrams,
            self._gaps,
            self._filled,
            self._skipped,
        )


def flow(reading: PhaseReading) -> tuple[float, float]:
    """Active (signed) and reactive current of one phase, A: together as large as metered. All active without power."""
    if reading.power is None:
        return reading.current, 0.0
    magnitude = max(abs(reading.current), reading.metered or 0.0)
    active = min(abs(reading.power) / (reading.voltage or NOMINAL_VOLTAGE), magnitude)
    return copysign(active, reading.power), sqrt(max(magnitude**2 - active**2, 0.0))
