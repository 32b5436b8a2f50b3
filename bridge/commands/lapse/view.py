"""What meter and charger have told, and when."""

from collections.abc import Callable
from typing import Final

from bridge.core.model import ChargerReport, Instant, Link, LinkReport, Observation, Outcome, Result, Telegram
from bridge.core.phases import PerPhase, Phase

LEAST_AGE: Final = 15.0
"""s without a telegram before the meter counts as silent, at least."""
PERIODS: Final = 3.5
"""The same in periods of the meter: two telegrams may be lost."""


class View:
    """The newest of everything."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        self._now = now
        self.report: ChargerReport | None = None
        self.links: dict[Link, LinkReport] = {}
        self.failure: str | None = None
        """Why meter or charger is no longer followed at all."""
        self.executed = 0
        """Number of the order that the charger has carried out last."""
        self._telegram: Telegram | None = None
        self._at: Instant = float("-inf")
        self._period = 0.0

    def tell(self, seen: Observation) -> None:
        match seen:
            case ChargerReport():
                self.report = seen
            case Outcome(result=Result.EXECUTED):
                self.executed = seen.number
            case LinkReport():
                self.links[seen.link] = seen
            case Telegram():
                now = self._now()
                if self._telegram is not None:
                    self._period = min(now - self._at, LEAST_AGE)
                self._telegram, self._at = seen, now

    def is_up(self, link: Link) -> bool:
        report = self.links.get(link)
        return report is not None and report.is_up

    @property
    def is_ready(self) -> bool:
        """Whether all is known that a trial needs."""
        is_up = self.is_up(Link.CHARGER) and self.is_up(Link.STREAM)
        return is_up and self.report is not None and self.mains is not None

    @property
    def missing(self) -> str:
        """Why it is not ready, in one line."""
        down = [report.detail for report in self.links.values() if not report.is_up and report.detail]
        return self.failure or "; ".join(down) or "meter or charger have not told everything"

    @property
    def is_blind(self) -> bool:
        """Whether the mains are not known now."""
        return self._now() - self._at > max(LEAST_AGE, PERIODS * self._period)

    @property
    def mains(self) -> PerPhase | None:
        """L1 to L3, A; None where a phase is not told."""
        if self._telegram is None:
            return None
        currents = [reading.current for reading in self._telegram.phases if reading is not None]
        return PerPhase(*currents) if len(currents) == len(Phase) else None

    @property
    def dynamic(self) -> PerPhase | None:
        """The limit in force as the charger reads it back."""
        return None if self.report is None else self.report.dynamic_current

    @property
    def ban(self) -> str | None:
        """Why no call is allowed, where none is."""
        report = self.links.get(Link.CHARGER)
        return report.detail if report is not None and report.retry_after is not None else None

    def over(self, fuse: float) -> Phase | None:
        """A phase that carries more than the fuse is for."""
        told = self._telegram.phases if self._telegram is not None else ()
        return next((p for p, reading in zip(Phase, told, strict=False) if reading and reading.current > fuse), None)
