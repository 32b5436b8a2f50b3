"""What surrounds the faults, the time in which they come and go, and what is recorded for the judges."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, TypeAlias

from fault_kinds import Fault, Kind

from bridge.core.model import Decision, OnLapse, SetCircuitLimit

Row: TypeAlias = tuple[float, float, float]
QUIET_FROM = 3600
"""Until here loads and faults come and go, s."""
LIVES_WITHIN = 900
"""s from the end of the last fault until the car must have its share again."""

SECONDS = QUIET_FROM + LIVES_WITHIN


class Load(NamedTuple):
    """Something that is switched on once."""

    begins: int
    lasts: int
    amperes: float
    place: int
    """0 to 2: L1 to L3."""
    period: int = 0
    """On for half of each so many seconds; 0 = steady."""


class Setting(NamedTuple):
    """One evening."""

    faults: tuple[Fault, ...]
    loads: tuple[Load, ...] = ()
    base: float = 4.0
    """House load that is always there on L1 and L3, A; 1 A on L2."""
    seed: int = 1
    on_lapse: OnLapse = OnLapse.NEVER
    is_lapse_known: bool = False
    offline_current: int = 6
    time_to_live: int = 10
    charger_maximum: int = 16
    """Where the owner has turned that knob, A."""

    @property
    def house(self) -> list[Row]:
        """House load on L1 to L3, A; a row a second up to the quiet, whose first row stays."""
        rows = [[self.base, 1.0, self.base] for _ in range(QUIET_FROM)]
        for begins, lasts, amperes, place, period in self.loads:
            for second in range(begins, min(begins + lasts, QUIET_FROM)):
                if not period or (second - begins) % period < period / 2:
                    rows[second][place] += amperes
        return [(l1, l2, l3) for l1, l2, l3 in [*rows, [self.base, 1.0, self.base]]]


@dataclass
class Course:
    """What happened. Lists have an entry a second, the first for second 1."""

    house: list[Row] = field(default_factory=list)
    draw: list[float] = field(default_factory=list)
    offer: list[float] = field(default_factory=list)
    dynamic: list[int] = field(default_factory=list)
    seen: list[Row] = field(default_factory=list)
    """When each phase was last in a telegram, as the present engine knows; s."""
    decisions: list[Decision | None] = field(default_factory=list)
    orders: list[tuple[int, SetCircuitLimit]] = field(default_factory=list)
    bans: list[tuple[int, int]] = field(default_factory=list)
    raised_by_others: list[int] = field(default_factory=list)
    """When another app, a reboot or a lapse raised the limit."""
    starts: list[int] = field(default_factory=lambda: [0])


class Timeline:
    """Virtual seconds, what is due in them, and which faults are there."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.now = 0
        self.life = 0
        """Which process of the bridge it is: what was meant for the one before reaches nobody."""
        self.faults = faults
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = count()

    def plan(self, happening: Callable[[], None], after: float) -> None:
        """Let it happen so many s from now, whoever lives then."""
        heapq.heappush(self._due, (self.now + after, next(self._count), happening))

    def plan_for_this_life(self, happening: Callable[[], None], after: float) -> None:
        """The same, unless the bridge was started anew meanwhile."""
        life = self.life

        def unless_dead() -> None:
            if self.life == life:
                happening()

        self.plan(unless_dead, after)

    def happen(self) -> None:
        """Let happen what is due."""
        while self._due and self._due[0][0] <= self.now:
            heapq.heappop(self._due)[2]()

    def is_on(self, *kinds: Kind) -> bool:
        return any(fault.kind in kinds and fault.is_on(self.now) for fault in self.faults)

    def end_of(self, kind: Kind) -> int:
        """When the last of those that are there now ends; 0 where none is."""
        return max((fault.end for fault in self.faults if fault.kind is kind and fault.is_on(self.now)), default=0)
