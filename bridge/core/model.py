"""The values that flow through the bridge: what is seen, what is decided, what is shown.

Amperes everywhere, signed import + / export − on the mains, ≥ 0 for draw and limit. Instants are monotonic
seconds, durations seconds; time-to-live alone is in minutes, as chargers count it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from bridge.core.phases import PerPhase, Phase

Instant: TypeAlias = float


# --- settings of the house, fixed while the service runs ---------------------------------------


class Protection(StrEnum):
    """What the main fuse is: an automat or a melting fuse."""

    MCB = "mcb"
    GG = "gg"


class Pace(StrEnum):
    """How soon a limit is raised again."""

    CALM = "calm"
    NORMAL = "normal"
    EAGER = "eager"


class OnLapse(StrEnum):
    """What this charger was seen to do when a time-to-live ends."""

    UNKNOWN = "unknown"
    OFFLINE_CURRENT = "offline_current"
    MAXIMUM = "maximum"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Installation:
    """The house as its owner describes it in settings.toml."""

    fuse: float
    """Rated current of the main fuse, A per phase."""
    maximum: int
    """Highest limit the owner allows the charger, A."""
    phases: tuple[Phase, ...] = (Phase.L1, Phase.L2, Phase.L3)
    """Mains phase on the charger's P1, P2, P3; one entry is a one-phase installation."""
    protection: Protection = Protection.MCB
    margin: float = 0.1
    """A always kept free below the fuse; at least 1 A where the meter only sends whole amperes."""
    minimum: int = 6
    """Below this the car cannot charge (IEC 61851-1), A."""
    fallback: int = 6
    """Tolerable while blind, as the owner declares, A; 0 allowed."""
    time_to_live: int = 10
    """Minutes after which an order lapses by itself, 1 to 30."""
    on_lapse: OnLapse = OnLapse.UNKNOWN
    pace: Pace = Pace.NORMAL
    telegram_max_age: float | None = None
    """Seconds after which a phase is stale; None takes it from the observed period."""
    dry_run: bool = False
    """Decide and show, but never order."""


# --- observations: what is seen ---------------------------------------------------------------


class PhaseReading(NamedTuple):
    """What one telegram says of one mains phase."""

    current: float
    """Best estimate, A, signed."""
    power: float | None = None
    """W, import + / export −; None where the meter does not say."""
    voltage: float | None = None
    """V."""
    whole_amperes: bool = False
    """True where nothing finer than whole amperes is known: the margin is then at least 1 A."""
    metered: float | None = None
    """The magnitude as the meter sent it, A; None where it sends no current."""


class Telegram(NamedTuple):
    """One complete meter message. A phase that it does not mention is None, never 0."""

    phases: tuple[PhaseReading | None, PhaseReading | None, PhaseReading | None]


class ChargerState(StrEnum):
    """What the charger says of itself and the car."""

    OFFLINE = "offline"
    DISCONNECTED = "disconnected"
    AWAITING_START = "awaiting_start"
    CHARGING = "charging"
    COMPLETED = "completed"
    ERROR = "error"
    READY = "ready"
    AWAITING_AUTHENTICATION = "awaiting_authentication"
    DEAUTHENTICATING = "deauthenticating"
    UNKNOWN = "unknown"


class NoCurrent(StrEnum):
    """Why the charger gives no more current, grouped by whose cure it is."""

    NONE = "none"
    OUR_LIMIT = "our_limit"
    OTHER_LIMIT = "other_limit"
    OFFLINE = "offline"
    EQUALIZER = "equalizer"
    CAR = "car"
    QUEUE = "queue"
    NOT_ALLOWED = "not_allowed"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class ChargerBounds:
    """Limits at the charger that we never write; None where it does not say. A."""

    circuit_maximum: float | None = None
    rated_current: float | None = None
    charger_maximum: float | None = None
    offline_current: float | None = None

    @property
    def binding(self) -> float | None:
        """The lowest that binds an order now. The offline current does not, while the cloud is there."""
        known = [a for a in (self.circuit_maximum, self.rated_current, self.charger_maximum) if a is not None]
        return min(known) if known else None


@dataclass(frozen=True, slots=True)
class ChargerReport:
    """All that is known of the charger now. Currents on the charger's P1 to P3, A."""

    state: ChargerState = ChargerState.UNKNOWN
    dynamic_current: PerPhase | None = None
    """The limit in force, read back from the charger."""
    draw: PerPhase | None = None
    """What everything on the circuit takes; None until first reported."""
    output: tuple[bool, bool, bool] | None = None
    """Which of P1 to P3 the car uses; None until the charger knows."""
    no_current: NoCurrent = NoCurrent.NONE
    no_current_code: int | None = None
    """The vendor's own number behind `no_current`, for people."""
    switches_phases: bool | None = None
    """Whether the charger itself goes from three phases to one where only one has a limit; None until it says."""
    cloud_connected: bool | None = None
    """Whether the charger has its cloud; None until it says."""
    bounds: ChargerBounds = field(default_factory=ChargerBounds)
    dynamic_charger_current: float | None = None
    """The charger's own volatile limit, which other apps write; A."""
    name: str = ""
    """Serial number."""


