"""A house as a benchmark sees it: what each phase takes, second by second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.simulator.closed_loop.plant import House

Amperes = NDArray[np.float64]

DAY = 86400


@dataclass(frozen=True)
class Trace:
    """One row a second, one column a mains phase."""

    name: str
    active: Amperes
    """Active part of the current, A, import + / export −."""
    reactive: Amperes
    """Reactive part, A; adds in quadrature."""
    fuse: float
    """A per phase."""
    phases: int = 3

    def __len__(self) -> int:
        return len(self.active)

    def mains(self, draw: Amperes) -> Amperes:
        """Signed RMS current of each mains phase with a car that draws so much of it, A."""
        active = self.active + draw
        return np.asarray(np.copysign(np.hypot(active, self.reactive), active))

    @property
    def house(self) -> House:
        """The same for the plant."""
        return House(self.active.tolist(), self.reactive.tolist())

    @property
    def house_load(self) -> Amperes:
        """Signed RMS current without a car, A."""
        return np.asarray(np.copysign(np.hypot(self.active, self.reactive), self.active))

    def part(self, start: int, seconds: int) -> "Trace":
        """A stretch of it."""
        rows = slice(start, start + seconds)
        return Trace(self.name, self.active[rows], self.reactive[rows], self.fuse, self.phases)
