"""What really happened: the judge of a simulation."""

from dataclasses import dataclass

from bridge.core.phases import PerPhase


@dataclass(slots=True)
class Tally:
    """Adds up over a fuse of `fuse` A per phase."""

    fuse: float
    seconds: float = 0.0
    worst_current: float = 0.0
    """Highest magnitude on any phase, A."""
    caused: float = 0.0
    """Ampere-seconds over the fuse that the car caused, all phases together; what the house alone is over is not."""
    seconds_over: float = 0.0
    """With any phase over the fuse."""
    longest_over: float = 0.0
    """Seconds on end."""
    _over_since: float | None = None

    @property
    def worst_overload(self) -> float:
        """A over the fuse, 0 where it never was."""
        return max(self.worst_current - self.fuse, 0.0)

    def step(self, seconds: float, mains: PerPhase, draw: PerPhase) -> None:
        """Let so much flow for so long; signed A on L1 to L3, of which the car draws its part."""
        self.seconds += seconds
        highest = max(map(abs, mains))
        self.worst_current = max(self.worst_current, highest)
        if highest <= self.fuse:
            self._over_since = None
            return
        for current, car in zip(mains, draw, strict=True):
            self.caused += min(max(current - self.fuse, 0.0), car) * seconds
        self.seconds_over += seconds
        if self._over_since is None:
            self._over_since = self.seconds - seconds
        self.longest_over = max(self.longest_over, self.seconds - self._over_since)
