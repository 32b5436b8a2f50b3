"""A settings file that is filled in, to be spoilt by the tests."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import SettingsError
from bridge.settings import Settings, load

SECRET = "correct-horse-battery-staple"
NOISE_KEY = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="

GOOD = f"""
[mains]
fuse = 25
[mains.slimmelezer]
host = "slimmelezer.local"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.org"
password = "{SECRET}"
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a settings file that only its owner may read."""

    def _write(text: str) -> Path:
        path = tmp_path / "settings.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return _write


@pytest.fixture
def settings(write: Callable[[str], Path]) -> Callable[..., Settings]:
    """Load the good file with keys changed: `mains__fuse=16`; None removes a key."""

    def _load(environ: Mapping[str, str] | None = None, **changes: object) -> Settings:
        return load(write(_spoilt(changes)), environ or {})

    return _load


@pytest.fixture
def problems(settings: Callable[..., Settings]) -> Callable[..., tuple[str, ...]]:
    """Tell the problems of the good file with keys changed."""

    def _problems(environ: Mapping[str, str] | None = None, **changes: object) -> tuple[str, ...]:
        with pytest.raises(SettingsError) as caught:
            settings(environ, **changes)
        return caught.value.problems

    return _problems


def _spoilt(changes: Mapping[str, object]) -> str:
    document = tomllib.loads(GOOD)
    for name, value in changes.items():
        *above, key = name.split("__")
        table = document
        for part in above:
            table = table.setdefault(part, {})
        if value is None:
            del table[key]
        else:
            table[key] = value
    return "\n".join(_toml(document, ()))


def _toml(table: Mapping[str, Any], above: tuple[str, ...]) -> list[str]:
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict)]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"[{'.'.join((*above, key))}]", *_toml(value, (*above, key))]
    return lines


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return str(value)