class Link(StrEnum):
    """The connections that come and go."""

    METER = "meter"
    CHARGER = "charger"
    STREAM = "stream"
    MQTT = "mqtt"


class LinkReport(NamedTuple):
    """A connection was lost or has recovered."""

    link: Link
    is_up: bool
    detail: str = ""
    """One clear line with the cure; empty while up."""
    retry_after: float | None = None
    """Seconds for which no call at all is allowed (the rate-limit breaker); None where none is open."""


class Cause(StrEnum):
    """What an order is for; each kind has its own budget."""

    LOWER = "lower"
    RAISE = "raise"
    REFRESH = "refresh"


class SetCircuitLimit(NamedTuple):
    """Order the circuit's dynamic current."""

    currents: tuple[int, int, int]
    """Whole A on the charger's P1, P2, P3."""
    time_to_live: int
    """Minutes; 0 = until changed."""
    cause: Cause
    number: int
    """Counts up; outcomes name it."""

    @property
    def current(self) -> int:
        """The one value the car is offered, A."""
        return max(self.currents)


class Spent(NamedTuple):
    """An order that left, as the budget counts it."""

    cause: Cause
    at: Instant


class Ordered(NamedTuple):
    """A command has left for the charger."""

    command: SetCircuitLimit


class Result(StrEnum):
    """How an order ended."""

    ACCEPTED = "accepted"
    """The cloud took it (HTTP 2xx). Not yet in force."""
    EXECUTED = "executed"
    """The charger itself answered that it took it."""
    REJECTED = "rejected"
    """Understood and refused."""
    UNANSWERED = "unanswered"
    """No answer, 5xx, time-out."""
    RATE_LIMITED = "rate_limited"
    OVERTAKEN = "overtaken"
    """A newer order took its place before it was sent."""


class Outcome(NamedTuple):
    """What became of an order."""

    number: int
    result: Result
    detail: str = ""
    retry_after: float | None = None


class Control(StrEnum):
    """The knobs the owner turns over MQTT."""

    BALANCING = "balancing"
    CHARGING_ALLOWED = "charging_allowed"
    MAINS_LIMIT = "mains_limit"
    CHARGER_MAXIMUM = "charger_maximum"
    PACE = "pace"
    LEARN_PHASES = "learn_phases"
    """A button, not a knob."""


class LearnBy(StrEnum):
    """How the wiring is to be learnt."""

    START = "start"
    """From how the phases come up after a pause."""
    ONE_PHASE = "one_phase"
    """From one phase at a time. Never from MQTT: a charger may stay on one phase until the car is unplugged."""


class ControlChange(NamedTuple):
    """The owner turned a knob. Values out of the bounds of settings.toml are brought back into them."""

    control: Control
    value: bool | float | int | Pace | LearnBy


class Refused(NamedTuple):
    """Nonsense arrived and was dropped: a reading, an observation, a payload. Only counted."""

    link: Link


class Stopping(NamedTuple):
    """The service is about to stop: the next decision leaves the charger safe."""


Observation: TypeAlias = Telegram | ChargerReport | LinkReport | Ordered | Outcome | ControlChange | Refused | Stopping


# --- decisions: what the engine answers --------------------------------------------------------


class Reason(StrEnum):
    """Why the limit is what it is. Published, therefore API."""

    STARTING = "starting"
    """No telegram or no charger report yet."""
    MAXIMUM = "maximum"
    """Nothing but the settings, the circuit or the charger holds the car back."""
    HOUSE_LOAD = "house_load"
    """The house leaves this much."""
    OVERLOAD = "overload"
    """Lowered because a phase is or would be over the fuse."""
    HOLD = "hold"
    """At the minimum current through a short overload that the fuse bears."""
    PAUSE = "pause"
    """0 A: the fuse would not bear the minimum current."""
    RESUME = "resume"
    """Charging again after a measured quiet window."""
    PARKED = "parked"
    """No car: a limit that the house leaves free."""
    METER_STALE = "meter_stale"
    """Blind: the lower of limit and fallback current."""
    CHARGER_LOST = "charger_lost"
    """The charger or its cloud does not answer."""
    RATE_LIMITED = "rate_limited"
    """The cloud told us to stay away."""
    OTHER_CONTROLLER = "other_controller"
    """Somebody else holds the limit lower."""
    BALANCING_OFF = "balancing_off"
    """The owner switched balancing off: the fallback current is held."""
    NOT_ALLOWED = "not_allowed"
    """The owner does not allow charging: 0 A."""
    WAKE_CAR = "wake_car"
    """A short 0 A for a car that did not resume."""
    STOPPING = "stopping"
    """The service ends: the lower of limit and fallback current."""
    LEARNING = "learning"
    """Held down for a minute to see which phase comes up where."""


