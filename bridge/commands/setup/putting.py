"""The one moment that changes something: all of it is written, or nothing."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bridge.commands.setup.talk import Talk
from bridge.settings.writing import write


def put_down(talk: Talk) -> None:
    """Write what was answered: secrets with files of their own first, then the settings. Raises SettingsError."""
    sheet = talk.sheet
    text = sheet.filled()
    sheet.settings()
    for file, secret in sheet.secret_files.items():
        write(file, f"{secret}\n", keeps=False)
    write(sheet.path, text, keeps=not sheet.is_empty)
    for file in (*sheet.secret_files, sheet.path):  # not before: the terminal may be gone
        talk.screen.good("written", str(file))


@contextmanager
def undisturbed(signals: Sequence[signal.Signals]) -> Iterator[None]:
    """Put these signals off until it is done; then raise KeyboardInterrupt if one came."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
