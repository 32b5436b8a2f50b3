"""The files that settings name: those with a secret in them, and certificates."""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from bridge.settings.draft import Draft
from bridge.settings.keys import FILES, SECRETS, Key, Table, dotted, drop, file_beside, find, put

LONGEST = 4096
"""No password or key is longer, bytes."""
SECRET_IN: Final[Mapping[Key, Key]] = {file_beside(secret): secret for secret in SECRETS}
PRIVATE: Final = frozenset({*SECRET_IN, ("mqtt", "client_key")})
"""Keys of files that only their owner may read."""


class _UnfitError(Exception):
    """The file cannot be used; says why and what to do."""


def resolve(draft: Draft, values: Table, higher: Table) -> Table:
    """Put the secrets that lie in files into what one source sets, and check these files.

    What a higher source sets wins over either form of a secret.
    """
    for key in FILES:
        forms = (key, SECRET_IN.get(key, key))
        if any(find(higher, form) is not None for form in forms):
            for form in forms:
                drop(values, form)
        elif isinstance(named := find(values, key), str | Path):
            _resolve(draft, values, key, named)
    return values


def _resolve(draft: Draft, values: Table, key: Key, named: str | Path) -> None:
    secret = SECRET_IN.get(key)
    if secret and find(values, secret) is not None:
        draft.refuse(key, f"is given and so is {dotted(secret)}; keep one of the two")
        return
    path = Path(named)
    with suppress(RuntimeError):
        path = path.expanduser()
    path = draft.path.parent / path
    put(values, key, str(path))
    try:
        content, owner = _read(path, is_private=key in PRIVATE and not draft.is_guarded(path))
        if key in PRIVATE and not draft.is_guarded(path) and owner not in {0, os.geteuid()}:
            told = f"{path} belongs to another user ({owner}), who can change it; chown {os.geteuid()} {path}"
            draft.warnings.append(f"{draft.name(key)}: {told}")
        if secret:
            put(values, secret, _secret(content))
    except _UnfitError as error:
        draft.refuse(key, str(error))
        draft.told.update([secret] if secret else [])


def _read(path: Path, *, is_private: bool) -> tuple[bytes, int]:
    """The content, a little more than the longest at most, and whose it is. What is checked is what is read."""
    try:
        _must_be_regular(path, path.stat())
        with open(path, "rb", opener=_at_once) as file:
            status = os.fstat(file.fileno())
            _must_be_regular(path, status)
            if is_private and status.st_mode & (stat.S_IROTH | stat.S_IWOTH):
                raise _UnfitError(f"everybody can read {path}, or write it; chmod 600 {path}")
            return file.read(LONGEST + 1), status.st_uid
    except OSError as error:
        # not named: somebody may have written the secret itself here
        raise _UnfitError(f"cannot be read ({error.strerror}); correct the name or the file's permissions") from None
    except ValueError:
        raise _UnfitError("is no file name; correct it") from None


def _must_be_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _UnfitError(f"{path} is no regular file; name another")


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _secret(content: bytes) -> str:
    if len(content) > LONGEST:
        raise _UnfitError(f"is longer than {LONGEST} bytes; the file must hold the secret alone")
    try:
        text = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _UnfitError("is not UTF-8; save the file as UTF-8") from None
    if not text.strip() or "\n" in text:
        raise _UnfitError("must hold the secret alone, on one line; correct the file")
    return text
