"""Where settings come from, lowest first: settings.toml, credentials of systemd, the environment."""

import json
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo

from bridge.errors import SettingsError
from bridge.settings.keys import (
    ENVIRONMENT,
    FIELDS,
    FILES,
    SECRETS,
    SECTIONS,
    Key,
    Table,
    dotted,
    drop,
    file_beside,
    find,
    kinds,
    put,
    variable,
)
from bridge.settings.wording import nearest, printable

FILE_NAME: Final = "settings.toml"
_WORDS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


@dataclass
class Draft:
    """Settings that are being put together."""

    path: Path
    called: str
    """How the file is called in messages."""
    values: Table = field(default_factory=dict)
    origins: dict[Key, str] = field(default_factory=dict)
    """Where a key came from, when it was not the file."""
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    settled: set[Key] = field(default_factory=set)
    """Keys whose problem is already told."""

    def override(self, key: Key, value: Any, origin: str) -> None:
        """Let a higher source win, also over a secret's other form."""
        for secret in SECRETS:
            if key in {secret, file_beside(secret)}:
                drop(self.values, secret)
                drop(self.values, file_beside(secret))
        put(self.values, key, value)
        self.origins[key] = origin

    def name(self, key: Key) -> str:
        """Name a key the way its owner wrote it."""
        return self.origins.get(key) or f"{self.called}: {dotted(key)}"

    def refuse(self, key: Key, problem: str) -> None:
        self.problems.append(f"{self.name(key)}: {problem}")
        self.settled.add(key)


def new_draft(path: Path, environ: Mapping[str, str]) -> Draft:
    """Start a draft. Of a credential nobody knows the path, so it goes by its name."""
    return Draft(path, FILE_NAME if is_credential(path, environ) else printable(str(path)))


def find_config(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Find the settings file: the given one, else the first that exists. Raises SettingsError where none does."""
    places = [given] if given else list(_places(environ))
    for place in places:
        with suppress(OSError, ValueError):
            if place.is_file():
                return place
    if given:
        cure = "give another --config, or copy the template there"
        raise SettingsError([f"{printable(str(given))}: no such settings file; {cure}"])
    looked_in = ", ".join(str(place) for place in places)
    raise SettingsError([f"{FILE_NAME}: not found in {looked_in}; copy the template to one of them, or give --config"])


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    if credentials := environ.get("CREDENTIALS_DIRECTORY"):
        yield Path(credentials, FILE_NAME)
    yield Path(FILE_NAME)
    if home := environ.get("HOME"):
        yield Path(home, ".config/ev-load-bridge", FILE_NAME)
    yield Path("/etc/ev-load-bridge", FILE_NAME)


def add_file(draft: Draft, environ: Mapping[str, str]) -> bool:
    """Read settings.toml into an empty draft; tell whether it could be read."""
    try:
        text = draft.path.read_bytes().decode("utf-8-sig")
        draft.values.update(tomllib.loads(text))
    except OSError as error:
        cure = "run as its owner, or let systemd hand it over (LoadCredential)"
        draft.problems.append(f"{draft.called}: cannot be read ({error.strerror}); {cure}")
    except UnicodeDecodeError as error:
        draft.problems.append(f"{draft.called}: byte {error.start} is not UTF-8; save the file as UTF-8")
    except (ValueError, RecursionError) as error:
        told = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a value is too large"
        draft.problems.append(f"{draft.called}: is not TOML: {printable(told)}; correct that line (texts need quotes)")
    else:
        _drop_empty(draft.values)
        _warn_if_open(draft, environ)
        return True
    return False


def _drop_empty(values: Table) -> None:
    """An empty text counts as not set, so that a template can show the key."""
    for key in FIELDS:
        value = find(values, key)
        if isinstance(value, str) and not value.strip():
            drop(values, key)


def _warn_if_open(draft: Draft, environ: Mapping[str, str]) -> None:
    if not any(find(draft.values, secret) for secret in SECRETS) or is_credential(draft.path, environ):
        return
    with suppress(OSError):
        if draft.path.stat().st_mode & stat.S_IROTH:
            draft.warnings.append(f"{draft.called}: holds a secret and everybody can read it; chmod 600 {draft.called}")


def is_credential(path: Path, environ: Mapping[str, str]) -> bool:
    """Tell whether systemd guards this file for us."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    return bool(directory) and path.parent == Path(directory or "")


def add_credentials(draft: Draft, environ: Mapping[str, str]) -> None:
    """Take secrets from credentials that are named like their key, for instance `mqtt.password`."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        return
    for secret in SECRETS:
        path = Path(directory, dotted(secret))
        with suppress(OSError):
            if path.is_file():
                draft.override(file_beside(secret), str(path), f"credential {dotted(secret)}")


def add_environment(draft: Draft, environ: Mapping[str, str]) -> None:
    """Take what EV_LOAD_BRIDGE__… sets. A name that sets nothing is a problem."""
    known = {variable(key): key for key in FIELDS}
    tables = {variable(key) for key in SECTIONS if key}
    for name, text in sorted(environ.items()):
        if not name.upper().startswith(ENVIRONMENT):
            continue
        key = known.get(name.upper())
        if key is None:
            draft.problems.append(_unknown(name, known, is_table=name.upper() in tables))
        elif text.strip():
            draft.override(key, _from_text(text, FIELDS[key]), f"{name} ({dotted(key)})")


def _unknown(name: str, known: Mapping[str, Key], *, is_table: bool) -> str:
    if is_table:
        return f"{printable(name)}: names a whole table; set its keys one by one, for instance {_first(name, known)}"
    hint = nearest(name.upper().removeprefix(ENVIRONMENT), [other.removeprefix(ENVIRONMENT) for other in known])
    return f"{printable(name)}: sets nothing; {f'did you mean {ENVIRONMENT}{hint}?' if hint else 'unset it'}"


def _first(table: str, known: Mapping[str, Key]) -> str:
    return next(name for name in known if name.startswith(f"{table.upper()}__"))


def _from_text(text: str, field_info: FieldInfo) -> Any:
    """Read a text as the type its key needs; left as it is where that fails, for the check to name."""
    needed = kinds(field_info)
    if bool in needed:
        return _WORDS.get(text.strip().lower(), text)
    with suppress(ValueError, RecursionError):
        if tuple in needed:
            return json.loads(text) if "[" in text else [part.strip() for part in text.split(",")]
        if int in needed:
            return int(text)
        if float in needed:
            return float(text)
    return text


def absolute_paths(draft: Draft) -> None:
    """Let relative file names count from the folder of the settings file, and ~ from home."""
    for key in FILES:
        value = find(draft.values, key)
        if isinstance(value, str):
            with suppress(RuntimeError):
                value = str(Path(value).expanduser())
            put(draft.values, key, str(draft.path.parent / value))
