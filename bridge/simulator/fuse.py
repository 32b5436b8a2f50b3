"""The main fuse, and whether it would have gone."""

from bridge.core.model import Protection
from bridge.core.phases import NOTHING, PerPhase
from bridge.core.thermal import fuse_model

THERE = 1.0
"""Share of the thermal limit at which it goes."""


class Fuse:
    """Three fuses of the same rated current (A), heated by what flows; import and export heat alike."""

    def __init__(self, rated: float, protection: Protection = Protection.MCB) -> None:
        self.rated = rated
        self.theta = NOTHING
        self.peak = 0.0
        """Highest share of the thermal limit so far; 1.0 = it would have gone."""
        self._model = fuse_model(rated, protection)

    def step(self, seconds: float, flowing: PerPhase) -> None:
        """Let so much flow for so long; A on L1 to L3, s."""
        heated = self._model.heated
        self.theta = PerPhase(*(heated(t, i, seconds) for t, i in zip(self.theta, flowing, strict=True)))
        self.peak = max(self.peak, max(self.theta) / self._model.limit)

    def warm(self, flowing: PerPhase) -> None:
        """Let so much have flowed for hours."""
        self.theta = PerPhase(*((current / self.rated) ** 2 for current in flowing))

    @property
    def thermal_load(self) -> PerPhase:
        """Share of the thermal limit of each phase; 1.0 = it would go."""
        return PerPhase(*(theta / self._model.limit for theta in self.theta))

    @property
    def has_gone(self) -> bool:
        return self.peak >= THERE
