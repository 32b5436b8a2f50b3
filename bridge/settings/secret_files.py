"""Secrets that lie in files of their own, and the other files that settings name."""

import stat
from collections.abc import Mapping
from pathlib import Path

from bridge.settings.keys import FILES, SECRETS, Key, dotted, file_beside, find, put
from bridge.settings.sources import Draft, is_credential

LONGEST = 4096
"""No password or key is longer, bytes."""
PRIVATE: frozenset[Key] = frozenset({*(file_beside(secret) for secret in SECRETS), ("mqtt", "client_key")})
"""Keys of files that only their owner may read."""


class _UnfitError(Exception):
    """The file cannot be used; says why and what to do."""


def read_files(draft: Draft, environ: Mapping[str, str]) -> None:
    """Check every file that is named, and put the secrets in their place."""
    secrets = {file_beside(secret): secret for secret in SECRETS}
    for key in FILES:
        named = find(draft.values, key)
        if not isinstance(named, str):
            continue
        if key in secrets and find(draft.values, secrets[key]) is not None:
            draft.refuse(key, f"is given and so is {dotted(secrets[key])}; keep one of the two")
            continue
        path = Path(named)
        try:
            content = _read(path, is_private=key in PRIVATE and not is_credential(path, environ))
            if key in secrets:
                put(draft.values, secrets[key], _secret(content))
        except _UnfitError as error:
            draft.refuse(key, str(error))
            draft.settled.add(secrets.get(key, key))


def _read(path: Path, *, is_private: bool) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _UnfitError(f"{path} is no regular file; name another")
        if is_private and mode & stat.S_IROTH:
            raise _UnfitError(f"everybody can read {path}; chmod 600 {path}")
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        # not named: somebody may have written the secret itself here
        raise _UnfitError(f"cannot be read ({error.strerror}); correct the name or the file's permissions") from None
    except ValueError:
        raise _UnfitError("is no file name; correct it") from None


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
