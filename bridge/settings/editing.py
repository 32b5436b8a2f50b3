"""Changes one line of settings.toml: comments, order, mode and owner stay as they are."""

import os
import re
import tempfile
import tomllib
from pathlib import Path

from bridge.core.phases import Phase
from bridge.core.wiring import line
from bridge.errors import SettingsError

TABLE = re.compile(r"\s*\[")
CHARGER = re.compile(r"\s*\[\s*charger\s*\]\s*(#.*)?$")
PHASES = re.compile(r"(\s*phases\s*=\s*)\[[^\]#]*\](.*)$")
COMMENTED = re.compile(r"\s*#\s*phases\s*=")


def write_phases(path: Path, phases: tuple[Phase, ...]) -> None:
    """Set charger.phases in a settings file, all at once or not at all.

    Raises SettingsError with the line to write by hand where the file is laid out otherwise or cannot be written.
    """
    by_hand = f"write it by hand, under [charger]: {line(phases)}"
    try:
        before = path.read_bytes().decode()
        after = _with_phases(before, phases)
        if not _differs_in_phases_alone(before, after, phases):
            raise SettingsError([f"{path}: is laid out otherwise; {by_hand}"])
        replace_file(path, after)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise SettingsError([f"{path}: cannot be changed ({reason}); {by_hand}"]) from error


def _with_phases(text: str, phases: tuple[Phase, ...]) -> str:
    lines = text.splitlines(keepends=True)
    start = next((number for number, each in enumerate(lines) if CHARGER.match(each)), None)
    if start is None:
        return text
    rest = range(start + 1, len(lines))
    end = next((number for number in rest if TABLE.match(lines[number])), len(lines))
    wanted, ending = line(phases), "\r\n" if lines[start].endswith("\r\n") else "\n"
    for number in range(start + 1, end):
        found = PHASES.match(lines[number].rstrip("\r\n"))
        if found:
            lines[number] = f"{found[1]}{wanted.partition('= ')[2]}{found[2]}{ending}"
            return "".join(lines)
    commented = next((number for number in range(start + 1, end) if COMMENTED.match(lines[number])), start)
    if not lines[commented].endswith("\n"):
        lines[commented] += ending
    lines.insert(commented + 1, f"{wanted}{ending}")
    return "".join(lines)


def _differs_in_phases_alone(before: str, after: str, phases: tuple[Phase, ...]) -> bool:
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
        is_set = new["charger"].pop("phases") == list(phases)
        old["charger"].pop("phases", None)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
        return False
    return is_set and old == new


def replace_file(path: Path, text: str) -> None:
    """Write a file anew in one step, with the mode and owner it had. Raises OSError, and leaves it as it was then."""
    target = path.resolve()
    status = target.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
