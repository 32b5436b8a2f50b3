"""One lesson: the car is paused and starts again, and the order in which its phases come up tells the wiring.

A lesson only ever lowers the limit, and what it lowers ends by the time alone: whatever goes wrong, the ordinary limit
returns.
"""

from typing import NamedTuple

from bridge.core.model import Instant, LearnBy, LearningStage
from bridge.core.pairing import Belief, Weights
from bridge.core.phases import PerPhase, Phase

DRAWING = 1.0
"""From this draw on a phase is in use, A."""
WORTH = 4.0
"""A car that takes less is not worth asking: its start would be lost in the house, A."""
STILL_FOR = 8.0
"""So long nothing must be drawn before the car is let go, s."""
PAUSE_WITHIN = 90.0
"""The longest pause that a lesson asks for, s: a slow cloud 15, a car 5, a report 3, two repeats of a lost order."""
ONE_PHASE_WITHIN = 150.0
"""The longest on one phase alone, s: the raise is due 30 s after the pause, a car takes up to 40 s to start."""
START_WITHIN = 900.0
"""For the house to leave enough, and for the car to start, s. Nothing is held down meanwhile."""
SETTLED = 90.0
"""So long after it has started, a car has told all it will tell, s: its phases 35, the statistics 25."""
ONE_PHASE_SETTLED = 50.0
"""The same for one phase alone, s."""
ROUNDS = 2
TASKS = {
    LearnBy.START: (LearningStage.WATCHING,),
    LearnBy.ONE_PHASE: (LearningStage.ONE_PHASE, LearningStage.ONE_PHASE, LearningStage.RESTORING),
}
"""What follows the pauses: two phases of three by themselves leave one place for the third."""


class Scene(NamedTuple):
    """What the lesson looks at."""

    draw: PerPhase
    """A on P1 to P3."""
    trouble: str | None = None
    """Why it cannot go on: no car, no meter, no charger; one clause for people."""
    lacking: Phase | None = None
    """The phase that leaves too little for a start, as long as it stays so."""


class Lesson:
    """Goes through its pauses; asked by the engine how far the limit must be held down."""

    __slots__ = (
        "_since",
        "_started_at",
        "_still_since",
        "_tasks",
        "belief",
        "by",
        "failure",
        "is_done",
        "lacking",
        "note",
        "round",
        "stage",
    )

    def __init__(self, by: LearnBy, phases: int, now: Instant) -> None:
        self.belief = Belief(phases)
        """From this lesson alone."""
        self.by = by
        self.stage = LearningStage.PAUSING
        self.is_done = False
        self.round = 1
        self.failure: str | None = None
        self.lacking: Phase | None = None
        """The phase it waits for, since it leaves too little for a start."""
        self.note = ""
        """What a person should know besides the result."""
        self._tasks = list(TASKS[by])
        self._since = now
        self._still_since: Instant | None = None
        self._started_at: Instant | None = None

    @property
    def is_active(self) -> bool:
        return self.failure is None and not self.is_done

    def holds_at_zero(self, now: Instant) -> bool:
        """Whether the car must take nothing."""
        return self.is_active and self.stage is LearningStage.PAUSING and now - self._since < PAUSE_WITHIN

    def only(self, now: Instant) -> int | None:
        """The phase of the charger (0 to 2) that alone may be used; None where all may."""
        if not self.is_active or self.stage is not LearningStage.ONE_PHASE or now - self._since >= ONE_PHASE_WITHIN:
            return None
        return 2 - len(self._tasks)

    def take(self, weights: Weights) -> None:
        """A start has spoken."""
        self.belief.take(weights)

    def attend(self, scene: Scene, now: Instant) -> None:
        """Look at what there is, and go on where it is time."""
        if scene.trouble is not None:
            self.failure = scene.trouble
            return
        self.lacking = scene.lacking if self.stage is not LearningStage.PAUSING else None
        self._mind(max(scene.draw), now)
        if self.stage is LearningStage.PAUSING:
            self._pause(now)
        elif self.stage is LearningStage.WATCHING:
            self._watch(now)
        elif self.stage is LearningStage.ONE_PHASE:
            self._try_one(now)
        else:
            self._restore(scene.draw, now)

    def _mind(self, draw: float, now: Instant) -> None:
        if draw >= DRAWING:
            self._still_since = None
            self._started_at = now if self._started_at is None else self._started_at
        else:
            self._started_at = None
            self._still_since = now if self._still_since is None else self._still_since

    def _enter(self, stage: LearningStage, now: Instant) -> None:
        self.stage, self._since = stage, now
        self._still_since = self._started_at = None

    def _pause(self, now: Instant) -> None:
        if self._still_since is not None and now - self._still_since >= STILL_FOR:
            self._enter(self._tasks.pop(0), now)
        elif now - self._since >= PAUSE_WITHIN:
            self.failure = "the car did not stop"

    def _watch(self, now: Instant) -> None:
        is_told = self._started_at is not None and now - self._started_at >= SETTLED
        if self.belief.verdict().is_sure:
            self.is_done = True
        elif is_told and self.round < ROUNDS:
            self.round += 1
            self._tasks = [LearningStage.WATCHING]
            self._enter(LearningStage.PAUSING, now)
        elif is_told:
            self.is_done = True
        elif now - self._since >= START_WITHIN:
            self.failure = self._no_start()

    def _no_start(self) -> str:
        if self.lacking is None:
            return "the car did not start again within 15 min"
        return f"{self.lacking} did not leave enough for the car within 15 min: try again in a quieter hour"

    def _try_one(self, now: Instant) -> None:
        is_told = self._started_at is not None and now - self._started_at >= ONE_PHASE_SETTLED
        if is_told or now - self._since >= ONE_PHASE_WITHIN:
            self._enter(LearningStage.PAUSING, now)

    def _restore(self, draw: PerPhase, now: Instant) -> None:
        if min(draw) >= DRAWING:
            self.note = "charging on three phases again"
            is_told = self._started_at is not None and now - self._started_at >= SETTLED
            if is_told or self.belief.verdict().is_sure:
                self.is_done = True
        elif self._started_at is not None and now - self._started_at >= SETTLED:
            self.note = "the charger stays on one phase: unplug the car and plug it in again"
            self.is_done = True
        elif now - self._since >= START_WITHIN:
            self.failure = self._no_start()
