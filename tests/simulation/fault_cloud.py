"""The charger, its cloud and all that may fail in them, one second a step."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fault_kinds import Kind
from fault_setting import Course, Setting, Timeline

from bridge.core.model import (
    ChargerBounds,
    ChargerReport,
    ChargerState,
    Link,
    LinkReport,
    Observation,
    OnLapse,
    Outcome,
    Result,
    SetCircuitLimit,
)
from bridge.core.phases import PerPhase

UNLIMITED = 40
"""What an Easee Home is at after a reboot, A."""
BOUNDS = ChargerBounds(circuit_maximum=32.0, charger_maximum=32.0)
REPORT_STEP = 0.4
"""A change of the draw that the charger reports, A."""
STREAM_DEAD_AFTER = 45
"""The adapter's patience with a silent stream, s."""
POLL_EVERY = 30
POLL_AFTER_ORDER = 3.0
OTHERS_EVERY = 150
"""Another app that raises the limit does so again and again, s."""
SHORTEST_BAN = 30
NEVER = float("inf")
FAILURES = (
    ((Kind.REJECTS,), Result.REJECTED, 0.5),
    ((Kind.HANGS, Kind.CLOUD_LOST), Result.UNANSWERED, 10.0),
    ((Kind.REFUSES, Kind.OFFLINE), Result.UNANSWERED, 1.0),
)
"""Faults, how an order ends with them, and after how many s."""


