"""The settings as they are to be: what stands in the file already, and what was answered."""

import re
import tomllib
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from bridge.errors import SettingsError
from bridge.settings import Settings
from bridge.settings.filling import Value, expected, fill
from bridge.settings.keys import FIELDS, Key, Table, drop, file_beside, find, put
from bridge.settings.loading import foresee
from bridge.settings.wording import printable

HOST: Final = ("mains", "slimmelezer", "host")
PORT: Final = ("mains", "slimmelezer", "port")
KEY: Final = ("mains", "slimmelezer", "encryption_key")
FUSE: Final = ("mains", "fuse")
PROTECTION: Final = ("mains", "protection")
MARGIN: Final = ("mains", "margin")
MAXIMUM: Final = ("charger", "max_current")
PHASES: Final = ("charger", "phases")
FALLBACK: Final = ("charger", "fallback_current")
USERNAME: Final = ("charger", "easee", "username")
PASSWORD: Final = ("charger", "easee", "password")
SERIAL: Final = ("charger", "easee", "charger")
API: Final = ("charger", "easee", "api_url")
STREAM: Final = ("charger", "easee", "stream_url")
ENABLED: Final = ("mqtt", "enabled")
BROKER: Final = ("mqtt", "host")
BROKER_PORT: Final = ("mqtt", "port")
BROKER_USER: Final = ("mqtt", "username")
BROKER_PASSWORD: Final = ("mqtt", "password")

_FIT: Final[dict[Key, Value]] = {
    HOST: "slimmelezer.local",
    FUSE: 25,
    MAXIMUM: 16,
    USERNAME: "owner@example.com",
    PASSWORD: "•",
}
"""Stands for what is still to be answered."""
_ASKED: Final = (
    *(HOST, PORT, KEY, FUSE, PROTECTION, MARGIN, MAXIMUM, PHASES, FALLBACK, USERNAME, PASSWORD, SERIAL, API, STREAM),
    *(ENABLED, BROKER, BROKER_PORT, BROKER_USER, BROKER_PASSWORD),
)
HEAD: Final = re.compile(r"# Copy this file .*?restart the service\.\n", re.DOTALL)
"""What the template says of itself."""
WRITTEN_HEAD: Final = """\
# Written by `ev-load-bridge setup`; run it again to change it, or change it by hand, then restart the service.
# It holds secrets, so let nobody else read it (chmod 600). A commented key shows its default.
"""


def template() -> str:
    """The text that a new file begins as."""
    text = (files("bridge.settings") / "template.toml").read_text(encoding="utf-8")
    return HEAD.sub(WRITTEN_HEAD, text, count=1)


class Sheet:
    """Grows with the answers; nothing is written here."""

    def __init__(self, path: Path, before: str | None) -> None:
        """`before`: the text of the file, None where there is none. Raises SettingsError where it is unfit."""
        self.path = path
        self.is_new = before is None
        self._text = template() if before is None else before
        self._changes: dict[Key, Value | None] = {}
        self._before = self._read()
        self._refuse_what_is_not_asked()

    def get(self, key: Key) -> Any:
        """What is set; None where nothing or an empty text is."""
        if key in self._changes:
            return self._changes[key]
        value = find(self._before, key)
        return None if isinstance(value, str) and not value.strip() else value

    def before(self, key: Key) -> Any:
        """What the file says; None where nothing is set."""
        return find(self._before, key)

    def text(self, key: Key) -> str:
        """The same as one would type it; empty where nothing is set."""
        value = self.get(key)
        if isinstance(value, list | tuple):
            return " ".join(map(str, value))
        if isinstance(value, float):
            return f"{value:g}"
        return "" if value is None else str(value)

    def set(self, key: Key, value: Value | None) -> None:
        """Set a key; a value that is the default stays unsaid where the file did not say it before."""
        is_default = key in FIELDS and value == FIELDS[key].default
        if value is None or (is_default and find(self._before, key) is None and key in _UNSAID):
            value = None
        self._changes[key] = value

    def set_secret(self, key: Key, value: str | None) -> None:
        """Set a secret; one that lies in a file of its own stays there where it is the same."""
        if value is not None and value == self.secret(key):
            return
        self._changes[file_beside(key)] = None
        self._changes[key] = value

    def secret(self, key: Key) -> str | None:
        """What is set, also where it lies in a file of its own; None where that cannot be read."""
        value = self.get(key)
        if isinstance(value, str):
            return value
        named = self.get(file_beside(key))
        if not isinstance(named, str):
            return None
        try:
            text = (self.path.parent / Path(named).expanduser()).read_text("utf-8-sig").rstrip("\r\n")
        except (OSError, ValueError, RuntimeError):
            return None
        return text or None

    def settings(self) -> Settings:
        """What would be read. Raises SettingsError."""
        return foresee(self.path, expected(self._text, self._changes))

    def filled(self) -> str:
        """The file's new text. Raises SettingsError."""
        return fill(self._text, {key: value for key, value in self._changes.items() if self._differs(key, value)})

    @property
    def changed(self) -> tuple[Key, ...]:
        """Keys whose value is another than before."""
        return tuple(key for key, value in self._changes.items() if self._differs(key, value))

    def _differs(self, key: Key, value: Value | None) -> bool:
        old = find(self._before, key)
        return bool(old != (list(value) if isinstance(value, tuple) else value))

    def _read(self) -> Table:
        try:
            return tomllib.loads(self._text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            reason = printable(str(error)) if isinstance(error, tomllib.TOMLDecodeError) else "a value is too large"
            cure = "correct that line, or move the file away and run setup again"
            raise SettingsError([f"{self.path}: is not TOML: {reason}; {cure}"]) from None

    def _refuse_what_is_not_asked(self) -> None:
        """What setup does not ask must be right already: better said now than after all questions."""
        values = deepcopy(self._before)
        for key in _ASKED:
            drop(values, key)
            drop(values, file_beside(key))
        minimum = find(values, ("charger", "minimum_current"))
        for stand_in, value in _FIT.items():
            put(values, stand_in, value)
        if isinstance(minimum, int):
            put(values, MAXIMUM, max(16, min(minimum, 80)))
            put(values, FUSE, 100)
        foresee(self.path, values)


_UNSAID: Final = frozenset({PORT, API, STREAM, BROKER_PORT})
"""Keys that only few need."""
