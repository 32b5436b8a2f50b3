"""Where values come from: the sources of pydantic-settings, taught to remember who set what."""

import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    SecretsSettingsSource,
    TomlConfigSettingsSource,
)

from bridge.errors import SettingsError
from bridge.settings.draft import FILE_NAME, Draft
from bridge.settings.keys import FIELDS, SECRETS, SECTIONS, Table, dotted, drop, find, variable
from bridge.settings.model import ENVIRONMENT, Document
from bridge.settings.secret_files import SECRET_IN, resolve
from bridge.settings.wording import nearest, printable

LONGEST: Final = 1_000_000
"""No settings file is longer, bytes."""
VARIABLES: Final = {variable(key): key for key in FIELDS}
TABLES: Final = frozenset(variable(key) for key in SECTIONS if key)


def credentials_directory(environ: Mapping[str, str]) -> Path | None:
    """Give the folder of what systemd hands over, if there is one."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    return Path(directory) if directory else None


def find_config(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Find the settings file: the given one, else the first that exists. Raises SettingsError where none does."""
    places = [given] if given else list(_places(environ))
    for place in places:
        with suppress(OSError, ValueError):
            if place.is_file():
                return place
    if given:
        cure = "give another --config, or copy the template there"
        raise SettingsError([f"{printable(str(given))}: no such settings file; {cure}"])
    looked_in = ", ".join(str(place) for place in places)
    raise SettingsError([f"{FILE_NAME}: not found in {looked_in}; copy the template to one of them, or give --config"])


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    if credentials := credentials_directory(environ):
        yield credentials / FILE_NAME
    yield Path(FILE_NAME)
    if home := environ.get("HOME"):
        yield Path(home, ".config/ev-load-bridge", FILE_NAME)
    yield Path("/etc/ev-load-bridge", FILE_NAME)


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
        # a table left out is told key by key
        values = {"mains": {}, "charger": {}, **super().__call__()}
        for key in FIELDS:
            value = find(values, key)
            if isinstance(value, str) and not value.strip():
                drop(values, key)
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
