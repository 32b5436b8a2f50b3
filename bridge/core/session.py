"""One car from plug-in to plug-out: which phases it uses, whether it takes what it is offered."""

from bridge.core.model import ChargerReport, ChargerState, Instant
from bridge.core.phases import PerPhase, PhaseMap

DRAWING = 1.0
"""From this draw on a phase is certainly used, A."""
STANDING_OUT = 4.0
"""A draw on some phases that makes the silence of the others a proof, A."""
PROOF = 60.0
"""That long: the phases of a starting car come up one after another within 35 s (measured)."""
IDLE_AFTER = 60.0
ASLEEP_AFTER = 600.0
WAKE_FOR = 15.0
"""Length of the short 0 A for a car that did not resume, s."""

Flags = tuple[bool, bool, bool]
L3 = 2
NO_PHASE: Flags = (False, False, False)


class Session:
    """What is known of the car that is plugged in. Mains phase order."""

    __slots__ = (
        "_by_pattern",
        "_by_proof",
        "_draw",
        "_drew_at",
        "_output",
        "_pattern",
        "_pattern_since",
        "_possible",
        "_proven",
        "_resumed_at",
        "_was_drawing",
        "_was_woken",
        "_wired",
        "_wiring",
        "_woken_at",
        "is_plugged",
    )

    def __init__(self, wiring: PhaseMap) -> None:
        self._wiring = wiring
        self._wired: Flags = (0 in wiring.to_mains, 1 in wiring.to_mains, L3 in wiring.to_mains)
        self._possible = self._by_pattern = self._by_proof = self._wired
        self.is_plugged = True
        self._output: Flags | None = None
        self._draw = PerPhase(0.0, 0.0, 0.0)
        self._unplugged()

    def _unplugged(self) -> None:
        self._pattern: Flags = NO_PHASE
        self._pattern_since: Instant = 0.0
        self._proven: Flags | None = None
        self._drew_at: Instant | None = None
        self._resumed_at: Instant | None = None
        self._was_drawing = False
        self._was_woken = False
        self._woken_at: Instant | None = None

    def see(self, report: ChargerReport, draw: PerPhase, now: Instant) -> None:
        """Take a report and its draw on the mains phases, A."""
        self.is_plugged = report.state is not ChargerState.DISCONNECTED or max(draw) >= DRAWING
        if not self.is_plugged:
            self._unplugged()
        elif self._is_proof(now):
            self._proven = self._pattern
        self._output = self._mapped(report.output)
        if max(draw) >= DRAWING:
            self._resumed_at = None
        if max(draw) >= DRAWING or self.is_drawing():
            self._drew_at = now
        self._draw = draw
        self._possible = self._flags(None) or self._wired
        self._see_pattern(now)
        self._by_pattern = self._flags(self._pattern) or self._possible
        self._by_proof = self._flags(self._proven) or self._possible

    def _mapped(self, output: Flags | None) -> Flags | None:
        if output is None or not any(output):
            return None
        mains = self._wiring.mains(PerPhase(*(float(used) for used in output)))
        flags = (mains.l1 > 0, mains.l2 > 0, mains.l3 > 0)
        return flags if any(flags) else None

    def _see_pattern(self, now: Instant) -> None:
        draw = self._draw
        pattern = (draw.l1 >= DRAWING, draw.l2 >= DRAWING, draw.l3 >= DRAWING)
        if pattern != self._pattern:
            self._pattern, self._pattern_since = pattern, now
        if pattern not in {NO_PHASE, self._proven}:
            self._proven = None

    def _is_proof(self, now: Instant) -> bool:
        return self._pattern != NO_PHASE and max(self._draw) >= STANDING_OUT and now - self._pattern_since >= PROOF

    def used(self, now: Instant) -> Flags:
        """Which mains phases the car uses. All that are wired, until draw or output phase proves otherwise."""
        if not self.is_plugged:
            return self._wired
        if self._is_proof(now):
            return self._by_pattern
        return self._possible if self._proven is None else self._by_proof

    def _flags(self, pattern: Flags | None) -> Flags | None:
        flags = [self._is_used(index, pattern) for index in range(3)]
        return (flags[0], flags[1], flags[2]) if any(flags) else None

    def _is_used(self, index: int, pattern: Flags | None) -> bool:
        if self._draw[index] >= DRAWING:
            return True
        if index not in self._wiring.to_mains or (self._output is not None and not self._output[index]):
            return False
        return pattern is None or pattern[index]

    def is_drawing(self) -> bool:
        return max(self._draw) >= DRAWING

    def is_idle(self, now: Instant) -> bool:
        """Whether the car has taken nothing for a while, though it was not we who paused it."""
        if self.is_drawing() or self._resumed_at is not None:
            return False
        return self._drew_at is not None and now - self._drew_at >= IDLE_AFTER

    # --- a car that does not wake up after a pause

    def ordered(self, before: int, limit: int, now: Instant) -> None:
        """Our limit changes, A."""
        if limit == 0 and before > 0:
            is_awaited = self._resumed_at is not None or self.is_being_woken(now)
            self._was_drawing = self.is_drawing() or is_awaited
            self._resumed_at = None
        elif limit > 0 and before == 0:
            self._woken_at = None
            if self._was_drawing:
                self._resumed_at = now

    def is_asleep(self, now: Instant) -> bool:
        """Whether a car that charged before the pause has taken nothing for ten minutes after it."""
        return self._resumed_at is not None and now - self._resumed_at >= ASLEEP_AFTER

    def wake(self, now: Instant) -> bool:
        """Try once with a short 0 A; False where that was tried already."""
        self._resumed_at = None
        if self._was_woken:
            return False
        self._was_woken = True
        self._woken_at = now
        return True

    def is_being_woken(self, now: Instant) -> bool:
        return self._woken_at is not None and now - self._woken_at < WAKE_FOR
