"""What the conversation shows, readable at 80 columns, and never a secret."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import shorten, wrap
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bridge.commands.doctor.check import Check, bad, caution, good
from bridge.commands.doctor.show import NARROWEST, Censor, Paper

WIDTH: Final = 78
INDENT: Final = "  "
SHORTEST_SECRET: Final = 8
"""What is shorter may be a word that we say ourselves; what we say of a secret never repeats it."""


class Screen:
    """Plain text where it is no terminal."""

    def __init__(self, out: TextIO | None = None) -> None:
        out = out or sys.stdout
        self._paper = Paper(out)
        self._console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._secrets: list[str] = []
        self._width = min(max(self._console.width, NARROWEST), WIDTH) if self._console.is_terminal else WIDTH

    def hide(self, secret: str) -> None:
        """Never show this from now on."""
        if len(secret) >= SHORTEST_SECRET:
            self._secrets.append(secret)

    def title(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(f"── {text} {'─' * max(self._width - len(text) - 4, 2)}", style="bold cyan"))

    def say(self, text: str = "") -> None:
        for line in wrap(self._fit(text), self._width, break_on_hyphens=False) or [""]:
            self._console.print(Text(line))

    def command(self, why: str, command: str) -> None:
        """Something to copy: on a line of its own, however long."""
        self.say(why)
        self._console.print(Text(f"{INDENT}{self._fit(command)}", style="bold"))

    def hint(self, text: str) -> None:
        """Something to know, indented."""
        for line in wrap(self._fit(text), self._width - len(INDENT), break_on_hyphens=False):
            self._console.print(Text(f"{INDENT}{line}", style="dim"))

    def bad(self, text: str) -> None:
        """What is wrong with an answer, and its cure."""
        first, *rest = wrap(self._fit(text), self._width - len(INDENT), break_on_hyphens=False) or [""]
        self._console.print(Text(f"✗ {first}", style="bold red"))
        for line in rest:
            self._console.print(Text(f"{INDENT}{line}", style="bold red"))

    def check(self, check: Check) -> None:
        """One line with its sign, as doctor shows them."""
        self._paper.show(Censor(self._secrets).check(check))

    def good(self, subject: str, seen: str) -> None:
        self.check(good(subject, seen))

    def caution(self, subject: str, seen: str, cure: str = "") -> None:
        self.check(caution(subject, seen, cure))

    def trouble(self, subject: str, seen: str, cure: str = "") -> None:
        self.check(bad(subject, seen, cure))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns without a frame; what is wider than the screen is folded."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*(Text(self._fit(cell)) for cell in row))
        self._console.print(table, width=self._width, soft_wrap=False)

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show that something is under way."""
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            fit = shorten(self._fit(text), self._width - len(INDENT), placeholder=" …")
            with self._console.status(fit, spinner="line"):
                yield
        else:
            if self._console.is_terminal:
                self.hint(text)
            yield

    def _fit(self, text: str) -> str:
        return Censor(self._secrets)(text)
