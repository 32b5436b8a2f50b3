"""Writes a whole settings file at once or not at all, readable for its owner alone."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from bridge.errors import SettingsError

PRIVATE: Final = 0o600
PROJECT: Final = 'name = "ev-load-bridge"'


def check_target(path: Path) -> None:
    """Raise SettingsError where nothing may or can be written there. Changes nothing."""
    with suppress(OSError, UnicodeDecodeError):
        if PROJECT in (path.parent / "pyproject.toml").read_text(encoding="utf-8"):
            cure = "give another --config, or leave it out"
            raise SettingsError([f"{path}: is the template of a checkout and stays as it is; {cure}"])
    try:
        _check(path)
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}; run as its owner, or give another --config"]) from None


def _check(path: Path) -> None:
    if path.is_symlink():
        raise SettingsError([f"{path}: is a link; give the file it leads to with --config"])
    if path.exists():
        if not path.is_file():
            raise SettingsError([f"{path}: is no regular file; give another --config"])
        with path.open("rb") as file:
            if os.geteuid() not in {0, os.fstat(file.fileno()).st_uid}:
                raise SettingsError([f"{path}: belongs to another user; run as its owner, or give another --config"])
    folder = path.parent
    while not folder.exists() and not folder.is_symlink():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        told = "may not be written to; run as its owner (sudo), or give another --config"
        raise SettingsError([f"{folder}: {told}"])


def backup_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.bak")


def write(path: Path, text: str, *, keeps: bool = True) -> None:
    """Put this text there, mode 600; `keeps` what was there as `….bak`. Raises SettingsError."""
    check_target(path)
    try:
        path.parent.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        owner, before = _there(path)
        if keeps and owner is not None and before != text.encode():
            _put(backup_of(path), before, owner)
        _put(path, text.encode(), owner)
    except OSError as error:
        raise SettingsError([f"{path}: cannot be written ({error.strerror}); what was there is unchanged"]) from None


def _there(path: Path) -> tuple[os.stat_result | None, bytes]:
    """Whose the file is and what is in it, of one and the same file: in a folder of others it may become a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None, b""
    with os.fdopen(descriptor, "rb") as file:
        return os.fstat(descriptor), file.read()


def _put(path: Path, content: bytes, owner: os.stat_result | None) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), stat.S_IMODE(PRIVATE))
            if owner is not None and os.geteuid() == 0:  # nobody else may, and the group reads nothing
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
