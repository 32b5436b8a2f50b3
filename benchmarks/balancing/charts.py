"""Two charts: energy over set-points, and energy over overload. Needs matplotlib, and only while it draws.

The same figures make the same file, byte for byte.
"""

import re
from collections.abc import Sequence
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.balancing.contestants import CLAIRVOYANT, NORMAL, OURS, SKETCHES
from benchmarks.balancing.results import Results
from bridge.simulator.closed_loop.plot import GRID, INK, NEEDLESS, PATH_DATA, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

SIZE = (8.0, 5.6)
"""Inches."""
LOW = 84.0
"""% of energy at the foot of the charts; who has less stands at the foot, with its figure."""
SHOWN = {**STYLE, "font.size": 8.5}
OURS_COLOUR, SKETCH_COLOUR, RIVAL_COLOUR = "#0072B2", "#009E73", "#D55E00"
DISTANCES: Final = (9, 17, 27, 39)
"""Points from a mark to its name; the nearest that is free is taken."""
DIRECTIONS: Final = ((1, 0), (-1, 0), (0.6, 1), (0.6, -1), (-0.6, 1), (-0.6, -1), (0, 1), (0, -1))


class Mark(NamedTuple):
    name: str
    x: float
    energy: float
    overload: float

    @property
    def colour(self) -> str:
        if self.name in OURS.values():
            return OURS_COLOUR
        return SKETCH_COLOUR if self.name in SKETCHES else RIVAL_COLOUR

    @property
    def place(self) -> tuple[float, float]:
        return self.x, max(self.energy, LOW)

    @property
    def label(self) -> str:
        return self.name if self.energy >= LOW else f"{self.name} ({self.energy:.0f} %)"

    @property
    def size(self) -> float:
        """Area in square points: by what it overloads."""
        return 14.0 + min(self.overload, 2000.0) * 0.16


def frontier(found: Results, limit: Sequence[tuple[float, float]], path: Path) -> None:
    """Draw each controller below the curve of what is possible."""
    names = [name for name in found if name != CLAIRVOYANT and found[name].mean("set_points") > 0]
    marks = [_mark(found, name, "set_points") for name in names]
    lines = [(list(zip(*limit, strict=True)), INK, "clairvoyant, never over the fuse")] if limit else []
    _save(marks, "set-points per hour (the larger the mark, the more A·s/h over the fuse)", lines, path)


def tradeoff(found: Results, path: Path) -> None:
    """Draw the three paces among the others."""
    marks = [_mark(found, name, "overload") for name in found if name != CLAIRVOYANT]
    paces = [mark.place for mark in marks if mark.name in OURS.values()]
    _save(marks, "A·s per hour over the fuse", [(list(zip(*paces, strict=True)), OURS_COLOUR, "")], path)


def _mark(found: Results, name: str, figure: str) -> Mark:
    result = found[name]
    overload = result.mean("overload")
    return Mark(name, result.mean(figure), result.mean("energy"), overload if figure != "overload" else 200.0)


Line = tuple[list[tuple[float, ...]], str, str]


def _save(marks: Sequence[Mark], head: str, lines: Sequence[Line], path: Path) -> None:
    from matplotlib import rc_context  # noqa: PLC0415 an extra, and slow to load
    from matplotlib.figure import Figure  # noqa: PLC0415

    picture, kind = BytesIO(), path.suffix.removeprefix(".")
    with rc_context(SHOWN):  # type: ignore[arg-type]  # its stubs list every key
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
        for (xs, ys), colour, label in lines:
            axes.plot(xs, ys, color=colour, linewidth=1.3, label=label, zorder=2)
        for mark in marks:
            axes.scatter(*mark.place, mark.size, mark.colour, alpha=0.75, linewidth=0, zorder=3)
        _dress(axes, head)
        if any(label for _, _, label in lines):
            axes.legend(frameon=False, loc="lower right")
        figure.draw_without_rendering()
        _name(figure, axes, marks)
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(picture, format=kind, dpi=150, facecolor="white", metadata=metadata)
    path.write_bytes(PATH_DATA.sub(_rounded, picture.getvalue()) if kind == "svg" else picture.getvalue())


def _rounded(data: re.Match[bytes]) -> bytes:
    return NEEDLESS.sub(rb"\1", data.group())


def _dress(axes: "Axes", head: str) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(head)
    axes.set_ylabel("energy, % of what was possible")
    axes.set_ylim(LOW - 0.8, None)
    axes.margins(x=0.16, y=0.08)
    axes.grid(color=GRID, linewidth=0.6, zorder=1)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _name(figure: "Figure", axes: "Axes", marks: Sequence[Mark]) -> None:
    """Write each name beside its mark, where it covers no other mark and no name; ours first."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    measure = FigureCanvasAgg(figure).get_renderer().get_text_width_height_descent  # type: ignore[no-untyped-call]
    dots, taken = figure.dpi / 72.0, [_around(axes, mark, figure.dpi / 72.0) for mark in marks]
    line = {"arrowstyle": "-", "color": "#999999", "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
    for mark in sorted(marks, key=lambda mark: (mark.colour != OURS_COLOUR, mark.x)):
        weight = "bold" if mark.name == NORMAL else "normal"
        text = axes.annotate(mark.label, mark.place, (0, 0), textcoords="offset points", weight=weight, arrowprops=line)
        wide, high, _ = measure(mark.label, text.get_fontproperties(), ismath=False)
        spots = []
        for distance, (across, up) in product(DISTANCES, DIRECTIONS):
            box = _beside(axes, mark, (across * distance * dots, up * distance * dots), (wide, high))
            covered = sum(_shared(box, other) for other in taken) + _outside(box, axes.bbox)
            spots.append((round(covered), (across * distance, up * distance), box))
        _, offset, box = min(spots, key=lambda spot: spot[0])
        text.set(position=offset, ha="left" if offset[0] > 0 else "right" if offset[0] < 0 else "center", va="center")
        taken.append(box)


def _around(axes: "Axes", mark: Mark, dots: float) -> "Bbox":
    from matplotlib.transforms import Bbox  # noqa: PLC0415

    (x, y), half = axes.transData.transform(mark.place), mark.size**0.5 / 2 * dots
    return Bbox.from_extents(x - half, y - half, x + half, y + half)


def _beside(axes: "Axes", mark: Mark, offset: tuple[float, float], size: tuple[float, float]) -> "Bbox":
    """Box of a name that stands off its mark by so many dots."""
    from matplotlib.transforms import Bbox  # noqa: PLC0415

    (x, y), (across, up), (wide, high) = axes.transData.transform(mark.place), offset, size
    left = x + across - wide * (0.0 if across > 0 else 1.0 if across < 0 else 0.5)
    return Bbox.from_extents(left - 2, y + up - high / 2, left + wide + 2, y + up + high / 2)


def _shared(one: "Bbox", other: "Bbox") -> float:
    """Area that both cover, square dots."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return float(max(wide, 0.0) * max(high, 0.0))


def _outside(box: "Bbox", frame: "Bbox") -> float:
    return float(box.width * box.height) - _shared(box, frame)
