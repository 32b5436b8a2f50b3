"""One thing that was checked."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """How it stands."""

    GOOD = "ok"
    CAUTION = "caution"
    """Works, but somebody should know."""
    BAD = "bad"
    """Must be mended."""


class Check(NamedTuple):
    """What was looked at, what was seen, and what to do about it."""

    mark: Mark
    subject: str
    seen: str
    cure: str = ""
    """Empty where there is nothing to do, or where `seen` already says it."""


def good(subject: str, seen: str) -> Check:
    return Check(Mark.GOOD, subject, seen)


def caution(subject: str, seen: str, cure: str = "") -> Check:
    return Check(Mark.CAUTION, subject, seen, cure)


def bad(subject: str, seen: str, cure: str = "") -> Check:
    return Check(Mark.BAD, subject, seen, cure)


def must_mend(checks: Iterable[Check]) -> bool:
    """Whether a person must act."""
    return any(check.mark is Mark.BAD for check in checks)
