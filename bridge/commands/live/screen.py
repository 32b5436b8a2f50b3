"""The whole picture for a terminal of any size from 60 × 16 up: bars, facts, history, news."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from bridge.commands.live import colours
from bridge.commands.live.history import History
from bridge.commands.live.news import News, line
from bridge.commands.live.panels import FUSE, history_panel, mains_panel
from bridge.commands.live.reading import Reading
from bridge.core.model import BridgeState, Problem

STATE_COLOURS = {
    BridgeState.BALANCING.value: colours.CAR,
    BridgeState.PAUSED.value: colours.FUSE,
    BridgeState.FALLBACK.value: colours.OVER,
    BridgeState.STOPPED.value: colours.OVER,
    "offline": colours.OVER,
    "no broker": colours.OVER,
}
WORD_WIDTH = 9
"""Of the word before a fact."""
NEW = 3
"""So many lines of the news stand out."""
THICK_FROM = 34
"""Rows of a terminal from which a bar is two rows thick."""


class Scene(NamedTuple):
    """Everything the picture shows."""

    reading: Reading
    history: History
    news: News
    fuse: float
    """A."""
    title: str
    """Stands at the right of the first line."""
    facts: Sequence[tuple[str, str | Text]] = ()
    """A word and what there is to say, besides what the bridge says of itself."""
    footer: Sequence[str] = ()
    time: float = 0.0
    """Unix seconds."""
    mark: str = FUSE
    """What the line in the bars is."""


class Plan(NamedTuple):
    """How the rows are shared out."""

    bar: int
    """Rows of one bar."""
    area: int
    """Rows of one phase's history; 0 leaves it out."""
    news: int


def picture(scene: Scene, width: int, height: int, *, has_colours: bool = True) -> RenderableType:
    """Draw the scene into this many columns and rows."""
    facts = [
        *(_fact(word, Text(said) if isinstance(said, str) else said) for word, said in scene.facts),
        _fact("bridge", _bridge(scene)),
    ]
    plan = plan_for(height, len(facts) + len(scene.footer) + 1)
    parts: list[RenderableType] = [_header(scene, width)]
    parts.append(
        mains_panel(scene.reading, scene.fuse, width, plan.bar, has_colours=has_colours, mark=scene.mark),
    )
    parts.extend(facts)
    if plan.area:
        parts.append(history_panel(scene.history, scene.fuse, width, plan.area, has_colours=has_colours))
    parts.extend(_news(scene.news, plan.news))
    parts.extend(Text(f" {text}", colours.QUIET, no_wrap=True, overflow="ellipsis") for text in scene.footer)
    return Group(*parts)


def plan_for(height: int, lines: int) -> Plan:
    """Share out the rows; `lines` of them are taken by single lines of text."""
    bar = 2 if height >= THICK_FROM else 1
    left = height - lines - 3 * bar - 3
    for area in (6, 5, 4, 3, 2):
        news = left - 3 * area - 2
        if news >= area + 2:
            return Plan(bar, area, news)
    return Plan(bar, 0, max(left, 1))


def _header(scene: Scene, width: int) -> Text:
    reading = scene.reading
    text = Text(no_wrap=True).append(" EV Load Bridge ", "bold")
    text.append(f" {reading.state.upper()} ", f"bold reverse {STATE_COLOURS.get(reading.state, colours.HOUSE)}")
    if reading.limit is not None:
        text.append("  limit ", colours.QUIET)
        text.append(f"{reading.limit:.0f} A", "bold")
    text.append(" " * max(width - text.cell_len - len(scene.title) - 1, 1))
    text.append(scene.title, colours.QUIET)
    text.truncate(width)
    return text


def _bridge(scene: Scene) -> Text:
    reading = scene.reading
    text = Text(reading.change or "waits for meter and charger")
    if reading.resumes_at is not None and reading.resumes_at > scene.time:
        text.append(f" · resumes in {reading.resumes_at - scene.time:.0f} s")
    for problem in reading.problems:
        if problem is not Problem.OVERLOAD:  # the bars show it
            text.append(f" · {problem.replace('_', ' ')}", colours.OVER)
    return text


def _fact(word: str, said: Text) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    return text.append(f" {word:<{WORD_WIDTH}}", colours.QUIET).append_text(said)


def _news(news: News, rows: int) -> list[Text]:
    items = list(news.items)[-rows:]
    lines = [line(item, is_new=len(items) - place <= NEW) for place, item in enumerate(items)]
    return [*lines, *(Text() for _ in range(rows - len(lines)))]
