"""The Easee box on the wall: its limits, and what it offers the car. Pure."""

from dataclasses import dataclass
from enum import IntEnum

from bridge.core.model import OnLapse
from bridge.core.phases import NOTHING, PerPhase
from bridge.simulator.easee_output import NONE, Output, after_detection, chosen, lowest
from bridge.simulator.faults import Faults
from bridge.simulator.timeline import Due, Timeline

MINIMUM = 6.0
"""A, IEC 61851-1."""
CIRCUIT = PerPhase(16.0, 16.0, 16.0)
OFFLINE = PerPhase(6.0, 6.0, 6.0)
DRAWING = 0.5
"""A; from here the car counts as charging."""
REBOOTED_CIRCUIT = 40.0
"""A per phase after a restart of an Easee Home."""
REBOOTED_CHARGER = 32.0
SECONDS_PER_MINUTE = 60.0
DETECTION_SECONDS = 45.0
"""A car that draws on one phase only for so long is known to be a one-phase car."""


class OpMode(IntEnum):
    """Observation 109."""

    OFFLINE = 0
    DISCONNECTED = 1
    AWAITING_START = 2
    CHARGING = 3
    COMPLETED = 4
    ERROR = 5
    READY = 6
    AWAITING_AUTHENTICATION = 7
    DEAUTHENTICATING = 8


@dataclass(frozen=True, slots=True)
class Box:
    """What the installer set; A."""

    serial: str = "EH000001"
    circuit_maximum: PerPhase = CIRCUIT
    charger_maximum: float = 32.0
    offline_current: PerPhase = OFFLINE
    cable: float = 32.0
    grid_type: int = 1
    """1 = TN three-phase, 3 = TN one-phase, 4 = IT three-phase."""
    phase_mode: int = 2
    """1 locked to one phase, 2 automatic, 3 locked to three phases."""
    starts_anew_after_zero: bool = False
    """Whether 0 A on all phases ends a session's stay on one phase, as some chargers were seen to do."""


class EaseeCharger:
    """A charger on its circuit. Phases are the charger's P1 to P3; currents in A, ≥ 0.

    Whoever drives the physics calls `step` with what the car draws, and offers the car `offer` on `output`.
    """

    def __init__(self, box: Box, timeline: Timeline, faults: Faults) -> None:
        self.box = box
        self.circuit_maximum = box.circuit_maximum
        self.offline_current = box.offline_current
        self.dynamic_current = PerPhase.all(REBOOTED_CIRCUIT)
        self.dynamic_charger_current = REBOOTED_CHARGER
        self.is_plugged_in = False
        self.is_online = True
        self.is_full = False
        """The car has taken all it wants."""
        self.draw = NOTHING
        self.voltage = 230.0
        self.other_draw = NOTHING
        """What other chargers take on the same circuit."""
        self.session_energy = 0.0
        """kWh."""
        self.lifetime_energy = 1234.5
        self.output: Output = NONE
        """Which of P1 to P3 are switched through to the car."""
        self.offer = 0.0
        """What the pilot wire allows on each phase of the output; 0 = nothing."""
        self._timeline = timeline
        self._faults = faults
        self._lapse: Due | None = None
        self._one_phase_seconds = 0.0

    # --- what others do to it ----------------------------------------------------------------

    def set_dynamic_current(self, currents: PerPhase, minutes: int) -> None:
        """Take a limit over; it lapses after so many minutes, never with 0."""
        is_same = currents == self.dynamic_current
        self.dynamic_current = currents
        if is_same and self._faults.ignore_identical:
            return
        if self._lapse is not None:
            self._lapse.cancel()
        self._lapse = self._timeline.after(minutes * SECONDS_PER_MINUTE, self._let_lapse) if minutes else None
        self.settle()

    def set_dynamic_charger_current(self, amperes: float) -> None:
        self.dynamic_charger_current = amperes
        self.settle()

    def install(self, maximum: PerPhase, offline: PerPhase) -> None:
        """Change the permanent limits of the circuit."""
        self.circuit_maximum, self.offline_current = maximum, offline
        self.settle()

    def plug_in(self) -> None:
        """Connect a car; the charger's own volatile limit starts anew."""
        self.is_plugged_in = True
        self.is_full = False
        self.session_energy = 0.0
        self.dynamic_charger_current = REBOOTED_CHARGER
        self.settle()

    def unplug(self) -> None:
        self.is_plugged_in = False
        self.draw = NOTHING
        self.settle()

    def reboot(self) -> None:
        """All volatile limits are forgotten, the time-to-live with them."""
        if self._lapse is not None:
            self._lapse.cancel()
        self.dynamic_current = PerPhase.all(REBOOTED_CIRCUIT)
        self.dynamic_charger_current = REBOOTED_CHARGER
        self.output = NONE
        self.settle()

    def go_offline(self) -> None:
        """Lose the cloud: the offline current binds as well."""
        self.is_online = False
        self.settle()

    def come_back(self) -> None:
        self.is_online = True
        self.settle()

    def step(self, seconds: float, draw: PerPhase) -> None:
        """Let time pass while the car draws so much; A on P1 to P3."""
        self.draw = draw if self.is_plugged_in else NOTHING
        energy = self.power * seconds / 3.6e6
        self.session_energy += energy
        self.lifetime_energy += energy
        is_one_phase = sum(current > DRAWING for current in self.draw) == 1
        self._one_phase_seconds = self._one_phase_seconds + seconds if is_one_phase else 0.0
        self.settle()

    # --- what it does -------------------------------------------------------------------------

    @property
    def power(self) -> float:
        """W."""
        return sum(self.draw) * self.voltage

    @property
    def op_mode(self) -> int:
        if self._faults.op_mode is not None:
            return self._faults.op_mode
        if not self.is_plugged_in:
            return OpMode.DISCONNECTED
        if max(self.draw) > DRAWING:
            return OpMode.CHARGING
        if self.offer == 0.0:
            return OpMode.AWAITING_START
        return OpMode.COMPLETED if self.is_full else OpMode.READY

    @property
    def circuit_limits(self) -> PerPhase:
        """What the circuit allows on P1 to P3: the lowest of all its limits, less what other chargers take."""
        offline = PerPhase.all(REBOOTED_CIRCUIT) if self.is_online else self.offline_current
        lowest_of_all = map(min, self.circuit_maximum, self.dynamic_current, offline)
        return PerPhase(*(limit - other for limit, other in zip(lowest_of_all, self.other_draw, strict=True)))

    @property
    def charger_limit(self) -> float:
        """What the charger itself allows on each phase."""
        return min(self.box.charger_maximum, self.dynamic_charger_current, self.box.cable)

    def settle(self) -> None:
        """Bring output and offer in line with all limits. Done after each change and with each report."""
        limits = self.circuit_limits
        if not self.is_plugged_in:
            self.output, self.offer = NONE, 0.0
            return
        if self.box.starts_anew_after_zero and max(limits) < MINIMUM:
            self.output = NONE
        self.output = chosen(self.output, limits, self.box.phase_mode, self._faults.one_phase_on)
        if self._one_phase_seconds > DETECTION_SECONDS:
            self.output = after_detection(self.output, self.draw, DRAWING)
        allowed = min(lowest(limits, self.output), self.charger_limit)
        self.offer = allowed if allowed >= MINIMUM else 0.0

    def _let_lapse(self) -> None:
        match self._faults.on_lapse:
            case OnLapse.OFFLINE_CURRENT:
                self.dynamic_current = self.offline_current
            case OnLapse.MAXIMUM:
                self.dynamic_current = PerPhase.all(REBOOTED_CIRCUIT)
        self.settle()
