"""Which file is written, and what a person should know of it before the first question."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from bridge.errors import SettingsError
from bridge.settings.writing import check_target

FILE_NAME: Final = "settings.toml"
SYSTEM: Final = Path("/etc/ev-load-bridge")
SERVICE: Final = SYSTEM / FILE_NAME
"""What the service reads."""


def target(config: Path | None, environ: Mapping[str, str], *, is_root: bool | None = None) -> Path:
    """Where to write. Raises SettingsError where nothing may be written there."""
    is_root = os.geteuid() == 0 if is_root is None else is_root
    path = config or (SYSTEM if is_root else _home(environ) / ".config" / SYSTEM.name) / FILE_NAME
    try:
        if not path.is_symlink():
            path = path.absolute()
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}; give another --config"]) from None
    check_target(path)
    return path


def remarks(path: Path, service: Path = SERVICE) -> Iterator[str]:
    """What else is called settings.toml here, and is not written."""
    if path != service and _is_there(service):
        yield f"The service reads another file, {service}. To write that: Ctrl-C, then sudo ev-load-bridge setup."
    with suppress(FileNotFoundError):  # this folder is gone
        here = Path(FILE_NAME).absolute()
        if here not in {path, service} and _is_there(here):
            yield f"{here} is another file and stays as it is."


def _home(environ: Mapping[str, str]) -> Path:
    try:
        return Path(environ.get("HOME") or "~").expanduser()
    except RuntimeError:
        raise SettingsError(["HOME is not set: give --config"]) from None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
