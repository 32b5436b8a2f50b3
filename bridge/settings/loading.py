"""Loads and checks the settings. All problems are found at once."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bridge.errors import SettingsError
from bridge.settings.checks import Known, cautions, contradictions
from bridge.settings.keys import FIELDS, SECRETS, SECTIONS, Key, dotted, file_beside, find, variable
from bridge.settings.model import Document, Settings
from bridge.settings.secret_files import read_files
from bridge.settings.sources import (
    Draft,
    absolute_paths,
    add_credentials,
    add_environment,
    add_file,
    find_config,
    new_draft,
)
from bridge.settings.wording import describe, nearest, printable


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Load the settings file (`config`, else the first of find_config) and what overrides it.

    Raises SettingsError with every problem: one line each with key, problem and cure, never a secret.
    """
    draft = new_draft(find_config(config, environ), environ)
    is_read = add_file(draft, environ)
    add_credentials(draft, environ)
    add_environment(draft, environ)
    if not is_read:
        raise _refusal(draft)
    return settle(draft, environ)


def settle(draft: Draft, environ: Mapping[str, str]) -> Settings:
    """Check a draft as a whole. Raises SettingsError with every problem."""
    absolute_paths(draft)
    read_files(draft, environ)
    document = _document(draft)
    known = Known(draft, frozenset(draft.settled))
    draft.problems.extend(f"{draft.name(found.key)}: {found.text}" for found in contradictions(known))
    if draft.problems or document is None:
        raise _refusal(draft)
    draft.warnings.extend(f"{draft.name(found.key)}: {found.text}" for found in cautions(known))
    return Settings(**dict(document), warnings=tuple(draft.warnings), path=draft.path)


def _refusal(draft: Draft) -> SettingsError:
    return SettingsError([printable(problem) for problem in draft.problems])


def _document(draft: Draft) -> Document | None:
    # a table left out is told key by key
    values = {"mains": {}, "charger": {}, **draft.values}
    try:
        return Document.model_validate(values)
    except ValidationError as refused:
        for error in refused.errors(include_url=False, include_input=False):
            _tell(draft, error)
    return None


def _tell(draft: Draft, error: ErrorDetails) -> None:
    key = tuple(part for part in error["loc"] if isinstance(part, str))
    if key in draft.settled:
        return
    if error["type"] == "extra_forbidden":
        draft.problems.append(f"{draft.called}: {printable(dotted(key))}: {_unknown(draft, key)}")
    elif key in FIELDS:
        draft.refuse(key, f"{_wrong(draft, key, error)}; give {FIELDS[key].description}{_elsewhere(key, error)}")
    else:
        draft.refuse(key, f"{describe(error)}; write [{dotted(key)}] once, with its keys below")


def _wrong(draft: Draft, key: Key, error: ErrorDetails) -> str:
    value = find(draft.values, key)
    if value == 0 and FIELDS[key].is_required() and error["type"] == "greater_than_equal":
        return "is not filled in"
    is_quoted = isinstance(value, str) and key not in draft.origins
    return describe(error) + (", without quotes" if is_quoted and error["type"].endswith("_type") else "")


def _elsewhere(key: Key, error: ErrorDetails) -> str:
    if key not in SECRETS or error["type"] != "missing":
        return ""
    return f", here, in {file_beside(key)[-1]} or in {variable(key)}"


def _unknown(draft: Draft, key: Key) -> str:
    *above, name = key
    siblings = SECTIONS[tuple(above)].model_fields
    if isinstance(find(draft.values, key), dict) and above in (["mains"], ["charger"]):
        (only,) = (other[-1] for other in SECTIONS if other[:-1] == tuple(above))
        kind = "meter" if above == ["mains"] else "charger"
        return f"is no {kind} the bridge knows; exactly one is needed: keep [{above[0]}.{only}] alone"
    if elsewhere := [other for other in (*FIELDS, *SECTIONS) if other and other[-1] == name]:
        return f"does not belong there; did you mean {dotted(elsewhere[0])}?"
    hint = nearest(name, siblings)
    cure = f"did you mean {hint}?" if hint else f"remove it (known here: {', '.join(siblings)})"
    return f"unknown key; {cure}"
