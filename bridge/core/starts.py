"""Compares how the car's draw and the mains change together, while the car's phases change differently.

The phases of a car come up one after another within 35 s; a one-phase car uses one only. What changes on all phases
alike, or not at all, tells nothing of the wiring and is not looked at. The charger tells of its draw some seconds late,
nobody knows how late: every delay is tried, and the one that explains most counts most.
"""

from collections import deque
from math import exp, inf, log
from typing import NamedTuple

from bridge.core.household import Restlessness
from bridge.core.model import Instant, Telegram
from bridge.core.pairing import Weights, wirings
from bridge.core.phases import NOTHING, PerPhase

LOOK_EVERY = 4.5
"""s between two looks at the mains, or the meter's period where that is longer: in between a car gains about 4 A."""
LONGEST_GAP = 15.0
"""Over a longer silence of the meter nothing is compared, s."""
DELAYS = (-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0, 12.0, 15.0)
"""How much later than the mains the charger may tell of the same instant, s."""
LIKELY_DELAYS = (0.0, 4.0)
"""Measured: 1 to 3 s after a meter that is itself about a second late."""
UNLIKELY = log(0.1)
LAST = DELAYS[-1]
UNEQUAL = 1.5
"""Changes of two phases that differ by less say nothing, A: reports are not exact, and not of one instant."""
BLUR = 0.2
"""Share of the car's change that the jitter of its reports may misplace."""
TRUST = 0.6
"""Looks that follow each other share their errors, so that each counts for less than one (benchmarks/pairing.py)."""
ENDS_AFTER = 10.0
"""A start is over when the phases have changed alike for this long, s."""
LONGEST = 150.0
"""A start that goes on longer is judged in pieces, s."""


DRAWS_KEPT = 120
"""Enough for the longest delay and gap at four reports a second; a meter that is gone lets nothing be forgotten."""


class Look(NamedTuple):
    """The mains at one instant, A on L1 to L3."""

    at: Instant
    mains: PerPhase
    whole_amperes: bool


class Starts:
    """Takes telegrams and reports, and tells what each start of the car says of the wiring.

    Cheap: a telegram costs one comparison, a look every few seconds; sums are done only while the draw is unequal.
    """

    __slots__ = (
        "_ahead",
        "_draws",
        "_last",
        "_look_at",
        "_looks",
        "_opened_at",
        "_phases",
        "_rests",
        "_sums",
        "_unequal_at",
        "_wirings",
    )

    def __init__(self, phases: int) -> None:
        self._phases = phases
        self._wirings = [tuple(phase.place for phase in wiring) for wiring in wirings(phases)]
        self._rests = (Restlessness(), Restlessness(), Restlessness())
        self._draws: deque[tuple[Instant, PerPhase]] = deque(maxlen=DRAWS_KEPT)
        self._looks: deque[Look] = deque()
        self._last: Look | None = None
        self._look_at: Instant = -inf
        self._forget()

    def _forget(self) -> None:
        self._sums = [[0.0] * len(self._wirings) for _ in DELAYS]
        self._opened_at: Instant | None = None
        self._unequal_at: Instant = -inf

    def report(self, draw: PerPhase, now: Instant) -> None:
        """The charger told what it takes, A on P1 to P3."""
        if not self._draws or draw != self._draws[-1][1]:
            self._draws.append((now, draw))

    def see(self, telegram: Telegram, now: Instant) -> Weights | None:
        """Take a telegram. Returns the logarithms of the wirings' likelihoods when a start is over."""
        if now < self._look_at:
            return None
        look = _look(telegram, now)
        if look is None:
            return None
        self._look_at = now + LOOK_EVERY
        self._looks.append(look)
        told = None
        while self._looks and now - self._looks[0].at >= LAST:
            told = self._compare(self._looks.popleft()) or told
        return told

    def _compare(self, look: Look) -> Weights | None:
        before, self._last = self._last, look
        while len(self._draws) > 1 and self._draws[1][0] <= look.at + DELAYS[0] - LONGEST_GAP:
            self._draws.popleft()
        if before is None or look.at - before.at > LONGEST_GAP:
            return self._conclude()
        self._weigh(before, look)
        if self._opened_at is None:
            return None
        is_over = look.at - self._unequal_at >= ENDS_AFTER or look.at - self._opened_at >= LONGEST
        return self._conclude() if is_over else None

    def _weigh(self, before: Look, look: Look) -> None:
        changes = [new - old for old, new in zip(before.mains, look.mains, strict=True)]
        if not self._draws or self._draws[-1][0] <= before.at + DELAYS[0]:
            self._learn(changes)
            return
        drawn = [self._change(before.at + delay, look.at + delay) for delay in DELAYS]
        if not any(self._is_unequal(change) for change in drawn):
            return
        self._opened_at = before.at if self._opened_at is None else self._opened_at
        self._unequal_at = look.at
        for sums, change in zip(self._sums, drawn, strict=True):
            self._add(sums, changes, change, whole_amperes=look.whole_amperes)

    def _learn(self, changes: list[float]) -> None:
        """The car stood still: what has changed was the house."""
        for rest, change in zip(self._rests, changes, strict=True):
            rest.see(change)

    def _is_unequal(self, change: PerPhase) -> bool:
        """Whether the phases differ in what they gained; of a one-phase charger, whether it gained or lost."""
        told = (*change[: self._phases], 0.0) if self._phases == 1 else change
        return max(told) - min(told) >= UNEQUAL

    def _add(self, sums: list[float], changes: list[float], change: PerPhase, *, whole_amperes: bool) -> None:
        rests, phases = self._rests, range(self._phases)
        alone = [log(rests[j].likelihood(changes[j], 0.0, whole_amperes=whole_amperes)) for j in range(3)]
        fits = [
            [
                log(rests[j].likelihood(changes[j] - change[i], BLUR * abs(change[i]), whole_amperes=whole_amperes))
                - alone[j]
                for j in range(3)
            ]
            for i in phases
        ]
        for number, wiring in enumerate(self._wirings):
            sums[number] += sum(fits[i][wiring[i]] for i in phases) + sum(alone)

    def _change(self, since: Instant, until: Instant) -> PerPhase:
        old, new = self._draw(since), self._draw(until)
        return PerPhase(new[0] - old[0], new[1] - old[1], new[2] - old[2])

    def _draw(self, at: Instant) -> PerPhase:
        """What the charger had told by then; before the first report what that said."""
        told = self._draws[0][1] if self._draws else NOTHING
        for instant, draw in self._draws:
            if instant > at:
                break
            told = draw
        return told

    def _conclude(self) -> Weights | None:
        """The start is over: each wiring with the delays that suit it, each delay as likely as it is."""
        if self._opened_at is None:
            return None
        best = max(map(max, self._sums))
        weights = []
        for number in range(len(self._wirings)):
            total = sum(
                exp(TRUST * (sums[number] - best) + _prior(delay))
                for delay, sums in zip(DELAYS, self._sums, strict=True)
            )
            weights.append(log(total) if total > 0 else -inf)
        self._forget()
        return tuple(weights)


def _prior(delay: float) -> float:
    return 0.0 if LIKELY_DELAYS[0] <= delay <= LIKELY_DELAYS[1] else UNLIKELY


def _look(telegram: Telegram, now: Instant) -> Look | None:
    """The mains where all three phases are told."""
    one, two, three = telegram.phases
    if one is None or two is None or three is None:
        return None
    whole = one.whole_amperes or two.whole_amperes or three.whole_amperes
    return Look(now, PerPhase(one.current, two.current, three.current), whole)
