"""Keeps an eye on the wiring: notices a wrong phase map in normal operation, and gives lessons when asked."""

from bridge.core.learning import WORTH, Lesson, Scene
from bridge.core.model import (
    Happening,
    Installation,
    Instant,
    LearnBy,
    LearningStage,
    Pairing,
    Telegram,
)
from bridge.core.pairing import EXCLUDED, SURE, Belief, Verdict, Wiring
from bridge.core.phases import NOTHING, PerPhase, Phase
from bridge.core.starts import Starts

AGREES_AGAIN = 0.5
"""From this probability on the settings are not held for wrong any more."""


class WiringWatch:
    """All that is learnt of the wiring since the start of the service. Only tells: settings.toml decides."""

    __slots__ = ("_belief", "_draw", "_house", "_lesson", "_result", "_starts", "_wiring", "is_wrong")

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._wiring: Wiring = house.phases
        self._starts = Starts(len(house.phases))
        self._belief = Belief(len(house.phases))
        self._draw = NOTHING
        self._lesson: Lesson | None = None
        self._result = (LearningStage.IDLE, "")
        self.is_wrong = False
        """Whether what was seen contradicts the settings."""

    @property
    def is_learning(self) -> bool:
        return self._lesson is not None and self._lesson.is_active

    def report(self, draw: PerPhase, now: Instant) -> None:
        """The charger told what it takes, A on P1 to P3."""
        self._draw = draw
        self._starts.report(draw, now)

    def see(self, telegram: Telegram, now: Instant) -> None:
        """Take a telegram."""
        told = self._starts.see(telegram, now)
        if told is None:
            return
        self._belief.take(told)
        if self._lesson is not None and self.is_learning:
            self._lesson.take(told)
        share = self._belief.of(self._wiring)
        self.is_wrong = share < EXCLUDED or (self.is_wrong and share < AGREES_AGAIN)

    def ask(self, by: LearnBy, trouble: str | None, now: Instant) -> tuple[Happening, str] | None:
        """Begin a lesson. Returns what there is to tell where it cannot be; a lesson that is under way goes on."""
        if self.is_learning:
            return None
        if trouble is None and max(self._draw) < WORTH:
            trouble = "no car is charging"
        if trouble is not None:
            return self._failed(trouble)
        self._lesson = Lesson(by, len(self._house.phases), now)
        return None

    def attend(self, trouble: str | None, lacking: Phase | None, now: Instant) -> tuple[Happening, str] | None:
        """Let the lesson go on; a phase may be lacking current for a start. Returns what to tell when it has ended."""
        lesson = self._lesson
        if lesson is None or not lesson.is_active:
            return None
        lesson.attend(Scene(self._draw, trouble, lacking), now)
        if lesson.failure is not None:
            return self._failed(lesson.failure)
        return self._finished(lesson) if lesson.is_done else None

    def holds_at_zero(self, now: Instant) -> bool:
        """Whether a lesson wants the car to take nothing."""
        return self._lesson is not None and self._lesson.holds_at_zero(now)

    def only(self, now: Instant) -> int | None:
        """The phase of the charger (0 to 2) that a lesson wants to be the only one; None for all."""
        return None if self._lesson is None else self._lesson.only(now)

    def pairing(self) -> Pairing:
        """What there is to show."""
        verdict = self._belief.verdict()
        likely = verdict.wiring if self._belief.starts else ()
        if self._lesson is not None and self._lesson.is_active:
            return Pairing(self._lesson.stage, _under_way(self._lesson), likely, verdict.certainty)
        stage, text = self._result
        return Pairing(stage, text, likely, verdict.certainty)

    def _failed(self, why: str) -> tuple[Happening, str]:
        text = f"phases not learnt: {why}"
        self._result = (LearningStage.FAILED, text)
        return Happening.PHASES_NOT_LEARNT, text

    def _finished(self, lesson: Lesson) -> tuple[Happening, str]:
        verdict, of_settings = lesson.belief.verdict(), lesson.belief.of(self._wiring)
        note = f"; {lesson.note}" if lesson.note else ""
        if verdict.is_sure or of_settings <= 1.0 - SURE:
            self._belief = lesson.belief  # what was seen before may be of another wiring
        if of_settings >= SURE:
            self.is_wrong = False
            self._result = (LearningStage.AGREES, f"phases learnt: {told(verdict)}, as in the settings{note}")
        elif of_settings <= 1.0 - SURE:
            self.is_wrong = True
            self._result = (
                LearningStage.DIFFERS,
                f"phases learnt: {told(verdict)}, not as in the settings{cure(verdict)}{note}",
            )
        else:
            text = f"phases not learnt: {_vague(verdict)}{note}"
            self._result = (LearningStage.UNDECIDED, text)
            return Happening.PHASES_NOT_LEARNT, text
        return Happening.PHASES_LEARNT, self._result[1]


def line(wiring: Wiring) -> str:
    """The line for [charger] in settings.toml."""
    listed = ", ".join(f'"{phase}"' for phase in wiring)
    return f"phases = [{listed}]"


def told(verdict: Verdict) -> str:
    """What is sure of the places, and how sure: the wiring, or what one phase alone tells."""
    if verdict.is_sure:
        pairs = ", ".join(f"P{number} on {phase}" for number, phase in enumerate(verdict.wiring, start=1))
        return f"{pairs} ({percent(verdict.certainty)} sure)"
    sure = [
        f"P{number} on {phase} ({percent(certainty)} sure)"
        for number, (phase, certainty) in enumerate(verdict.places, start=1)
        if certainty >= SURE
    ]
    return ", ".join([*sure, "the rest open"]) if sure else "none of it for sure"


def cure(verdict: Verdict) -> str:
    """What to write into settings.toml, where that is known."""
    return f": under [charger] set {line(verdict.wiring)}" if verdict.is_sure else ""


def percent(certainty: float) -> str:
    """Rounded down: 99.9 % is never 100 %."""
    return f"{int(certainty * 1000) / 10:g} %"


def _vague(verdict: Verdict) -> str:
    by_place = told(verdict)
    if any(certainty >= SURE for _, certainty in verdict.places):
        return f"{by_place}; a car that uses all phases would tell"
    return f"the phases came up too much alike; likeliest {line(verdict.wiring)[9:]} ({percent(verdict.certainty)})"


def _under_way(lesson: Lesson) -> str:
    if lesson.lacking is not None:
        return f"learning the phases: waiting until {lesson.lacking} leaves enough for the car"
    words = {
        LearningStage.PAUSING: "pausing the car",
        LearningStage.WATCHING: "watching the phases come up",
        LearningStage.ONE_PHASE: "watching one phase alone",
        LearningStage.RESTORING: "back to three phases",
    }
    again = ", second try" if lesson.round > 1 else ""
    return f"learning the phases: {words[lesson.stage]}{again}"
