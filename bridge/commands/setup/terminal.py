"""A person at a terminal."""

import getpass
import os
import sys
import termios
import warnings
from contextlib import suppress
from typing import Final

NO_TEXT: Final = "\udcff"
"""Stands for bytes that are no text in the terminal's encoding: whoever asks refuses it."""


class Terminal:
    """Implements questions.Prompt on stdin, with line editing where Python has it."""

    def __init__(self) -> None:
        with suppress(ImportError):
            import readline  # noqa: PLC0415 it takes over the terminal as soon as it is loaded

            readline.set_auto_history(False)

    def line(self, text: str) -> str:
        _forget_typed()
        try:
            return input(text)
        except UnicodeDecodeError:
            return NO_TEXT

    def secret(self, text: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # better no answer than one that is shown
            try:
                return getpass.getpass(text)
            except getpass.GetPassWarning:
                raise EOFError from None
            except UnicodeDecodeError:
                return NO_TEXT


def is_person_there() -> bool:
    """Whether somebody can type an answer and see the question."""
    try:
        return os.isatty(sys.stdin.fileno()) and os.isatty(sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return False


def _forget_typed() -> None:
    """What was typed while nobody asked answers nothing."""
    with suppress(termios.error, OSError, ValueError):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
