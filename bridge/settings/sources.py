"""Where values come from: the sources of pydantic-settings, taught to remember who set what."""

import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    EnvSettingsSource,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    SecretsSettingsSource,
    TomlConfigSettingsSource,
)

from bridge.errors import SettingsError
from bridge.settings.draft import Draft
from bridge.settings.finding import LONGEST
from bridge.settings.keys import FIELDS, SECRETS, SECTIONS, Table, dotted, drop, find, variable
from bridge.settings.model import ENVIRONMENT, Document
from bridge.settings.secret_files import SECRET_IN, resolve
from bridge.settings.wording import nearest, printable

VARIABLES: Final = {variable(key): key for key in FIELDS}
TABLES: Final = frozenset(variable(key) for key in SECTIONS if key)


class EnvironmentSource(EnvSettingsSource):
    """What EV_LOAD_BRIDGE__… sets. A name that sets nothing is a problem; an empty text counts as not set."""

    def __init__(self, draft: Draft, environ: Mapping[str, str]) -> None:
        self._draft = draft
        self._environ = environ
        super().__init__(Document)

    def _load_env_vars(self) -> Mapping[str, Any]:
        values = {}
        for name, text in sorted(self._environ.items()):
            if not name.upper().startswith(ENVIRONMENT):
                continue
            key = VARIABLES.get(name.upper())
            if key is None:
                self._draft.problems.append(_unknown(name))
            elif text.strip():
                self._draft.names[key] = f"{name} ({dotted(key)})"
                if any("\ud800" <= letter <= "\udfff" for letter in text):  # what os.environ makes of other bytes
                    self._draft.refuse(key, "is not UTF-8; set it again")
                else:
                    values[ENVIRONMENT + "__".join(key)] = _typed(text, FIELDS[key])
        return values

    def __call__(self) -> Table:
        return resolve(self._draft, super().__call__(), self.current_state)


class CredentialsSource(NestedSecretsSettingsSource):
    """Secrets that systemd hands over in files named like their key, for instance `mqtt.password`."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        handed_over = SecretsSettingsSource(Document, draft.credentials)
        super().__init__(handed_over, secrets_prefix="", secrets_nested_delimiter=".")
        for file, secret in SECRET_IN.items():
            if dotted(file) in self.env_vars:
                for key in (file, secret):
                    draft.names.setdefault(key, f"credential {dotted(secret)}")

    def validate_secrets_path(self, path: Path) -> None:
        """Do not mind what else lies there."""

    @classmethod
    def load_secrets(cls, path: Path) -> dict[str, str]:
        """Name the files; what is in them is read as from any file with a secret."""
        names = {}
        for file, secret in SECRET_IN.items():
            with suppress(OSError):
                if (path / dotted(secret)).is_file():
                    names[dotted(file)] = str(path / dotted(secret))
        return names

    def __call__(self) -> Table:
        return resolve(self._draft, super().__call__(), self.current_state)


class FileSource(TomlConfigSettingsSource):
    """What settings.toml says. An empty text counts as not set, so that a template can show the key."""

    def __init__(self, draft: Draft) -> None:
        """Read the file. Raises SettingsError with all problems so far where that is impossible."""
        self._draft = draft
        super().__init__(Document, toml_file=draft.path.absolute())

    def _read_file(self, file_path: Path | Traversable) -> Table:
        try:
            with file_path.open("rb") as file:
                content = file.read(LONGEST + 1)
            if len(content) > LONGEST:
                raise SettingsError([f"{self._draft.called}: is longer than {LONGEST} bytes; is it the settings file?"])
            return tomllib.loads(content.decode("utf-8-sig"))
        except OSError as error:
            told = f"cannot be read ({error.strerror}); run as its owner, or let systemd hand it over (LoadCredential)"
        except UnicodeDecodeError as error:
            told = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        except (ValueError, RecursionError) as error:
            reason = printable(str(error)) if isinstance(error, tomllib.TOMLDecodeError) else "a value is too large"
            told = f"is not TOML: {reason}; correct that line (texts need quotes)"
        raise SettingsError([*self._draft.problems, f"{self._draft.called}: {told}"])

    def __call__(self) -> Table:
        values = _filled_in(super().__call__())
        self._warn_if_open(has_secret=any(find(values, secret) for secret in SECRETS))
        return resolve(self._draft, values, self.current_state)

    def _warn_if_open(self, *, has_secret: bool) -> None:
        draft = self._draft
        with suppress(OSError):
            mode = draft.path.stat().st_mode
            if draft.is_guarded(draft.path):
                return
            cure = f"chmod 600 {draft.called}"
            if has_secret and mode & stat.S_IROTH:
                draft.warnings.append(f"{draft.called}: holds a secret and everybody can read it; {cure}")
            if mode & stat.S_IWOTH:
                draft.warnings.append(f"{draft.called}: everybody can change it, the fuse too; {cure}")


class TableSource(InitSettingsSource):
    """What a settings file would say that is not written yet."""

    def __init__(self, draft: Draft, values: Table) -> None:
        self._draft = draft
        super().__init__(Document, init_kwargs=_filled_in(deepcopy(values)))

    def __call__(self) -> Table:
        return resolve(self._draft, super().__call__(), {})


def _filled_in(values: Table) -> Table:
    """Without the empty texts; a table left out is told key by key."""
    values = {"mains": {}, "charger": {}, **values}
    for key in FIELDS:
        value = find(values, key)
        if isinstance(value, str) and not value.strip():
            drop(values, key)
    return values


def _unknown(name: str) -> str:
    if name.upper() in TABLES:
        first = next(other for other in VARIABLES if other.startswith(f"{name.upper()}__"))
        return f"{printable(name)}: names a whole table; set its keys one by one, for instance {first}"
    known = [other.removeprefix(ENVIRONMENT) for other in VARIABLES]
    hint = nearest(name.upper().removeprefix(ENVIRONMENT), known)
    return f"{printable(name)}: sets nothing; {f'did you mean {ENVIRONMENT}{hint}?' if hint else 'unset it'}"


def _typed(text: str, field: FieldInfo) -> Any:
    """Read a text as the type its key needs; left as it is where that fails, for the check to name."""
    needed: TypeAdapter[Any] = TypeAdapter(field.annotation or Any)
    is_list = get_origin(field.annotation) is tuple
    if is_list and "[" not in text:
        return [part.strip() for part in text.split(",")]
    with suppress(ValidationError):
        return needed.validate_json(text) if is_list else needed.validate_python(text)
    return text