class PhaseNumbers(NamedTuple):
    """The numbers one phase contributed to a decision, mains phase order."""

    mains: float | None
    draw: float
    house_load: float | None
    reserve: float
    """Margin kept below the fuse, A."""
    available: float | None
    """What the car could draw on this phase, A; negative when the house alone is over."""
    thermal_load: float
    """Share of the thermal limit of the fuse, 1.0 = it would go."""
    is_used: bool
    is_stale: bool


class Decision(NamedTuple):
    """What the car may draw from now on, and why."""

    limit: int
    """A on the used phases; 0 = pause."""
    reason: Reason
    phase: Phase | None
    """The phase that decided, where one did."""
    excess: float
    """A by which that phase is over (+) what it may carry; 0 where none is."""
    command: SetCircuitLimit | None
    numbers: tuple[PhaseNumbers, PhaseNumbers, PhaseNumbers]
    raise_in: float | None = None
    """s until a raise will be proven if the house stays as it is; None where it leaves nothing more."""


# --- what is shown and what is kept -------------------------------------------------------------


class Problem(StrEnum):
    """Conditions a person should know of."""

    METER_STALE = "meter_stale"
    CHARGER_LOST = "charger_lost"
    OVERLOAD = "overload"
    FALLBACK = "fallback"
    OTHER_CONTROLLER = "other_controller"
    WRONG_PAIRING = "wrong_pairing"
    """The charger's phases seem to sit on other mains phases than settings.toml says."""


class Happening(StrEnum):
    """Events, each told once."""

    LIMIT_CHANGED = "limit_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    CAR_DOES_NOT_RESUME = "car_does_not_resume"
    OVERLOAD = "overload"
    FALLBACK = "fallback"
    PHASES_LEARNT = "phases_learnt"
    PHASES_NOT_LEARNT = "phases_not_learnt"


class Event(NamedTuple):
    """Something happened; `number` counts up, so that none is shown twice or missed."""

    number: int
    at: Instant
    kind: Happening
    reason: Reason
    text: str
    """One line for people, as in the log: `limit 16 → 9 A (overload: L2 +3.1 A)`."""


@dataclass(frozen=True, slots=True)
class Controls:
    """Where the owner's knobs stand."""

    mains_limit: float
    """A per phase, at most the fuse."""
    charger_maximum: int
    """A, at most settings.toml."""
    pace: Pace = Pace.NORMAL
    balancing: bool = True
    charging_allowed: bool = True


class BridgeState(StrEnum):
    """One word for what the bridge is doing. Published, therefore API."""

    STARTING = "starting"
    BALANCING = "balancing"
    PAUSED = "paused"
    WAITING = "waiting"
    """A car is plugged in but takes nothing."""
    PARKED = "parked"
    FALLBACK = "fallback"
    OFF = "off"
    STOPPED = "stopped"


class LearningStage(StrEnum):
    """How far the learning of the wiring is, or how the last one ended. Published, therefore API."""

    IDLE = "idle"
    """Nobody has asked since the start."""
    PAUSING = "pausing"
    WATCHING = "watching"
    ONE_PHASE = "one_phase"
    RESTORING = "restoring"
    AGREES = "agrees"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    FAILED = "failed"


class Pairing(NamedTuple):
    """What is known of the wiring of the charger."""

    stage: LearningStage = LearningStage.IDLE
    text: str = ""
    """One line for people: what happens now, or what came of it."""
    likely: tuple[Phase, ...] = ()
    """The likeliest mains phases on P1, P2, P3, from all that was seen; settings.toml still decides."""
    certainty: float = 0.0
    """Probability of that; 1/6 where nothing is known of three phases."""


NOT_LEARNT = Pairing()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything there is to show, one immutable value."""

    state: BridgeState
    decision: Decision
    charger: ChargerReport | None
    draw: PerPhase
    """What the car takes, mains phases L1 to L3, A."""
    limit_in_force: int | None
    """Read back from the charger, A; None until known."""
    controls: Controls
    problems: frozenset[Problem]
    links: tuple[LinkReport, ...]
    last_telegram: Instant | None
    telegram_period: float | None
    """Observed, s."""
    commands_last_hour: int
    expected_resume: Instant | None
    """While paused: when the quiet window would end if nothing changes."""
    last_change: Event | None
    """The newest change of the limit."""
    events: tuple[Event, ...]
    """The newest few, oldest first."""
    refused: int
    """Nonsense dropped since the start: readings, observations, payloads."""
    at: Instant
    next_try: Instant | None = None
    """While no call at all is allowed (the rate-limit breaker): when the charger's cloud is called again."""
    pairing: Pairing = NOT_LEARNT


@dataclass(frozen=True, slots=True)
class Memory:
    """What outlives a restart."""

    thermal: PerPhase
    """θ per mains phase, 1.0 = steady at the rated current."""
    controls: Controls | None
    limit: int | None
    """Last limit ordered, A."""
    banned_for: float = 0.0
    """s for which the cloud is to see no call at all; 0 where it may."""
    spent: tuple[Spent, ...] = ()
    """The orders of the last hour: a service that starts again and again has no more of them than one that runs.

    The only instants in here; whoever keeps them brings them forward to the clock of the new start."""
