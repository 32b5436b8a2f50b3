"""Phases and the few sums done on all three of them."""

from enum import StrEnum
from typing import NamedTuple, Self


class Phase(StrEnum):
    """One conductor of the mains."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"

    @property
    def place(self) -> int:
        """Position in a PerPhase: 0, 1 or 2."""
        return ord(self[1]) - ord("1")


class PerPhase(NamedTuple):
    """One quantity on three conductors: L1 to L3 of the mains, or P1 to P3 of the charger."""

    l1: float
    l2: float
    l3: float

    @classmethod
    def all(cls, value: float) -> Self:
        return cls(value, value, value)


NOTHING = PerPhase(0.0, 0.0, 0.0)


class PhaseMap:
    """Which mains phase sits on which phase of the charger.

    `phases[0]` is the mains phase on the charger's P1, and so on; one entry is a one-phase
    installation. Raises ValueError where a phase is named twice or there are neither one nor three.
    """

    __slots__ = ("phases", "to_mains")

    def __init__(self, phases: tuple[Phase, ...]) -> None:
        if len(set(phases)) != len(phases):
            raise ValueError("a phase is named twice")
        if len(phases) not in {1, 3}:
            raise ValueError("needs one phase or three")
        self.phases = phases
        self.to_mains = tuple(phase.place for phase in phases)

    def mains(self, charger: PerPhase) -> PerPhase:
        """Charger's P1 to P3 → L1 to L3; phases without a charger are 0."""
        result = [0.0, 0.0, 0.0]
        for position, index in enumerate(self.to_mains):
            result[index] = charger[position]
        return PerPhase(*result)

    def charger(self, mains: PerPhase) -> PerPhase:
        """L1 to L3 → charger's P1 to P3; phases that are not wired are 0."""
        result = [0.0, 0.0, 0.0]
        for position, index in enumerate(self.to_mains):
            result[position] = mains[index]
        return PerPhase(*result)
