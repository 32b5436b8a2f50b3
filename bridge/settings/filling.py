"""Fills values into the text of a settings file: comments, order and what else stands there stay. Pure."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

from bridge.errors import SettingsError
from bridge.settings.keys import Key, Table, drop, put

Value: TypeAlias = str | bool | int | float | Sequence[str]
_TABLE: Final = re.compile(r"\s*\[\s*([A-Za-z0-9_.\s-]+?)\s*\]\s*(?:#.*)?$")
_ANY_TABLE: Final = re.compile(r"\s*\[")


def fill(text: str, changes: Mapping[Key, Value | None]) -> str:
    """Set these keys, or take them out where the value is None.

    Raises SettingsError where the file is laid out so that this cannot be done without touching anything else.
    """
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    for key, value in changes.items():
        _fill(lines, key, value)
    after = "".join(lines)
    if _read(after) != expected(text, changes):
        raise SettingsError(
            ["the settings file is laid out unusually and cannot be changed: move it away and run setup again"]
        )
    return after


def expected(text: str, changes: Mapping[Key, Value | None]) -> Table:
    """What the text says with these changes. Raises tomllib.TOMLDecodeError where it is no TOML."""
    values: Table = deepcopy(tomllib.loads(text.removeprefix("\ufeff")))
    for key, value in changes.items():
        if value is None:
            drop(values, key)
        else:
            put(values, key, value if isinstance(value, str | bool | int | float) else list(value))
    return values


def written(value: Value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(value)
    return f"[{', '.join(written(each) for each in value)}]"


def _fill(lines: list[str], key: Key, value: Value | None) -> None:
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    start, end = _section(lines, key[:-1])
    if start is None:
        if value is not None:
            _append(lines, key, value, ending)
        return
    name = re.escape(key[-1])
    active = _first(lines, re.compile(rf"\s*{name}\s*="), start, end)
    if active is not None:
        last = _last_line(lines, active, end)
        comment = _comment(lines[active]) if last == active + 1 else ""
        lines[active:last] = [] if value is None else [f"{key[-1]} = {written(value)}{comment}{ending}"]
    elif value is not None:
        commented = _first(lines, re.compile(rf"\s*#\s*{name}\s*="), start, end)
        place = start if commented is None else commented + 1
        if not lines[place - 1].endswith("\n"):
            lines[place - 1] += ending
        lines.insert(place, f"{key[-1]} = {written(value)}{ending}")


def _section(lines: list[str], table: Key) -> tuple[int | None, int]:
    """The lines of a table: the one below its head, and the one above the next."""
    start: int | None = None
    for number, line in enumerate(lines):
        if start is not None and _ANY_TABLE.match(line):
            return start, number
        found = _TABLE.match(line.rstrip("\r\n"))
        if start is None and found and tuple(part.strip() for part in found[1].split(".")) == table:
            start = number + 1
    return start, len(lines)


def _append(lines: list[str], key: Key, value: Value, ending: str) -> None:
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    lines += [ending, f"[{'.'.join(key[:-1])}]{ending}", f"{key[-1]} = {written(value)}{ending}"]


def _first(lines: list[str], pattern: re.Pattern[str], start: int, end: int) -> int | None:
    return next((number for number in range(start, end) if pattern.match(lines[number])), None)


def _last_line(lines: list[str], start: int, end: int) -> int:
    """Where a value that may go over several lines is over."""
    for last in range(start + 1, end + 1):
        if _read("".join(lines[start:last])) is not None:
            return last
    return start + 1


def _comment(line: str) -> str:
    """What is remarked behind a value, with the space before it."""
    for found in re.finditer(r"\s*#", line):
        if _read(line[: found.start()]) is not None:
            return line[found.start() :].rstrip("\r\n")
    return ""


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
