"""Where the settings file is looked for."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from bridge.errors import SettingsError
from bridge.settings.draft import FILE_NAME
from bridge.settings.keys import FIELDS, Table, file_beside, find
from bridge.settings.wording import printable

LONGEST: Final = 1_000_000
"""No settings file is longer, bytes."""
_ESSENTIAL: Final = tuple(key for key, field in FIELDS.items() if field.is_required())


def credentials_directory(environ: Mapping[str, str]) -> Path | None:
    """Give the folder of what systemd hands over, if there is one."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    return Path(directory) if directory else None


def find_config(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Find the settings file: the given one, else the first that exists. Raises SettingsError where none does.

    A template that nobody has filled in, as every checkout has one, gives way to a file that comes after it.
    """
    places = [given] if given else list(_places(environ))
    there = [place for place in places if _is_file(place)]
    if there:
        return next((place for place in there if len(there) == 1 or not _is_template(place)), there[0])
    if given:
        cure = "give another --config; ev-load-bridge setup writes one"
        raise SettingsError([f"{printable(str(given))}: no such settings file; {cure}"])
    looked_in = ", ".join(str(place) for place in places)
    raise SettingsError([f"{FILE_NAME}: not found in {looked_in}; ev-load-bridge setup writes one, or give --config"])


def is_blank(values: Table) -> bool:
    """Whether none of the keys is filled in that everybody has to fill in."""
    return not any(find(values, key) or find(values, file_beside(key)) for key in _ESSENTIAL)


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    if credentials := credentials_directory(environ):
        yield credentials / FILE_NAME
    yield Path(FILE_NAME)
    if home := environ.get("HOME"):
        yield Path(home, ".config/ev-load-bridge", FILE_NAME)
    yield Path(environ.get("CONFIGURATION_DIRECTORY") or "/etc/ev-load-bridge", FILE_NAME)


def _is_file(place: Path) -> bool:
    with suppress(OSError, ValueError):
        return place.is_file()
    return False


def _is_template(place: Path) -> bool:
    """Whether nothing is filled in; what cannot be read is somebody's file, and its trouble is to be told."""
    try:
        with place.open("rb") as file:
            return is_blank(tomllib.loads(file.read(LONGEST).decode("utf-8-sig")))
    except (OSError, ValueError, RecursionError):
        return False
