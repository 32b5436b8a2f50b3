"""Moves the secrets out of settings.toml, each to a file named like its key, as systemd hands credentials over.

`python -m bridge.settings.moving SETTINGS FOLDER` is what `scripts/install --credentials` runs.
"""

import os
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bridge.errors import SettingsError
from bridge.settings.editing import replace_file
from bridge.settings.keys import SECRETS, Key, Table, dotted, drop, file_beside, find, put

HEADER: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600


def move_secrets(path: Path, folder: str) -> list[str]:
    """Move each secret of a settings file to `folder` beside it; the names of those moved. None is lost on the way.

    settings.toml then names the files, so that commands of root's find the secrets too. Raises SettingsError, with the
    settings as they were, where these are laid out otherwise or something cannot be read or written.
    """
    try:
        before = path.read_bytes().decode()
        values = tomllib.loads(before)
        secrets = {key: text for key in SECRETS if isinstance(text := find(values, key), str) and text.strip()}
        if secrets:
            after = _naming_files(before, values, secrets, folder)
            _write(path.parent / folder, secrets)
            replace_file(path, after)
    except OSError as error:
        raise SettingsError([f"{path}: the secrets cannot be moved ({error.strerror})"]) from None
    except ValueError:
        raise SettingsError([f"{path}: is no TOML, or laid out otherwise; move the secrets by hand"]) from None
    return [dotted(key) for key in secrets]


def _naming_files(before: str, values: Table, secrets: Mapping[Key, str], folder: str) -> str:
    """The text with `password_file = …` for `password = …`. Raises ValueError where more than that would change."""
    table: Key = ()
    lines = before.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if header := HEADER.match(line.rstrip("\r\n")):
            table = tuple(part.strip() for part in header[1].split("."))
        key = (*table, line.partition("=")[0].strip())
        if "=" in line and key in secrets:
            ending = line[len(line.rstrip("\r\n")) :]
            lines[number] = f'{file_beside(key)[-1]} = "{folder}/{dotted(key)}"{ending}'
    after = "".join(lines)
    for key in secrets:
        drop(values, key)
        put(values, file_beside(key), f"{folder}/{dotted(key)}")
    if tomllib.loads(after) != values:
        raise ValueError
    return after


def _write(folder: Path, secrets: Mapping[Key, str]) -> None:
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    for key, text in secrets.items():
        new = folder / f".{dotted(key)}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / dotted(key))


def main() -> int:
    """Move them; 78 where that is impossible."""
    settings, folder = sys.argv[1:]
    try:
        for moved in move_secrets(Path(settings), folder):
            print(f"moved {moved}")  # noqa: T201 the name alone
    except SettingsError as error:
        print(*error.problems, sep="\n", file=sys.stderr)  # noqa: T201
        return os.EX_CONFIG
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
