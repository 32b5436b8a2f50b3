"""The keys of settings.toml by their full names, and where in nested tables each one is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, Final, TypeAlias, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bridge.settings.model import Document, Section

Key: TypeAlias = tuple[str, ...]
"""Tables from the outermost in, the key last."""
Table: TypeAlias = dict[str, Any]

ENVIRONMENT: Final = "EV_LOAD_BRIDGE__"
"""Start of the environment variables that set keys."""


def _walk(section: type[Section], above: Key) -> Iterator[tuple[Key, FieldInfo | type[Section]]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield (*above, name), kind
            yield from _walk(kind, (*above, name))
        else:
            yield (*above, name), field


_ALL: Final = dict(_walk(Document, ()))
FIELDS: Final[Mapping[Key, FieldInfo]] = {key: what for key, what in _ALL.items() if isinstance(what, FieldInfo)}
"""Every key that takes a value."""
SECTIONS: Final[Mapping[Key, type[Section]]] = {(): Document} | {
    key: what for key, what in _ALL.items() if not isinstance(what, FieldInfo)
}
"""Every table."""


def kinds(field: FieldInfo) -> frozenset[Any]:
    """Give the types a field takes, bare of their constraints and of None."""
    kind = field.annotation
    alternatives = get_args(kind) if NoneType in get_args(kind) else (kind,)
    return frozenset(getattr(one, "__origin__", one) for one in alternatives if one is not NoneType)


SECRETS: Final = tuple(key for key, field in FIELDS.items() if SecretStr in kinds(field))
FILES: Final = tuple(key for key, field in FIELDS.items() if Path in kinds(field))


def dotted(key: Key) -> str:
    """Name a key as people do."""
    return ".".join(key)


def variable(key: Key) -> str:
    """Name the environment variable that sets a key."""
    return ENVIRONMENT + "__".join(key).upper()


def file_beside(secret: Key) -> Key:
    """Give the key that names a file with the secret in it."""
    return (*secret[:-1], f"{secret[-1]}_file")


def find(values: Table, key: Key) -> Any:
    """Look a value up in nested tables; None where there is none."""
    found: Any = values
    for name in key:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def put(values: Table, key: Key, value: Any) -> None:
    """Set a value, making tables on the way; one that is no table is left for the check to find."""
    table = values
    for name in key[:-1]:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        table = inner
    table[key[-1]] = value


def drop(values: Table, key: Key) -> None:
    """Forget a value."""
    table = find(values, key[:-1])
    if isinstance(table, dict):
        table.pop(key[-1], None)
