"""A net under everything that keeps secrets to itself: what is known to be one is not written out, by nobody."""

import json
import resource
import sys
import threading
import traceback
from collections import deque
from types import TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 6
"""Letters: what is shorter stands in innocent words, and guards nothing."""
KEPT: Final = 3
"""So many of one name: the one in use, and those before it that a late error may hold."""
INSTEAD: Final = "***"

_kept: dict[str, deque[tuple[str, ...]]] = {}
_spellings: tuple[str, ...] = ()


def keep_secret(name: str, secret: str) -> None:
    """Never write this out again, in any spelling that a traceback or a document may use.

    Of each name only a few are kept, so that tokens may come and go for ever.
    """
    global _spellings  # noqa: PLW0603 a log is one for the whole process, and so is what it must not say
    if len(secret) < SHORTEST:
        return
    raw = secret.encode(errors="surrogatepass")
    ways = (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(raw, safe=""), quote_plus(raw))
    _kept.setdefault(name, deque(maxlen=KEPT)).append((*ways, repr(raw)[2:-1]))
    known = {way for kept in _kept.values() for spellings in kept for way in spellings}
    _spellings = tuple(sorted(known, key=len, reverse=True))


def redacted(text: str) -> str:
    """The text without what is secret."""
    for secret in _spellings:
        text = text.replace(secret, INSTEAD)
    return text


def seal() -> None:
    """Leave no core dump, and no secret in the traceback of a bug. For the start of a process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.excepthook = _complain
    threading.excepthook = lambda told: _complain(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _complain(told.exc_type, told.exc_value, told.exc_traceback)


def _complain(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))
