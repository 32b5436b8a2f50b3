"""What happened, line by line: decisions, comings and goings in the house, the log."""

import re
import time
from collections import deque
from enum import Enum
from typing import Final, NamedTuple

from rich.text import Text

from bridge.commands.live import colours

KEPT = 200
SAME_WITHIN = 10.0
"""The same line by two roads (MQTT and the log) arrives within this, s."""
_CHANGE = re.compile(r"limit (\d+|\?) → (\d+) A")


class Kind(Enum):
    """What sort of line it is: its sign and its colour."""

    LOWERED = ("▼", colours.LOWERED)
    RAISED = ("▲", colours.RAISED)
    PAUSED = ("■", colours.OVER)
    RESUMED = ("▶", colours.RAISED)
    WARNING = ("!", colours.OVER)
    HOUSE = ("⌂", colours.HOUSE)
    LOG = ("·", colours.QUIET)


class Item(NamedTuple):
    """One line."""

    at: float
    """Unix seconds."""
    kind: Kind
    text: str


class News:
    """The newest lines, oldest first. `count` counts all there ever were."""

    def __init__(self) -> None:
        self.items: deque[Item] = deque(maxlen=KEPT)
        self.count = 0

    def add(self, at: float, text: str, kind: Kind | None = None) -> None:
        """Take a line, unless it was told just before. Without a kind, changes of the limit are told by their words."""
        if any(each.text == text and at - each.at < SAME_WITHIN for each in self.items):
            return
        self.items.append(Item(at, kind or kind_of(text), text))
        self.count += 1

    def since(self, count: int) -> list[Item]:
        """The lines added after there had been so many."""
        new = min(self.count - count, len(self.items))
        return list(self.items)[len(self.items) - new :]


def kind_of(text: str) -> Kind:
    change = _CHANGE.match(text)
    if change is None:
        return Kind.LOG
    before, after = change.groups()
    if after == "0":
        return Kind.PAUSED
    if before == "0":
        return Kind.RESUMED
    return Kind.RAISED if before != "?" and int(after) > int(before) else Kind.LOWERED


def line(item: Item, *, is_new: bool = True) -> Text:
    """One line for the screen; what is not new any more steps back."""
    sign, colour = item.kind.value
    body = colours.QUIET if item.kind in _ASIDE else ""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {clock(item.at)} ", colours.QUIET)
    text.append(f"{sign} ", colour)
    text.append(item.text, body if is_new else "dim")
    return text


def clock(at: float) -> str:
    """Time of day where the terminal stands."""
    return time.strftime("%H:%M:%S", time.localtime(at))


_ASIDE: Final = frozenset({Kind.LOG, Kind.HOUSE})
