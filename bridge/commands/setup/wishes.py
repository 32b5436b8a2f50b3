"""What the command line and the environment say, and what is missing where nobody can be asked."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge.commands.setup.questions import UnansweredError
from bridge.commands.setup.sheet import BROKER, ENABLED, FUSE, HOST, KEY, PASSWORD, USERNAME, Sheet
from bridge.settings.keys import Key, variable

LONGEST: Final = 4096
"""No password or key is longer, bytes."""
SECRET_FLAGS: Final[Mapping[str, Key]] = {
    "--meter-key-file": KEY,
    "--easee-password-file": PASSWORD,
    "--mqtt-password-file": ("mqtt", "password"),
}
_NEEDED: Final[Mapping[str, tuple[Key, str]]] = {
    "--meter-host": (HOST, "the reader's host name or IP address"),
    "--easee-username": (USERNAME, "the Easee account's e-mail address or phone number"),
    "--easee-password-file": (PASSWORD, f"a file with its password alone, or {variable(PASSWORD)} in the environment"),
    "--fuse": (FUSE, "the rating of the main fuse, A per phase"),
}


@dataclass(frozen=True)
class Wishes:
    """Options of the command line."""

    config: Path | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    """What was given, by flag; of secrets the names of files."""
    is_agreed: bool = False
    """Take what is proposed, and write."""
    with_doctor: bool = True


def given(wishes: Wishes, environ: Mapping[str, str]) -> dict[str, str]:
    """The answers by flag, secrets read out of their files and out of the environment. Raises UnansweredError."""
    answers, wrong = {}, []
    for flag, text in wishes.answers.items():
        try:
            answers[flag] = _secret(Path(text)) if flag in SECRET_FLAGS else text
        except ValueError as error:
            wrong.append(f"{flag}: {error}")
    if wrong:
        raise UnansweredError(*wrong)
    for flag, key in SECRET_FLAGS.items():
        if flag not in answers and (text := environ.get(variable(key), "")).strip():
            answers[flag] = text
    return answers


def missing(answers: Mapping[str, str], sheet: Sheet, *, is_agreed: bool) -> Iterator[str]:
    """One line for each flag without which nobody can be asked nothing."""
    for flag, (key, meaning) in _NEEDED.items():
        is_there = sheet.secret(key) is not None if key == PASSWORD else bool(sheet.get(key))
        if flag not in answers and not is_there:
            yield f"{flag}: is missing: {meaning}"
    if not {"--mqtt-host", "--no-mqtt"} & answers.keys() and not sheet.get(BROKER) and sheet.get(ENABLED) is not False:
        yield "--mqtt-host: is missing: the MQTT broker's host name or IP address; or give --no-mqtt"
    if not is_agreed:
        yield "--yes: is missing: it takes what is proposed for everything else, and writes the file"


def _secret(path: Path) -> str:
    try:
        if stat.S_ISREG(mode := path.stat().st_mode) and mode & stat.S_IROTH:
            raise ValueError(f"everybody can read {path}; chmod 600 {path}")
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        # not named: somebody may have given the secret itself
        raise ValueError(f"that file cannot be read ({error.strerror}); give the name of a file") from None
    try:
        text = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8; save the file as UTF-8") from None
    if len(content) > LONGEST or not text.strip() or "\n" in text:
        raise ValueError("must hold the secret alone, on one line")
    return text