class Cloud:
    """Takes orders one at a time, and tells what the charger says. `observe` is the engine's ear."""

    def __init__(
        self, setting: Setting, timeline: Timeline, course: Course, observe: Callable[[Observation], None]
    ) -> None:
        self._setting = setting
        self._timeline = timeline
        self._course = course
        self._observe = observe
        self._rng = random.Random(setting.seed)  # noqa: S311 lags, not secrets
        self._slot: SetCircuitLimit | None = None
        self._in_flight: int | None = None
        self._lands_after = self._tells_after = 0.0
        self._lapses_at = NEVER
        self._draw = 0.0
        self._banned_until = 0
        self._is_stream_dead = False
        self.dynamic = 16

    @property
    def offer(self) -> int:
        """What the charger offers the car, A."""
        is_offline = self._timeline.is_on(Kind.OFFLINE)
        return min(self.dynamic, self._setting.offline_current) if is_offline else self.dynamic

    def connect(self) -> None:
        """A bridge has started: it reads first, or hears that it is banned."""
        self._slot = self._in_flight = None
        banned = float(self._banned_until - self._timeline.now)
        if banned > 0:
            down = LinkReport(Link.CHARGER, is_up=False, detail="banned", retry_after=banned)
            self._timeline.plan_for_this_life(partial(self._observe, down), 0.8)
        self._timeline.plan_for_this_life(self._look, max(banned, 0.0) + 2.0)
        if self._is_stream_dead:
            self._observe(LinkReport(Link.STREAM, is_up=False, detail="silent"))

    # --- faults

    def begin(self, kind: Kind) -> None:
        """A fault comes."""
        match kind:
            case Kind.REBOOT:
                self._lapses_at = NEVER
                self._set(UNLIMITED)
            case Kind.OTHER_LOWERS:
                self._set(6 + self._rng.randrange(4))
            case Kind.OFFLINE | Kind.UNKNOWN_STATE:
                self._tell_report(5.0)
            case Kind.CLOUD_LOST:
                self._timeline.plan(partial(self._observe, LinkReport(Link.CHARGER, is_up=False, detail="gone")), 4.0)

    def go_on(self, kind: Kind, lasted: int) -> None:
        """A fault is there, for so many s so far."""
        if kind is Kind.OTHER_RAISES and lasted % OTHERS_EVERY == 0:
            self._set(32)
        if kind in {Kind.STREAM_SILENT, Kind.CLOUD_LOST} and lasted == STREAM_DEAD_AFTER:
            self._is_stream_dead = True
            self._observe(LinkReport(Link.STREAM, is_up=False, detail="silent"))
        if kind is Kind.STREAM_SILENT and lasted >= STREAM_DEAD_AFTER and lasted % POLL_EVERY == POLL_EVERY / 2:
            self._look()

    def end(self, kind: Kind) -> None:
        """A fault is gone."""
        match kind:
            case Kind.OTHER_LOWERS:
                self._set(UNLIMITED)
            case Kind.OFFLINE | Kind.UNKNOWN_STATE:
                self._tell_report(2.0)
            case Kind.STREAM_SILENT | Kind.CLOUD_LOST if not self._is_mute:
                self._is_stream_dead = False
                is_banned = self._timeline.now < self._banned_until
                for link in (Link.STREAM,) if is_banned else (Link.STREAM, Link.CHARGER):
                    self._timeline.plan(partial(self._observe, LinkReport(link, is_up=True)), 1.0)
                self._tell_report(1.5)

    @property
    def _is_mute(self) -> bool:
        return self._timeline.is_on(Kind.STREAM_SILENT, Kind.CLOUD_LOST)

    # --- orders

    def order(self, command: SetCircuitLimit) -> None:
        """Newest wins, as in the slot between decision and delivery."""
        if self._slot is not None:
            self._observe(Outcome(self._slot.number, Result.OVERTAKEN))
        self._slot = command

    def let_land(self) -> None:
        """Before a stop: what is under way holds nothing up any more."""
        self._in_flight = None

    def send(self) -> None:
        """Call with what waits, if nothing is under way."""
        if self._slot is None or self._in_flight is not None:
            return
        command, self._slot = self._slot, None
        self._in_flight = command.number
        if self._timeline.now < self._banned_until or self._timeline.is_on(Kind.BANNED):
            self._ban()
            told = float(self._banned_until - self._timeline.now)
            self._answer(Outcome(command.number, Result.RATE_LIMITED, "banned", told), 0.3)
            return
        for kinds, result, lag in FAILURES:
            if self._timeline.is_on(*kinds):
                self._answer(Outcome(command.number, result), lag)
                if self._timeline.is_on(Kind.HANGS) and self._rng.random() < 0.5:
                    self._carry(command)
                return
        self._answer(Outcome(command.number, Result.ACCEPTED), 0.4)
        if not self._timeline.is_on(Kind.SWALLOWS):
            self._carry(command)
        if self._is_stream_dead:
            self._timeline.plan_for_this_life(self._look, POLL_AFTER_ORDER)

    def _ban(self) -> None:
        now = self._timeline.now
        if now < self._banned_until:
            return
        self._banned_until = max(self._timeline.end_of(Kind.BANNED), now + SHORTEST_BAN)
        self._course.bans.append((now + 1, self._banned_until))
        told = float(self._banned_until - now)
        down = LinkReport(Link.CHARGER, is_up=False, detail="banned", retry_after=told)
        self._timeline.plan(partial(self._observe, down), 0.3)
        self._timeline.plan(partial(self._observe, LinkReport(Link.CHARGER, is_up=True)), told + 1.0)

    def _answer(self, outcome: Outcome, lag: float) -> None:
        def answer() -> None:
            if outcome.number == self._in_flight:
                self._in_flight = None
            self._observe(outcome)

        self._timeline.plan_for_this_life(answer, lag)

    def _carry(self, command: SetCircuitLimit) -> None:
        late = self._timeline.is_on(Kind.LATE_ORDERS)
        lag = self._rng.uniform(5.0, 40.0) if late else self._rng.uniform(1.0, 4.0)
        now = self._timeline.now
        self._lands_after = max(self._lands_after, now + lag)
        self._timeline.plan(partial(self._take, self._timeline.life, command), self._lands_after - now)

    def _take(self, life: int, command: SetCircuitLimit) -> None:
        now = self._timeline.now
        if command.current != self.dynamic or not self._timeline.is_on(Kind.SAME_IGNORED):
            self._lapses_at = now + 60.0 * command.time_to_live if command.time_to_live else NEVER
        if life == self._timeline.life:
            self._tell(Outcome(command.number, Result.EXECUTED), self._rng.uniform(0.5, 1.5))
        self._set(command.current, by_us=True)

    def lapse(self) -> None:
        """Let the time-to-live end, if it does now."""
        if self._timeline.now < self._lapses_at:
            return
        self._lapses_at = NEVER
        if self._setting.on_lapse is OnLapse.OFFLINE_CURRENT:
            self._set(self._setting.offline_current)
        elif self._setting.on_lapse is OnLapse.MAXIMUM:
            self._set(UNLIMITED)

    def _set(self, current: int, *, by_us: bool = False) -> None:
        if not by_us and current > self.dynamic:
            self._course.raised_by_others.append(self._timeline.now)
        if current != self.dynamic:
            self.dynamic = current
            self._tell_report(self._rng.uniform(0.5, 2.0))

    # --- what is told

    def draws(self, draw: float) -> None:
        """The car takes so much, A; a change is told late, a small one not at all."""
        if abs(draw - self._draw) >= REPORT_STEP or (draw == 0 and self._draw != 0):
            self._draw = draw
            self._tell_report(self._rng.uniform(1.0, 3.0))

    def _tell_report(self, lag: float) -> None:
        self._tell(self._report(), lag)

    def _tell(self, seen: Outcome | ChargerReport, lag: float) -> None:
        """By the stream, in order."""

        def tell() -> None:
            if not self._is_mute:
                self._observe(seen)

        now = self._timeline.now
        lag = self._rng.uniform(10.0, 30.0) if self._timeline.is_on(Kind.LATE_REPORTS) else lag
        self._tells_after = max(self._tells_after, now + lag)
        self._timeline.plan_for_this_life(tell, self._tells_after - now)

    def _look(self) -> None:
        """Read over REST."""
        if self._timeline.now >= self._banned_until and not self._timeline.is_on(Kind.CLOUD_LOST):
            self._observe(self._report())

    def _report(self) -> ChargerReport:
        state = ChargerState.CHARGING
        if self._timeline.is_on(Kind.OFFLINE):
            state = ChargerState.OFFLINE
        elif self._timeline.is_on(Kind.UNKNOWN_STATE):
            state = ChargerState.UNKNOWN
        return ChargerReport(
            state=state,
            dynamic_current=PerPhase.all(float(self.dynamic)),
            draw=PerPhase.all(self._draw),
            cloud_connected=not self._timeline.is_on(Kind.OFFLINE),
            bounds=replace(BOUNDS, offline_current=float(self._setting.offline_current)),
        )
