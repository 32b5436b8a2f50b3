"""The log: one line each on stderr, as journald or a person at a terminal likes it."""

import logging
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO

from bridge.runtime.log_quota import Quota, swallowed
from bridge.runtime.secrecy import redacted

_TERMINAL = "%(asctime)s %(levelname)-7s %(message)s"
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""Weights of syslog, as journald reads them from `<4>` at the start of a line; below INFO it is 7."""


def set_up(level: str, environ: Mapping[str, str] = os.environ, stream: TextIO | None = None) -> None:
    """Write our log from `level` on (its name, in any case), and only warnings of everything else.

    The libraries' lower levels hold tokens, frames and headers, so there is no way to switch them on.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JournalFormatter() if is_journal(stream, environ) else _LineFormatter(_TERMINAL))
    handler.addFilter(_is_fit)
    handler.addFilter(Quota())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("bridge").setLevel(level.upper())


def complain(lines: Iterable[str], environ: Mapping[str, str] = os.environ) -> None:
    """Say on stderr why the program ends, before or after there is a log."""
    prefix = "<3>" if is_journal(sys.stderr, environ) else "ev-load-bridge: "
    sys.stderr.writelines(f"{prefix}{_on_one_line(redacted(line))}\n" for line in lines)


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether journald reads this very stream: it gives its device and inode."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _is_fit(record: logging.LogRecord) -> bool:
    """Keep out what a library logs below WARNING on a logger that it has opened itself."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == "bridge"


def _on_one_line(text: str) -> str:
    """A device's text may hold anything; it neither breaks the line nor reaches the terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)


class _LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's own name
        return _on_one_line(redacted(super().formatMessage(record)) + swallowed(record))


class _JournalFormatter(_LineFormatter):
    def format(self, record: logging.LogRecord) -> str:
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())
