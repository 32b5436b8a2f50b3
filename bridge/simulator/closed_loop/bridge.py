"""The engine of the bridge, driven through its public interface as the service drives it."""

from bridge.core.engine import Engine
from bridge.core.mains_estimate import estimate
from bridge.core.model import (
    ChargerReport,
    ChargerState,
    Decision,
    Installation,
    Ordered,
    Outcome,
    Pace,
    PhaseReading,
    Result,
    Telegram,
)
from bridge.core.phases import PerPhase, Phase
from bridge.simulator.closed_loop.controller import Order, Report, Shown, Site
from bridge.simulator.closed_loop.controller import Telegram as Seen

PHASES = tuple(Phase)


class Bridge:
    """Answers the plant in the words of the adapters."""

    def __init__(
        self, site: Site, *, pace: Pace = Pace.NORMAL, is_fine: bool = False, home: Installation | None = None
    ) -> None:
        """Begin anew. `home` says more than `site` and `pace`, and then stands for both."""
        phases = tuple(PHASES[place] for place in site.to_mains)
        self.engine = Engine(home or Installation(site.fuse, site.maximum, phases, pace=pace), 0.0)
        self.decision: Decision | None = None
        """The newest."""
        self._is_fine = is_fine
        self._number = 0

    def told(self, telegram: Seen, now: float) -> None:
        l1, l2, l3 = telegram
        self.engine.observe(Telegram((self._read(l1), self._read(l2), self._read(l3))), now)

    def _read(self, shown: Shown) -> PhaseReading | None:
        return estimate(shown.current, shown.power, shown.voltage, meter_is_fine=self._is_fine)

    def reported(self, report: Report, now: float) -> None:
        limits = PerPhase(*map(float, report.in_force))
        seen = ChargerReport(ChargerState.CHARGING, limits, PerPhase(*report.draw))
        self.engine.observe(seen, now)

    def answered(self, now: float, *, is_taken: bool) -> None:
        self.engine.observe(Outcome(self._number, Result.ACCEPTED if is_taken else Result.UNANSWERED), now)

    def decide(self, now: float) -> Order | None:
        self.decision = self.engine.decide(now)
        command = self.decision.command
        if command is None:
            return None
        self._number = command.number
        self.engine.observe(Ordered(command), now)
        return Order(command.currents)
