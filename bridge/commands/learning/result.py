"""What came of it, for people and for scripts."""

from typing import Any, NamedTuple

from bridge.core.model import LearningStage
from bridge.core.phases import Phase

LEARNT = (LearningStage.AGREES, LearningStage.DIFFERS)


class Learnt(NamedTuple):
    """How the lesson ended."""

    stage: LearningStage
    text: str
    """One line for people."""
    phases: tuple[Phase, ...] | None = None
    """Mains phases on P1, P2, P3, where that is sure."""
    certainty: float | None = None
    restored: bool | None = None
    """Whether the limit of before is in force again by the charger's own word; None where the service governs on."""

    @property
    def status(self) -> int:
        """Exit status: 0 where something was learnt and nothing was left behind."""
        return 0 if self.stage in LEARNT and self.restored is not False else 1

    def document(self, settings: tuple[Phase, ...]) -> dict[str, Any]:
        return {
            "result": str(self.stage),
            "text": self.text,
            "phases": None if self.phases is None else list(self.phases),
            "certainty": self.certainty,
            "settings": list(settings),
            "limit_restored": self.restored,
        }
