"""How sure it is which mains phase sits on each phase of the charger. Probabilities, never a threshold on amperes."""

from collections.abc import Sequence
from itertools import permutations
from math import exp, log
from typing import NamedTuple, TypeAlias

from bridge.core.phases import Phase

Wiring: TypeAlias = tuple[Phase, ...]
"""Mains phase on the charger's P1, P2, P3; one entry is a one-phase installation."""
Weights: TypeAlias = tuple[float, ...]
"""Natural logarithms of likelihoods, one per wiring in the order of `wirings`; only their differences mean anything."""

MOST_AT_ONCE = log(1000.0)
"""One start of the car may speak for a wiring against another with odds of 1000 at most: the model of the house is
never better than that. Measured in benchmarks/pairing.py."""
MOST_KEPT = log(1e6)
"""Evidence that has piled up beyond this is forgotten, so that a charger that was rewired is believed soon."""
SURE = 0.99
"""From here on a wiring counts as found."""
EXCLUDED = 1e-4
"""Below this a wiring counts as contradicted: that takes more than one start."""


def wirings(phases: int) -> tuple[Wiring, ...]:
    """All ways in which a charger of one or of three phases can be wired."""
    return tuple(permutations(Phase, phases))


class Verdict(NamedTuple):
    """What is known of the wiring."""

    wiring: Wiring
    """The likeliest."""
    certainty: float
    """Its probability; 1/6 where nothing is known of three phases."""
    places: tuple[tuple[Phase, float], ...]
    """The likeliest mains phase of each phase of the charger by itself, and its probability: a one-phase car tells
    of one place only."""

    @property
    def is_sure(self) -> bool:
        return self.certainty >= SURE


class Belief:
    """Probabilities of all wirings, from any number of starts."""

    __slots__ = ("_weights", "starts", "wirings")

    def __init__(self, phases: int) -> None:
        self.wirings = wirings(phases)
        self._weights = [0.0] * len(self.wirings)
        self.starts = 0
        """How many spoke so far."""

    def take(self, weights: Weights) -> None:
        """One start has spoken."""
        self.starts += 1
        told = limited(weights, MOST_AT_ONCE)
        kept = limited([before + new for before, new in zip(self._weights, told, strict=True)], MOST_KEPT)
        self._weights = list(kept)

    def of(self, wiring: Wiring) -> float:
        """Probability of this wiring."""
        return self._shares()[self.wirings.index(wiring)]

    def verdict(self) -> Verdict:
        shares = self._shares()
        best = max(range(len(shares)), key=shares.__getitem__)
        places = []
        for position in range(len(self.wirings[0])):
            by_phase = dict.fromkeys(Phase, 0.0)
            for wiring, share in zip(self.wirings, shares, strict=True):
                by_phase[wiring[position]] += share
            places.append(max(by_phase.items(), key=lambda item: item[1]))
        return Verdict(self.wirings[best], shares[best], tuple(places))

    def _shares(self) -> list[float]:
        likelihoods = [exp(weight) for weight in self._weights]
        total = sum(likelihoods)
        return [likelihood / total for likelihood in likelihoods]


def limited(weights: Sequence[float], most: float) -> Weights:
    """The same with the best at 0, and none further below than `most`."""
    best = max(weights)
    return tuple(max(weight - best, -most) for weight in weights)
