"""Makes the pictures of the hours a few times smaller: tenths of a point, steps instead of places, no idle corners."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

PATH_DATA: Final = re.compile(r' d="([^"]*)"')
PART: Final = re.compile(r"[MLz]|-?\d*\.?\d+")
STRAIGHT: Final = re.compile(r"[MLz\d.\s-]*")
LINE_END: Final = re.compile(r"\n\s*")
DEFINED: Final = re.compile(
    r'<defs>\n<path id="(\w+)" (d="[^"]*") style="[^"]*"/>\n</defs>\n(<g [^>]*>)\n'
    r'<use xlink:href="#\1" x="([^"]*)" y="([^"]*)" (style="[^"]*")/>\n</g>'
)

Place: TypeAlias = tuple[int, int]
"""Tenths of a point."""


def slim(picture: Path) -> None:
    """Rewrite an SVG in place. Nothing in it moves by more than a tenth of a point."""
    text = PATH_DATA.sub(lambda found: f' d="{_slimmed(found[1])}"', picture.read_text(encoding="utf-8"))
    text = LINE_END.sub("\n", text)
    picture.write_text(DEFINED.sub(lambda found: _inline(found, text), text), encoding="utf-8")


def _inline(found: re.Match[str], text: str) -> str:
    """Draw a shape where it is used, if that is once only."""
    name, data, clip, x, y, style = found.groups()
    if text.count(f'"#{name}"') > 1:
        return found[0]
    return f'{clip}<path {data} transform="translate({x} {y})" {style}/></g>'


def _slimmed(data: str) -> str:
    """Leave anything but straight lines alone."""
    return "".join(_written(*line) for line in _lines(data)) if STRAIGHT.fullmatch(data) else data


def _lines(data: str) -> Iterator[tuple[list[Place], bool]]:
    """Yield the places of each line, and whether it is closed."""
    numbers: list[int] = []
    for part in PART.findall(data):
        if part not in {"M", "L", "z"}:
            numbers.append(round(float(part) * 10))
        elif part != "L" and numbers:
            yield list(zip(numbers[::2], numbers[1::2], strict=True)), part == "z"
            numbers = []
    if numbers:
        yield list(zip(numbers[::2], numbers[1::2], strict=True)), False


def _written(places: Sequence[Place], is_closed: bool) -> str:  # noqa: FBT001
    (x, y), *rest = _corners(places)
    steps = [f"M{_tenths(x)} {_tenths(y)}"]
    for to_x, to_y in rest:
        across, down = to_x - x, to_y - y
        if not down:
            steps.append(f"h{_tenths(across)}")
        elif not across:
            steps.append(f"v{_tenths(down)}")
        else:
            steps.append(f"l{_tenths(across)} {_tenths(down)}")
        x, y = to_x, to_y
    return "".join(steps) + "z" * is_closed


def _corners(places: Sequence[Place]) -> list[Place]:
    """Leave out what lies on the straight way from its neighbour to the next."""
    kept = list(places[:1])
    for place in places[1:]:
        if place == kept[-1]:
            continue
        if len(kept) > 1 and _is_between(kept[-2], kept[-1], place):
            kept.pop()
        kept.append(place)
    return kept


def _is_between(before: Place, place: Place, after: Place) -> bool:
    (x, y), (to_x, to_y) = (place[0] - before[0], place[1] - before[1]), (after[0] - place[0], after[1] - place[1])
    return x * to_y == y * to_x and x * to_x + y * to_y > 0


def _tenths(value: int) -> str:
    return f"{value / 10:g}"
