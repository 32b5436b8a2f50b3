"""How checks are shown: one line each, wrapped below its own beginning, or one JSON document."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Final, TextIO

from rich.console import Console
from rich.text import Text

from bridge import __version__
from bridge.commands.doctor.check import Check, Mark, must_mend

SIGNS: Final[Mapping[Mark, str]] = {Mark.GOOD: "✓", Mark.CAUTION: "!", Mark.BAD: "✗"}
PLAIN_SIGNS: Final[Mapping[Mark, str]] = {Mark.GOOD: "+", Mark.CAUTION: "!", Mark.BAD: "x"}
COLOURS: Final[Mapping[Mark, str]] = {Mark.GOOD: "green", Mark.CAUTION: "yellow", Mark.BAD: "bold red"}
SUBJECT: Final = 17
"""Columns of the subject."""
MARGIN: Final = SUBJECT + 2
NARROWEST, WIDEST, USUAL = 40, 100, 80
"""Columns of a line; USUAL where it is no terminal."""
SHORTEST_SECRET: Final = 4


class Censor:
    """Makes text fit to be shown: no secret, and nothing that a terminal would obey."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return "".join(sign if sign.isprintable() else "�" for sign in text)

    def check(self, check: Check) -> Check:
        return Check(check.mark, *map(self, check[1:]))


class Paper:
    """Prints checks as they come. Plain where it is no terminal."""

    def __init__(self, out: TextIO | None = None) -> None:
        out = out or sys.stdout
        self._console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._width = USUAL
        if self._console.is_terminal:
            self._width = max(NARROWEST, min(self._console.width, WIDEST))
        self._encoding = getattr(out, "encoding", None) or "utf-8"
        self._signs = SIGNS if self._can_write("✓✗") else PLAIN_SIGNS

    def show(self, check: Check) -> None:
        first, *more = wrap(check.seen, self._width - MARGIN, break_on_hyphens=False) or [""]
        line = Text(f"{self._signs[check.mark]} ", style=COLOURS[check.mark])
        line.append(f"{check.subject:<{SUBJECT}}", style="bold")
        line.append(first, style="")
        self._print(line)
        for rest in more:
            self._print(Text(" " * MARGIN + rest))
        for number, rest in enumerate(wrap(check.cure, self._width - MARGIN - 2, break_on_hyphens=False)):
            self._print(Text(" " * MARGIN + ("  " if number else "→ ") + rest, style=COLOURS[check.mark]))

    def say(self, text: str = "") -> None:
        """Print a paragraph."""
        for line in wrap(text, self._width, break_on_hyphens=False) or [""]:
            self._print(Text(line))

    def _print(self, text: Text) -> None:
        fit = text if self._can_write(text.plain) else Text(self._bare(text.plain))
        self._console.print(fit)

    def _can_write(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def _bare(self, text: str) -> str:
        for sign, plain in (("→", ">"), ("−", "-"), ("“", '"'), ("”", '"'), ("•", "*")):
            text = text.replace(sign, plain)
        return text.encode("ascii", "replace").decode()


def closing(checks: Sequence[Check]) -> str:
    """The last line: what there is to do."""
    bad = sum(check.mark is Mark.BAD for check in checks)
    cautions = sum(check.mark is Mark.CAUTION for check in checks)
    if must_mend(checks):
        return f"{bad} to mend (✗), {cautions} to look at (!)."
    return f"All is well; {cautions} to look at (!)." if cautions else "All is well."


def document(checks: Iterable[Check], status: int, more: Mapping[str, object] | None = None) -> str:
    """Everything as one JSON document."""
    shown = [{"mark": check.mark, "subject": check.subject, "seen": check.seen, "cure": check.cure} for check in checks]
    return json.dumps(
        {"version": __version__, "exit_status": status, "checks": shown, **(more or {})}, ensure_ascii=False, indent=2
    )
