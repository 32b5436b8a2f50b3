"""How long the cloud and the charger take."""

import random
from dataclasses import dataclass
from typing import TypeAlias

Spread: TypeAlias = tuple[float, float]
"""Shortest and longest, s."""


@dataclass(frozen=True)
class Latency:
    """Simulated seconds. The defaults are a healthy day on Wi-Fi."""

    answer: Spread = (0.05, 0.3)
    """Until a REST call is answered."""
    command: Spread = (1.0, 4.0)
    """From the accepted command until the charger follows it."""
    slow_command: Spread = (5.0, 15.0)
    slow_share: float = 0.05
    """Share of the commands that take the slow way."""
    event: Spread = (0.2, 0.8)
    """Until the cloud hears of a changed limit or state."""
    telemetry: Spread = (1.0, 3.0)
    """Until the cloud hears of a changed current."""
    sample_every: float = 1.0
    heartbeat_every: float = 900.0
    ping_every: float = 15.0

    def of_command(self, rng: random.Random) -> float:
        return rng.uniform(*(self.slow_command if rng.random() < self.slow_share else self.command))


AT_ONCE = Latency((0, 0), (0, 0), (0, 0), 0, (0, 0), (0, 0), sample_every=0.02)
"""For tests: no waiting."""
