"""The settings as they are to be: what stands in the file already, and what was answered."""

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from bridge.errors import SettingsError
from bridge.settings import Settings
from bridge.settings.filling import Value, expected, fill
from bridge.settings.finding import is_blank
from bridge.settings.keys import FIELDS, SECRETS, Key, Table, drop, file_beside, find, put
from bridge.settings.loading import foresee
from bridge.settings.secret_files import LONGEST
from bridge.settings.wording import printable
from bridge.settings.writing import check_target

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
TLS: Final = ("mqtt", "tls")
CA: Final = ("mqtt", "ca_file")

_FIT: Final[dict[Key, Value]] = {
    HOST: "slimmelezer.local",
    FUSE: 25,
    MAXIMUM: 16,
    USERNAME: "owner@example.com",
    PASSWORD: "•",
}
"""Stands for what is still to be answered."""
_ASKED_OF_BROKER: Final = (ENABLED, BROKER, BROKER_PORT, BROKER_USER, BROKER_PASSWORD, CA)
_ASKED: Final = (
    *(HOST, PORT, KEY, FUSE, PROTECTION, MARGIN, MAXIMUM, PHASES, FALLBACK, USERNAME, PASSWORD, SERIAL, API, STREAM),
    *_ASKED_OF_BROKER,
)
HEAD: Final = re.compile(r"# (?:Copy this file|`sudo ev-load-bridge setup` asks) .*?restart the service\.\n", re.DOTALL)
"""What the template says of itself."""
WRITTEN_HEAD: Final = """\
# Written by `ev-load-bridge setup`; run it again to change it, or change it by hand, then restart the service.
# It holds secrets, so let nobody else read it (chmod 600). A commented key shows its default.
"""


def template() -> str:
    """The text that a new file begins as."""
    return _headed((files("bridge.settings") / "template.toml").read_text(encoding="utf-8"))


class Sheet:
    """Grows with the answers; nothing is written here."""

    def __init__(self, path: Path, before: str | None) -> None:
        """`before`: the text of the file, None where there is none. Raises SettingsError where it is unfit."""
        self.path = path
        self.is_new = before is None
        self._text = template() if before is None else _headed(before)
        self._changes: dict[Key, Value | None] = {}
        self._files: dict[Path, str] = {}
        self._before = self._read()
        self.is_empty = is_blank(self._before)
        """Nothing is filled in yet: as a template is."""
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
        """Set a secret; one that lies in a file of its own goes there, since systemd hands over that file."""
        if value is not None and value == self.secret(key):
            return
        file = self._file(key)
        if value is None or file is None or not _may_write(file):
            self._changes[file_beside(key)] = None
            self._changes[key] = value
        else:
            self._files[file] = value

    def secret(self, key: Key) -> str | None:
        """What is set, also where it lies in a file of its own; None where that cannot be read."""
        value = self.get(key)
        if isinstance(value, str):
            return value
        file = self._file(key)
        if file is None:
            return None
        if file in self._files:
            return self._files[file]
        try:
            if not file.is_file():  # a pipe would be waited for
                return None
            with file.open("rb") as opened:
                content = opened.read(LONGEST + 1)
            text = content.decode("utf-8-sig").rstrip("\r\n")
        except (OSError, ValueError):
            return None
        return text if text and len(content) <= LONGEST else None

    @property
    def secret_files(self) -> Mapping[Path, str]:
        """Secrets that changed and lie in files of their own."""
        return self._files

    def is_changed(self, key: Key) -> bool:
        """Whether its value is another than before."""
        return key in self.changed or (key in SECRETS and self._file(key) in self._files)

    def _file(self, key: Key) -> Path | None:
        """The file of its own that a secret lies in."""
        named = self.get(file_beside(key))
        if not isinstance(named, str):
            return None
        try:
            return self.path.parent / Path(named).expanduser()
        except RuntimeError:
            return None

    def settings(self, *, with_broker: bool = True) -> Settings:
        """What would be read; without the broker as long as that is still to be asked. Raises SettingsError."""
        changes = dict(self._changes)
        for key in SECRETS:
            if (file := self._file(key)) in self._files:
                changes[file_beside(key)] = None
                changes[key] = self._files[file]
        if not with_broker:
            changes |= dict.fromkeys((*_ASKED_OF_BROKER, file_beside(BROKER_PASSWORD)))
        return foresee(self.path, expected(self._text, changes))

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


def _may_write(file: Path) -> bool:
    try:
        check_target(file)
    except SettingsError:
        return False
    return True


def _headed(text: str) -> str:
    return HEAD.sub(WRITTEN_HEAD, text, count=1)


_UNSAID: Final = frozenset({PORT, API, STREAM, BROKER_PORT, TLS})
"""Keys that only few need."""
