"""What must hold whatever came in."""

import json
import logging
import math
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from bridge.core.model import Installation, Snapshot
from bridge.errors import BridgeError, SettingsError
from bridge.runtime import logs

LONGEST_LINE = 700
"""Letters of one line in the log or of one error; whatever a device sent, it is cut."""
PLAIN = frozenset({int, str, bool, type(None)})
SECRET = "correct-horse-battery-staple"


class BrokenPromiseError(AssertionError):
    """Not a crash, and as bad as one."""


def hold(promise: object, what: str) -> None:
    if not promise:
        raise BrokenPromiseError(what)


def is_a_line(text: str) -> None:
    """One line, bounded, without the secret."""
    hold(len(text.splitlines()) <= 1, f"more than one line: {text[:80]!a}")
    hold(len(text) <= LONGEST_LINE, f"{len(text)} letters: {text[:80]!a}")
    hold(SECRET not in text, f"tells the secret: {text[:80]!a}")


def is_an_expected(error: BridgeError) -> None:
    for line in error.problems if isinstance(error, SettingsError) else (str(error),):
        is_a_line(line)


def is_finite(value: Any, path: str = "snapshot") -> None:
    """No NaN and no infinity anywhere inside."""
    kind = type(value)
    if kind in PLAIN:
        return
    if kind is float:
        hold(math.isfinite(value), f"{path} is {value}")
    elif isinstance(value, tuple | frozenset):
        for place, each in enumerate(value):
            is_finite(each, f"{path}[{place}]")
    elif is_dataclass(value):
        for field in fields(value):
            is_finite(getattr(value, field.name), f"{path}.{field.name}")


def is_within(snapshot: Snapshot, house: Installation) -> None:
    """Nothing above settings, in what is decided, ordered, and where the knobs stand."""
    decision, knobs = snapshot.decision, snapshot.controls
    hold(decision.limit == 0 or house.minimum <= decision.limit <= house.maximum, f"limit {decision.limit}")
    hold(0 <= knobs.mains_limit <= house.fuse, f"mains limit {knobs.mains_limit}")
    hold(knobs.charger_maximum == 0 or house.minimum <= knobs.charger_maximum <= house.maximum, "charger maximum")
    hold(isinstance(knobs.balancing, bool) and isinstance(knobs.charging_allowed, bool), "a switch that is none")
    if decision.command is not None:
        currents = decision.command.currents
        hold(all(type(a) is int and 0 <= a <= house.maximum for a in currents), f"orders {currents}")
        hold(0 <= decision.command.time_to_live <= 30, f"lives {decision.command.time_to_live}")
    is_finite(decision, "decision")


def as_json(text: str) -> Any:
    """What a strict reader at the other end makes of it; paho encodes it before."""

    def refuse(word: str) -> None:
        raise BrokenPromiseError(f"{word} in JSON")

    hold(len(text.encode()) < 131_072, "a document that our own gate would not let in")
    return json.loads(text, parse_constant=refuse)


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs._LineFormatter("%(message)s"))
        self.said: list[tuple[str, bool]] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = self.format(record) if record.exc_info else self.formatter.formatMessage(_filled(record))
        self.said.append((told, bool(record.exc_info)))


def _filled(record: logging.LogRecord) -> logging.LogRecord:
    record.message = record.getMessage()
    return record


_EAR = _Ear()


@contextmanager
def listening() -> Iterator[None]:
    """What is logged meanwhile is one bounded line each, and no traceback."""
    logger = logging.getLogger("bridge")
    before = logger.propagate, logger.level
    logger.addHandler(_EAR)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    _EAR.said.clear()
    try:
        yield
    finally:
        logger.removeHandler(_EAR)
        logger.propagate = before[0]
        logger.setLevel(before[1])
    for text, is_traceback in _EAR.said:
        hold(not is_traceback, f"a bug was swallowed: {text[-300:]}")
        is_a_line(text)


def signature(error: BaseException) -> str:
    """What two cases with the same cause have in common."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/bridge/" in frame.filename] or frames
    what = re.sub(r"\d+", "…", str(error).partition(":")[0])[:40] if isinstance(error, BrokenPromiseError) else ""
    return f"{type(error).__name__} {ours[-1].filename.rpartition('/bridge/')[2]}:{ours[-1].name} {what}".strip()
