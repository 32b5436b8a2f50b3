"""Writes docs/settings.md from the models in bridge/settings, so that the page cannot be wrong about a key.

In the checkout: `.venv/bin/python -m scripts.settings_reference`. A test fails while the page is out of date.
"""  # noqa: INP001 a script, not a package

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bridge.settings.keys import FIELDS, SECRETS, SECTIONS, Key, dotted, file_beside, variable
from bridge.settings.model import BLIND_CURRENT, LARGE_FUSE

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
WORDS: Final = {bool: "true or false", int: "whole number", float: "number", str: "text", Path: "file name"}
BY_CIRCUMSTANCE: Final = {
    "charger.fallback_current": f"{BLIND_CURRENT} from a fuse of {LARGE_FUSE:g} A up, else 0",
    "mains.telegram_max_age": "by the period that is seen",
    "mqtt.port": "1883, with TLS 8883",
}
"""Defaults that depend on other things than the model; the model's own is left out."""
HEAD: Final = """\
# Settings: every key

Made from the models by `python -m scripts.settings_reference`; do not edit it by hand. [`setup`](setup.md) asks
for what most homes need and writes the file, `/etc/ev-load-bridge/settings.toml` for the service; this page is for the
rest. The comments of the [template](../settings.toml) explain the same keys. These have no default and must be given,
by `setup` or by hand: {required}.

**Where settings come from**, the first that sets a key wins:

1. the environment: the variable in the table, for instance `{example}=16`. A variable that sets nothing
   is refused, with the name that was probably meant;
2. a systemd credential named like the key, for the secrets: {credentials};
3. the settings file: `--config`, else `$CREDENTIALS_DIRECTORY/settings.toml`, `./settings.toml`,
   `~/.config/ev-load-bridge/settings.toml`, `/etc/ev-load-bridge/settings.toml` (or, where systemd sets it,
   `$CONFIGURATION_DIRECTORY/settings.toml`). A template that nobody has filled in gives way to a file that comes
   after it.

A secret may stand in a file of its own that only its owner can read: `{file}` names it, beside
the secret's own key. A key that is unknown, or a value that does not fit, ends the start with exit status 78 and one
line each with the cure; no secret is ever repeated in it. A change needs a restart:
`sudo systemctl restart ev-load-bridge`.
"""


def page() -> str:
    required = ", ".join(f"`{dotted(key)}`" for key, field in FIELDS.items() if field.is_required())
    credentials = ", ".join(f"`{dotted(key)}`" for key in SECRETS)
    file = dotted(file_beside(("charger", "easee", "password")))
    example = variable(("mains", "fuse"))
    head = HEAD.format(required=required, credentials=credentials, file=file, example=example)
    return "\n".join([head, *(line for key in SECTIONS for line in _section(key))]).rstrip() + "\n"


def _section(section: Key) -> Iterator[str]:
    keys = [key for key in FIELDS if key[:-1] == section]
    if not keys:
        return
    yield f"## [{dotted(section)}]"
    yield (SECTIONS[section].__doc__ or "").strip()
    yield ""
    yield "| key, and its environment variable | what to give | kind | default |"
    yield "|---|---|---|---|"
    for key in keys:
        field = FIELDS[key]
        cells = (f"`{key[-1]}`<br>`{variable(key)}`", _meaning(field), _kind(field), _default(key, field))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _meaning(field: FieldInfo) -> str:
    described = field.description or next(part.description for part in _parts(field) if part.description)
    return described.replace("|", "\\|")


def _parts(field: FieldInfo) -> list[FieldInfo]:
    return [part for part in field.metadata if isinstance(part, FieldInfo)]


def _kind(field: FieldInfo) -> str:
    kind = _plain(field.annotation)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(f'`"{choice}"`' for choice in kind)
    if get_origin(kind) is tuple:
        return "list of texts"
    if kind is SecretStr:
        return "text, secret"
    return f"{WORDS[kind]}{_range(field)}"


def _plain(annotation: Any) -> Any:
    """The type beside None, without its constraints."""
    others = [one for one in get_args(annotation) if one is not type(None)]
    if type(None) in get_args(annotation):
        annotation = others[0]
    return _plain(annotation.__origin__) if hasattr(annotation, "__metadata__") else annotation


def _range(field: FieldInfo) -> str:
    found: Sequence[Any] = [one for part in field.metadata for one in (getattr(part, "metadata", None) or [part])]
    lowest = next((f"{one.ge:g}" for one in found if isinstance(one, Ge)), None)
    highest = next((f"{one.le:g}" for one in found if isinstance(one, Le)), None)
    if lowest and highest:
        return f", {lowest} to {highest}"
    return f", at least {lowest}" if lowest else ""


def _default(key: Key, field: FieldInfo) -> str:
    if field.is_required():
        return "**must be given**"
    if (told := BY_CIRCUMSTANCE.get(dotted(key))) is not None:
        return told
    value = field.get_default(call_default_factory=True, validated_data={})
    match value:
        case None:
            return "–"
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return "`[" + ", ".join(f'"{one}"' for one in value) + "]`"
        case str():
            return f'`"{value}"`'
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
