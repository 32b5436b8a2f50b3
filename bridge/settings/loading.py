"""Loads and checks the settings. All problems are found at once."""

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import InitSettingsSource, PydanticBaseSettingsSource

from bridge.errors import SettingsError
from bridge.runtime.secrecy import keep_secret
from bridge.settings.checks import Known, cautions, contradictions
from bridge.settings.draft import Draft
from bridge.settings.finding import credentials_directory, find_config
from bridge.settings.keys import FIELDS, SECRETS, SECTIONS, Key, Table, dotted, file_beside, variable
from bridge.settings.model import Document, Settings
from bridge.settings.sources import (
    CredentialsSource,
    EnvironmentSource,
    FileSource,
    TableSource,
)
from bridge.settings.wording import describe, nearest, printable


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Load the settings file (`config`, else the first of find_config) and what overrides it.

    Raises SettingsError with every problem: one line each with key, problem and cure, never a secret.
    """
    draft = Draft(find_config(config, environ), credentials_directory(environ))
    return settle(draft, EnvironmentSource(draft, environ), CredentialsSource(draft), FileSource(draft))


def foresee(path: Path, values: Table) -> Settings:
    """Check what a file at this path would say, the environment aside. Raises SettingsError with every problem."""
    draft = Draft(path)
    return settle(draft, TableSource(draft, values))


def settle(draft: Draft, *sources: PydanticBaseSettingsSource) -> Settings:
    """Read these sources, the highest first, into settings. Raises SettingsError with every problem."""
    # sets nothing, but is shown what all the others set
    merged = InitSettingsSource(Document, init_kwargs={})
    opened: dict[str, Any] = {"sources": (*sources, merged)}
    document = None
    try:
        document = Document(**opened)
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            _tell(draft, error)
    unfit = contradictions(Known(merged.current_state, draft.told))
    draft.problems.extend(f"{draft.name(found.key)}: {found.text}" for found in unfit)
    if document is None or draft.problems:
        raise SettingsError([printable(problem) for problem in draft.problems])
    _keep_secrets(document)
    draft.warnings.extend(f"{draft.name(found.key)}: {found.text}" for found in cautions(document))
    return Settings(**dict(document), warnings=tuple(draft.warnings), path=draft.path)


def _keep_secrets(document: Document) -> None:
    for key in SECRETS:
        secret = reduce(getattr, key, document)
        if isinstance(secret, SecretStr):
            keep_secret(dotted(key), secret.get_secret_value())


def _tell(draft: Draft, error: ErrorDetails) -> None:
    key = tuple(part for part in error["loc"] if isinstance(part, str))
    if key in draft.told:
        return
    if error["type"] == "extra_forbidden":
        draft.problems.append(f"{draft.called}: {dotted(key)}: {_unknown(key, error)}")
    elif key in FIELDS:
        draft.refuse(key, f"{_wrong(draft, key, error)}; give {FIELDS[key].description}{_elsewhere(key, error)}")
    else:
        draft.refuse(key, f"{describe(error)}; write [{dotted(key)}] once, with its keys below")


def _wrong(draft: Draft, key: Key, error: ErrorDetails) -> str:
    if error["type"] == "greater_than_equal" and error["input"] == 0 and FIELDS[key].is_required():
        return "is not filled in"
    is_quoted = isinstance(error["input"], str) and key not in draft.names
    return describe(error) + (", without quotes" if is_quoted and error["type"].endswith("_type") else "")


def _elsewhere(key: Key, error: ErrorDetails) -> str:
    if key not in SECRETS or error["type"] != "missing":
        return ""
    return f", here, in {file_beside(key)[-1]} or in {variable(key)}"


def _unknown(key: Key, error: ErrorDetails) -> str:
    *above, name = key
    siblings = SECTIONS[tuple(above)].model_fields
    if isinstance(error["input"], dict) and above in (["mains"], ["charger"]):
        (only,) = (other[-1] for other in SECTIONS if other[:-1] == tuple(above))
        kind = "meter" if above == ["mains"] else "charger"
        return f"is no {kind} the bridge knows; exactly one is needed: keep [{above[0]}.{only}] alone"
    if elsewhere := [other for other in (*FIELDS, *SECTIONS) if other and other[-1] == name]:
        return f"does not belong there; did you mean {dotted(elsewhere[0])}?"
    hint = nearest(name, siblings)
    cure = f"did you mean {hint}?" if hint else f"remove it (known here: {', '.join(siblings)})"
    return f"unknown key; {cure}"
