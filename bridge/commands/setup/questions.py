"""Questions, and who answers them: flags first, then proposals or a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, TypeVar

from bridge.commands.setup.screen import Screen
from bridge.errors import BridgeError

T = TypeVar("T")
BACK: Final = "back"
HELP: Final = "?"


class BackError(Exception):
    """The person wants to go one step back."""


class UnansweredError(BridgeError):
    """Nobody is there to answer: one line for each flag that is missing or wrong. Exit 2."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Prompt(Protocol):
    """Where a person types. Raises EOFError and KeyboardInterrupt."""

    def line(self, text: str) -> str:
        """Read a line."""

    def secret(self, text: str) -> str:
        """Read a line without showing it."""


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked."""

    flag: str
    """That answers it, `--fuse`."""
    text: str
    """With unit and range."""
    read: Callable[[str], T]
    """Raises ValueError with what is wrong and the cure."""
    proposal: str = ""
    """What Enter takes; empty where nothing can be proposed."""
    help: str = ""
    """Where to find the answer."""
    is_secret: bool = False
    kept: str | None = None
    """A secret that is there already: Enter keeps it, and it is never shown."""


class Asker:
    """Puts questions. A flag answers once; what it says wrong is asked again where somebody is there."""

    def __init__(
        self, given: Mapping[str, str], prompt: Prompt | None, screen: Screen, *, takes_proposals: bool
    ) -> None:
        self._given = dict(given)
        self._prompt = prompt
        self._screen = screen
        self._takes_proposals = takes_proposals or prompt is None
        self.asked = 0
        """How many questions a person has answered."""

    @property
    def is_person(self) -> bool:
        return self._prompt is not None

    @property
    def is_asking(self) -> bool:
        """Whether a person is asked also where there is a proposal."""
        return not self._takes_proposals

    def has(self, flag: str) -> bool:
        return flag in self._given

    def ask(self, question: Question[T], *, again: bool = False) -> T:
        """Get an answer; `again`: the proposal has failed already, so only a person can answer.

        Raises UnansweredError where nobody can, and BackError.
        """
        given = self._given.pop(question.flag, None)
        if given is None and not again and self._takes_proposals:
            given = (question.proposal or None) if question.kept is None else question.kept
        if given is not None:
            try:
                return _read(question, given)
            except ValueError as error:
                self._refuse(question, str(error))
        if self._prompt is None:
            raise UnansweredError(f"{question.flag}: is missing ({question.text})")
        return self._answered(question, self._prompt)

    def agree(self, text: str, *, default: bool, silent: bool = True) -> bool:
        """Ask yes or no; `silent` is taken where nobody is to be asked."""
        if self._prompt is None or self._takes_proposals:
            return silent
        question = Question("", f"{text} (y or n)", _yes_or_no, "y" if default else "n")
        return self._answered(question, self._prompt)

    def give_in(self, error: BridgeError) -> None:
        """Raise an error that only a person could do something about, where there is none."""
        if self._prompt is None:
            raise error

    def _refuse(self, question: Question[T], why: str) -> None:
        if self._prompt is None:
            raise UnansweredError(f"{question.flag}: {why}")
        self._screen.bad(f"{question.flag}: {why}")

    def _answered(self, question: Question[T], prompt: Prompt) -> T:
        while True:
            text = self._typed(question, prompt)
            if text.strip() == HELP:
                self._screen.hint(question.help or "Enter takes what stands in brackets.")
                continue
            if text.strip().lower() == BACK:
                raise BackError
            try:
                answer = _read(question, text)
            except ValueError as error:
                self._screen.bad(str(error))
                continue
            self.asked += 1
            return answer

    def _typed(self, question: Question[T], prompt: Prompt) -> str:
        text = prompt_of(question)
        while True:
            if not question.is_secret:
                typed = prompt.line(text).strip() or question.proposal
            else:
                typed = prompt.secret(text) or question.kept or ""
            if typed:
                return typed
            self._screen.bad("an answer is needed here; ? explains, back goes a step back, Ctrl-C ends without a trace")


def prompt_of(question: Question[T]) -> str:
    """The line that stands before the cursor."""
    proposal = "(kept)" if question.is_secret and question.kept is not None else question.proposal
    return f"› {question.text}{f' [{proposal}]' if proposal else ''}: "


def with_proposal(question: Question[T], proposal: str) -> Question[T]:
    return replace(question, proposal=proposal)


def _read(question: Question[T], text: str) -> T:
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # what Python makes of bytes that are no text
        raise ValueError("is not UTF-8; give it in the encoding of this terminal")
    return question.read(text)


def _yes_or_no(text: str) -> bool:
    match text.strip().lower():
        case "y" | "yes":
            return True
        case "n" | "no":
            return False
    raise ValueError("y or n")
