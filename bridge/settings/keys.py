"""The keys of settings.toml by their full names, and where in nested tables each one is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bridge.settings.model import ENVIRONMENT, Document

Key: TypeAlias = tuple[str, ...]
"""Tables from the outermost in, the key last."""
Table: TypeAlias = dict[str, Any]


def _walk(section: type[BaseModel], above: Key) -> Iterator[tuple[Key, FieldInfo | type[BaseModel]]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield (*above, name), kind
            yield from _walk(kind, (*above, name))
        else:
            yield (*above, name), field


_ALL: Final = dict(_walk(Document, ()))
FIELDS: Final[Mapping[Key, FieldInfo]] = {key: what for key, what in _ALL.items() if isinstance(what, FieldInfo)}
"""Every key that takes a value."""
SECTIONS: Final[Mapping[Key, type[BaseModel]]] = {(): Document} | {
    key: what for key, what in _ALL.items() if not isinstance(what, FieldInfo)
}
"""Every table."""


def _takes(field: FieldInfo, kind: type) -> bool:
    """Tell whether a field takes this type, alone or beside None, whatever its constraints."""
    alternatives: tuple[Any, ...] = (field.annotation, *get_args(field.annotation))
    return kind in {getattr(one, "__origin__", one) for one in alternatives}


SECRETS: Final = tuple(key for key, field in FIELDS.items() if _takes(field, SecretStr))
FILES: Final = tuple(key for key, field in FIELDS.items() if _takes(field, Path))


def dotted(key: Key) -> str:
    """Name a key as people do."""
    return ".".join(key)


def variable(key: Key) -> str:
    """Name the environment variable that sets a key."""
    return ENVIRONMENT + "__".join(key).upper()


def file_beside(secret: Key) -> Key:
    """Give the key that names a file with the secret in it."""
    return (*secret[:-1], f"{secret[-1]}_file")


def find(values: Any, key: Key) -> Any:
    """Look a value up; None where there is none."""
    found = values
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
