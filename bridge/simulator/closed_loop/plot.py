"""Pictures of an hour: what the mains carried against the fuse, and what the car was allowed and took.

Needs matplotlib, the extra `plot`, and only while it draws. The same hours make the same file, byte for byte.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from itertools import accumulate, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.core.model import Reason
from bridge.core.phases import Phase

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SECONDS = 3600
"""Length of the telling hour."""
STEP = 1.0
"""A by which something has happened; less is flicker."""
GRAIN = 0.1
"""A that nobody sees; what changes by less stands still, so that files stay small."""
DAY = 86400
PHASE_COLOURS: Final = dict(zip(Phase, ("#0072B2", "#CC79A7", "#009E73"), strict=True))
"""Okabe and Ito: told apart by every kind of eye, as are all colours here."""
OVER, INK, CAR, GRID = "#D55E00", "#222222", "#8b99a7", "#e4e4e4"
REASON_COLOURS: Final[Mapping[Reason, str]] = {
    Reason.MAXIMUM: "#b8e0c2",
    Reason.HOUSE_LOAD: "#cfe6f5",
    Reason.RESUME: "#7fc3ea",
    Reason.HOLD: "#f7e06e",
    Reason.OVERLOAD: "#f0a35e",
    Reason.PAUSE: "#ecbcd8",
    Reason.CHARGER_LOST: "#b9a7d9",
    Reason.RATE_LIMITED: "#b9a7d9",
    Reason.METER_STALE: "#b0a070",
}
OTHER = "#d9d9d9"
STYLE: Final = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9,
    "path.simplify_threshold": 0.4,
    "svg.fonttype": "none",
    "svg.hashsalt": "ev-load-bridge",
}
LEGEND: Final[Mapping[str, Any]] = {
    "frameon": False,
    "fontsize": 8.5,
    "handlelength": 1.3,
    "handletextpad": 0.5,
    "columnspacing": 1.3,
    "borderaxespad": 0,
    "borderpad": 0,
}
WIDTH, DOTS_PER_INCH = 8.0, 150
"""Inches; the dots are those of a PNG."""
PATH_DATA: Final = re.compile(rb' d="[^"]*"')
NEEDLESS: Final = re.compile(rb"(\.\d\d)\d+| *\n")


class Hour(NamedTuple):
    """What is drawn: one value a second, of an hour or any other stretch."""

    start: int
    """Second of the day of the first value."""
    mains: Sequence[Sequence[float]]
    """Signed A on L1 to L3, the car included."""
    fuse: float
    """A per phase."""
    limit: Sequence[float]
    """What the car was allowed, A."""
    draw: Sequence[float]
    """What the car took on its highest phase, A."""
    reasons: Sequence[Reason] | None
    """Why; None where a controller gives none."""
    title: str
    """One line or two, the figures among them."""


def telling_hour(house: Sequence[Sequence[float]], fuse: float, maximum: float) -> int:
    """Find the hour in which most happens; return its first second, a full minute after the first.

    `house` is the signed current of the phases that the car uses, without it, A, a row a second. Counted are the
    changes of 1 A and more of what the house leaves to the car, between 0 and its maximum.
    """
    changes, before = [0.0], None
    for row in house:
        free = min(max(fuse - max(row), 0.0), maximum)
        change = 0.0 if before is None else abs(free - before)
        if before is None or change >= STEP:
            before = free
        changes.append(change if change >= STEP else 0.0)
    until = list(accumulate(changes))
    starts = range(0, max(len(house) - SECONDS, 0) + 1, 60)
    return max(starts, key=lambda start: (until[min(start + SECONDS, len(house))] - until[start], -start))


def save(hours: Sequence[Hour], path: Path) -> None:
    """Draw one hour, or several below each other. Raises as `write` does."""
    height = 4.3 if len(hours) == 1 else 3.4
    write(path, 0.7 + height * len(hours), lambda figure: _draw(figure, hours))


def write(path: Path, height: float, draw: Callable[["Figure"], None]) -> None:
    """Write what is drawn as SVG or PNG by the name of the file, so many inches high.

    Raises OSError where it cannot be written, ModuleNotFoundError without matplotlib, ValueError for another ending.
    """
    from matplotlib import rc_context  # noqa: PLC0415 an extra, and slow to load
    from matplotlib.figure import Figure  # noqa: PLC0415

    kind = path.suffix.lower().removeprefix(".")
    if kind not in {"svg", "png"}:
        raise ValueError(f"{path.name}: a picture is .svg or .png")
    picture = BytesIO()
    with rc_context(STYLE):  # type: ignore[arg-type]  # its stubs list every key
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(picture, format=kind, dpi=DOTS_PER_INCH, facecolor="white", metadata=metadata)
    path.write_bytes(PATH_DATA.sub(_rounded, picture.getvalue()) if kind == "svg" else picture.getvalue())


def _rounded(data: re.Match[bytes]) -> bytes:
    """Leave hundredths of a point: nobody sees less."""
    return NEEDLESS.sub(rb"\1", data.group())


def _draw(figure: "Figure", hours: Sequence[Hour]) -> None:
    foot = 0.4 if len(hours) == 1 else 0.7
    *rows, last = figure.subplots(2 * len(hours) + 1, 1, height_ratios=[3.0, 2.0] * len(hours) + [foot])
    for hour, upper, lower in zip(hours, rows[::2], rows[1::2], strict=True):
        draw_mains(upper, hour)
        draw_limit(lower, hour)
        for axes in (upper, lower):
            dress(axes, hour)
        upper.tick_params(labelbottom=False, bottom=False)
        upper.set_title(hour.title, loc="left", fontsize=10, linespacing=1.4)
    explain(last, hours)


def draw_mains(axes: "Axes", hour: Hour) -> None:
    for phase in Phase:
        seconds, amperes = corners([row[phase.place] for row in hour.mains])
        axes.plot(seconds, amperes, color=PHASE_COLOURS[phase], linewidth=1.1, alpha=0.9)
    highest = [max(row) for row in hour.mains]
    for seconds in _runs([current > hour.fuse for current in highest]):
        over = [highest[second] for second in seconds for _ in (0, 1)]
        edges = [second + side for second in seconds for side in (-0.5, 0.5)]
        axes.fill_between(edges, hour.fuse, over, color=OVER, linewidth=0.8, alpha=0.85, zorder=3)
    axes.axhline(hour.fuse, color=OVER, linewidth=1.4, linestyle=(0, (6, 2)), zorder=4)
    axes.annotate(
        f"fuse\n{hour.fuse:g} A",
        (1, hour.fuse),
        (5, 0),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        color=OVER,
        va="center",
        weight="bold",
        annotation_clip=False,
    )
    lowest = min(0.0, *(min(row) for row in hour.mains))
    axes.set_ylim(lowest * 1.05, max(hour.fuse * 1.2, *(current * 1.04 for current in highest)))
    axes.set_ylabel("mains [A]")


def draw_limit(axes: "Axes", hour: Hour) -> None:
    for reason, start, stop in _bands(hour.reasons or ()):
        axes.axvspan(start, stop, color=REASON_COLOURS.get(reason, OTHER), linewidth=0, zorder=0)
    seconds, draw = corners(hour.draw)
    axes.fill_between(seconds, 0, draw, color=CAR, linewidth=0, zorder=2)
    seconds, limit = corners(hour.limit)
    axes.plot(seconds, limit, color=INK, linewidth=1.4, drawstyle="steps-post", zorder=3)
    axes.set_ylim(0, max(*hour.limit, *hour.draw, 8.0) * 1.3)
    axes.set_ylabel("car [A]")


def dress(axes: "Axes", hour: Hour) -> None:
    """Give it the time of day below, and a quiet grid."""
    length = max(len(hour.mains), 60)
    step = 600 if length > SECONDS // 3 else 60 * (1 + length // 600)
    ticks = range(-hour.start % step, length + 1, step)
    axes.set_xlim(0, length)
    axes.set_xticks(list(ticks), [_clock(hour.start + tick) for tick in ticks])
    axes.grid(color=GRID, linewidth=0.6, zorder=1)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _clock(second: int) -> str:
    return f"{second % DAY // 3600:02}:{second % 3600 // 60:02}"


def explain(axes: "Axes", hours: Sequence[Hour]) -> None:
    """Fill the strip at the foot: a legend of what is drawn, and one of the reasons that occur."""
    from matplotlib.legend import Legend  # noqa: PLC0415
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    drawn: list[Artist] = [
        *(Line2D([], [], color=colour, linewidth=1.8, label=phase) for phase, colour in PHASE_COLOURS.items()),
        Patch(color=OVER, alpha=0.85, linewidth=0, label="over the fuse"),
        Line2D([], [], color=INK, linewidth=1.4, label="limit"),
        Patch(color=CAR, linewidth=0, label="the car takes"),
    ]
    occurring = {reason for hour in hours for reason in hour.reasons or ()}
    reasons: list[Artist] = [
        Patch(color=REASON_COLOURS.get(reason, OTHER), linewidth=0, label=reason.value.replace("_", " "))
        for reason in Reason
        if reason in occurring
    ]
    axes.set_axis_off()
    for handles, edge in ((drawn, 9), (reasons, 8)):  # upper and lower centre
        labels = [str(handle.get_label()) for handle in handles]
        axes.add_artist(Legend(axes, handles, labels, loc=edge, ncols=max(len(handles), 1), **LEGEND))


def corners(values: Sequence[float]) -> tuple[list[int], list[float]]:
    """Seconds and values of a line without what nobody sees: flicker, and what lies on a level."""
    levels = list(accumulate(map(float, values), _held))
    last = len(levels) - 1
    kept = [at for at in range(len(levels)) if at in {0, last} or not levels[at - 1] == levels[at] == levels[at + 1]]
    return kept, [levels[at] for at in kept]


def _held(level: float, value: float) -> float:
    return value if abs(value - level) >= GRAIN else level


def _runs(flags: Iterable[bool]) -> Iterable[list[int]]:
    """Seconds on end at which it is so."""
    for is_so, run in groupby(enumerate(flags), key=lambda pair: pair[1]):
        if is_so:
            yield [second for second, _ in run]


def _bands(reasons: Sequence[Reason]) -> Iterable[tuple[Reason, int, int]]:
    """Give each stretch of one reason: from which second, until before which."""
    start = 0
    for reason, run in groupby(reasons):
        stop = start + len(list(run))
        yield reason, start, stop
        start = stop
