"""Turns observations into a decision. No clock, no I/O, no log: the engine is told, never asks."""

from math import floor
from typing import assert_never

from bridge.core import controls as knobs
from bridge.core.freshness import Freshness
from bridge.core.house_load import RAMP, DrawHistory
from bridge.core.journal import Journal
from bridge.core.limit import Frame, Line, Wish, balance, park, resume_window_ends
from bridge.core.model import (
    Cause,
    ChargerReport,
    ControlChange,
    Decision,
    Happening,
    Installation,
    Instant,
    Link,
    LinkReport,
    Memory,
    NoCurrent,
    Observation,
    OnLapse,
    Ordered,
    Outcome,
    PhaseNumbers,
    Problem,
    Reason,
    Refused,
    SetCircuitLimit,
    Snapshot,
    Stopping,
    Telegram,
)
from bridge.core.orders import Orders, Stage
from bridge.core.pacing import WINDOWS
from bridge.core.phase_track import PhaseTrack
from bridge.core.phases import NOTHING, PerPhase, Phase, PhaseMap
from bridge.core.session import Session
from bridge.core.showing import bridge_state
from bridge.core.thermal import fuse_model

RAISE_FROM_BLIND_PAUSE = 900.0
"""From a pause, the fallback current is taken up only after this long blind, s."""
PHASES = (Phase.L1, Phase.L2, Phase.L3)
WHOLE_AMPERES_MARGIN = 1.0
"""Least margin where the meter only sends whole amperes: up to that much is hidden by truncation, A."""
START_DELAY = 45.0
"""A car takes up a new offer within this, s (measured: 10 to 40)."""
OUTLIVING = {Reason.METER_STALE, Reason.STOPPING, Reason.PARKED, Reason.NOT_ALLOWED, Reason.BALANCING_OFF}
"""Reasons whose orders must still stand when we are gone."""


class Engine:
    """Holds what was seen, and answers what the car may draw now."""

    def __init__(self, installation: Installation, now: Instant, memory: Memory | None = None) -> None:
        self._house = installation
        self._wiring = PhaseMap(installation.phases)
        model = fuse_model(installation.fuse, installation.protection)
        thermal = memory.thermal if memory is not None else PerPhase.all(1.0)
        self._tracks = tuple(PhaseTrack(model, theta) for theta in thermal)
        kept = memory.controls if memory is not None else None
        self._controls = knobs.within(kept or knobs.initial(installation), installation)
        self._remembered_limit = memory.limit if memory is not None else None
        self._freshness = Freshness(installation.telegram_max_age, now)
        self._draws = DrawHistory()
        self._orders = Orders(len(installation.phases))
        self._session = Session(self._wiring)
        self._journal = Journal()
        self._report: ChargerReport | None = None
        self._links: dict[Link, LinkReport] = {}
        self._foreign: int | None = None
        self._is_stopping = False
        self._is_overloaded = False
        self._telegrams = 0
        self._telegrams_at_order = -1
        self._number = 0
        self._refused = 0

    # --- what is seen ------------------------------------------------------------------------

    def observe(self, seen: Observation, now: Instant) -> None:
        """Take note of one observation. Instants must not run backwards."""
        match seen:
            case Telegram():
                self._see_telegram(seen, now)
            case ChargerReport():
                self._see_report(seen, now)
            case _:
                self._take_note(seen, now)

    def _take_note(
        self, seen: Ordered | Outcome | LinkReport | ControlChange | Refused | Stopping, now: Instant
    ) -> None:
        match seen:
            case Ordered():
                self._see_order(seen.command, now)
            case Outcome():
                self._orders.ended(seen, now)
            case LinkReport():
                self._see_link(seen, now)
            case ControlChange():
                self._see_control(seen)
            case Refused():
                self._refused += 1
            case Stopping():
                self._is_stopping = True
            case _:
                assert_never(seen)

    def _see_telegram(self, telegram: Telegram, now: Instant) -> None:
        self._telegrams += 1
        self._freshness.telegram(now)
        self._draws.forget_past(now)
        offered = float(self._orders.exposed or 0)
        shortest = self._allowed() - self._house.minimum
        max_age = self._freshness.max_age
        for index, reading in enumerate(telegram.phases):
            if reading is None:
                continue
            track = self._tracks[index]
            if track.is_stale(now, max_age):
                track.forget()
            track.see(reading, self._draws.bounds(index, offered, now), now)
            if track.house_low <= shortest:
                track.short_since = None
            elif track.short_since is None:
                track.short_since = now
        self._look_for_trouble(now)

    def _look_for_trouble(self, now: Instant) -> None:
        worst = max(range(3), key=lambda index: self._tracks[index].mains)
        excess = self._tracks[worst].mains - self._house.fuse
        if excess > 0 and not self._is_overloaded:
            text = f"overload: {PHASES[worst]} {excess:+.1f} A over the fuse"
            self._journal.note(Happening.OVERLOAD, Reason.OVERLOAD, text, now)
        self._is_overloaded = excess > 0
        if self._session.is_asleep(now):
            again = self._session.wake(now)
            text = "the car does not resume" + (": trying again with a short pause" if again else "")
            self._journal.note(Happening.CAR_DOES_NOT_RESUME, Reason.WAKE_CAR, text, now)
        if self._house.dry_run:
            self._pretend(now)

    def _see_report(self, report: ChargerReport, now: Instant) -> None:
        draw = self._wiring.mains(report.draw) if report.draw is not None else NOTHING
        if report.draw is not None:
            self._draws.report(draw, now)
        was_plugged = self._session.is_plugged
        self._session.see(report, draw, now)
        if self._session.is_plugged and not was_plugged:
            self._draws.expect_rise(now + START_DELAY)
        self._report = report
        if report.dynamic_current is not None and not self._house.dry_run:
            self._orders.read_back(report.dynamic_current, now)
            self._watch_others(now)

    def _watch_others(self, now: Instant) -> None:
        in_force = self._orders.in_force
        if self._orders.is_undercut(now):
            self._foreign = in_force
            self._orders.adopt()
        elif not self._session.is_plugged or (
            self._foreign is not None and in_force is not None and in_force > self._foreign
        ):
            self._foreign = None

    def _see_order(self, command: SetCircuitLimit, now: Instant) -> None:
        self._number = max(self._number, command.number)
        before = self._orders.limit
        if command.cause is not Cause.REFRESH:
            self._note_change(before, command, now)
        self._orders.sent(command, now)
        self._telegrams_at_order = self._telegrams

    def _note_change(self, before: int | None, command: SetCircuitLimit, now: Instant) -> None:
        if command.current != before:
            self._journal.limit_changed(before, self._wish(now), now)
        self._session.ordered(before or 0, command.current, now)
        if command.current > (before or 0):
            self._draws.expect_rise(now + (START_DELAY if not before else (command.current - before) / RAMP + 10.0))

    def _see_link(self, report: LinkReport, now: Instant) -> None:
        self._links[report.link] = report
        if report.link is Link.CHARGER:
            if report.is_up:
                self._orders.open_until = now
            elif report.retry_after is not None:
                self._orders.open_until = now + report.retry_after

    def _see_control(self, change: ControlChange) -> None:
        try:
            self._controls = knobs.turned(self._controls, change, self._house)
        except ValueError:
            self._refused += 1

    def _pretend(self, now: Instant) -> None:
        """Dry run: an order counts as in force at once, though it never leaves."""
        command = self._command(self._wish(now), now)
        if command is not None:
            self._see_order(command, now)
            self._orders.read_back(PerPhase(*map(float, command.currents)), now)

    # --- what is decided ---------------------------------------------------------------------

    def decide(self, now: Instant) -> Decision:
        """What the car may draw from now on. A question: asking twice changes nothing."""
        wish = self._wish(now)
        command = None if self._house.dry_run else self._command(wish, now)
        base = self._orders.limit
        if command is None and base is not None and wish.limit > base:
            wish = Wish(base, Reason.HOUSE_LOAD, wish.phase)
        reason = wish.reason
        if now < self._orders.open_until and wish.limit != self._orders.in_force:
            reason = Reason.RATE_LIMITED
        return Decision(wish.limit, reason, wish.phase, max(wish.excess, 0.0), command, self._numbers(now))

    def _wish(self, now: Instant) -> Wish:
        base = self._orders.limit
        if self._is_stopping:
            return Wish(self._blind_limit(base), Reason.STOPPING)
        if not self._controls.charging_allowed:
            return Wish(0, Reason.NOT_ALLOWED)
        used = self._session.used(now)
        stale = self._stale_phase(used, now)
        if base is None or (stale is not None and self._freshness.is_starting(now)):
            return Wish(self._starting_limit(base), Reason.STARTING, stale)
        if stale is not None:
            return self._blind(base, stale, now)
        return self._seeing(base, used, now)

    def _seeing(self, base: int, used: tuple[bool, bool, bool], now: Instant) -> Wish:
        if self._session.is_being_woken(now):
            return Wish(0, Reason.WAKE_CAR)
        frame = self._frame(base, now)
        if not self._session.is_plugged:
            return park(self._lines((True, True, True)), frame, now)
        wish = balance(self._lines(used), frame, now)
        if not self._controls.balancing and wish.limit == frame.ceiling:
            return Wish(wish.limit, Reason.BALANCING_OFF)
        if self._foreign is not None and wish.limit == self._foreign:
            return Wish(wish.limit, Reason.OTHER_CONTROLLER)
        return wish

    def _starting_limit(self, base: int | None) -> int:
        if self._remembered_limit is None:
            return self._blind_limit(base)
        return self._remembered_limit if base is None else min(base, self._remembered_limit)

    def _blind_limit(self, base: int | None) -> int:
        return self._house.fallback if base is None else min(base, self._house.fallback)

    def _blind(self, base: int, stale: Phase, now: Instant) -> Wish:
        limit = self._blind_limit(base)
        seen = self._tracks[stale.place].seen_at
        since = self._freshness.started if seen is None else seen
        if base == 0 and now - since >= RAISE_FROM_BLIND_PAUSE:
            limit = self._house.fallback
        return Wish(limit, Reason.METER_STALE, stale)

    def _frame(self, base: int, now: Instant) -> Frame:
        return Frame(
            base=base,
            ceiling=self._ceiling(),
            minimum=self._house.minimum,
            windows=WINDOWS[self._controls.pace],
            is_idle=self._session.is_idle(now),
        )

    def _ceiling(self) -> int:
        """Lowest of settings, controls, charger, circuit and whoever else holds it lower; 0 below the minimum."""
        highest = min(self._house.maximum, self._controls.charger_maximum)
        if not self._controls.balancing:
            highest = min(highest, self._house.fallback)
        if self._foreign is not None:
            highest = min(highest, self._foreign)
        binding = self._report.bounds.binding if self._report is not None else None
        if binding is not None:
            highest = min(highest, floor(binding))
        return highest if highest >= self._house.minimum else 0

    def _lines(self, used: tuple[bool, bool, bool]) -> list[Line]:
        allowed = self._allowed()
        wired = self._wiring.to_mains
        return [
            Line(PHASES[index], self._tracks[index], allowed, self._reserve(self._tracks[index]))
            for index in range(3)
            if used[index] and index in wired
        ]

    def _allowed(self) -> float:
        return min(self._house.fuse, self._controls.mains_limit)

    def _reserve(self, track: PhaseTrack) -> float:
        return max(self._house.margin, WHOLE_AMPERES_MARGIN) if track.whole_amperes else self._house.margin

    def _stale_phase(self, used: tuple[bool, bool, bool], now: Instant) -> Phase | None:
        max_age = self._freshness.max_age
        for index in range(3):
            if used[index] and self._tracks[index].is_stale(now, max_age):
                return PHASES[index]
        return None

    # --- which order that needs --------------------------------------------------------------

    def _command(self, wish: Wish, now: Instant) -> SetCircuitLimit | None:
        currents = self._currents(wish.limit)
        if self._is_second_on_one_telegram(wish, currents):
            return None
        time_to_live = self._time_to_live(wish.reason)
        cause = self._orders.due(currents, time_to_live, now, is_live=self._is_live())
        if cause is None:
            return None
        return SetCircuitLimit(currents, time_to_live, cause, self._number + 1)

    def _currents(self, limit: int) -> tuple[int, int, int]:
        """The same on every wired phase of the charger, 0 on a phase that nobody measures."""
        wired = len(self._house.phases)
        return (limit, limit if wired > 1 else 0, limit if wired > 1 else 0)

    def _is_second_on_one_telegram(self, wish: Wish, currents: tuple[int, int, int]) -> bool:
        newest = self._orders.newest
        if newest is None or newest.currents == currents or wish.reason in OUTLIVING:
            return False
        return self._telegrams == self._telegrams_at_order

    def _time_to_live(self, reason: Reason) -> int:
        if reason in OUTLIVING and self._house.on_lapse is not OnLapse.OFFLINE_CURRENT:
            return 0
        return self._house.time_to_live

    def _is_live(self) -> bool:
        stream = self._links.get(Link.STREAM)
        return stream is None or stream.is_up

    # --- what is shown and kept --------------------------------------------------------------

    def _numbers(self, now: Instant) -> tuple[PhaseNumbers, PhaseNumbers, PhaseNumbers]:
        used = self._session.used(now)
        return (self._phase_numbers(0, used, now), self._phase_numbers(1, used, now), self._phase_numbers(2, used, now))

    def _phase_numbers(self, index: int, used: tuple[bool, bool, bool], now: Instant) -> PhaseNumbers:
        track = self._tracks[index]
        is_stale = track.is_stale(now, self._freshness.max_age)
        load = track.theta / track.model.limit
        draw = self._draws.newest[index]
        if is_stale:
            return PhaseNumbers(None, draw, None, self._reserve(track), None, load, used[index], is_stale)
        house = track.mains - draw
        reserve = self._reserve(track)
        available = self._allowed() - reserve - house
        return PhaseNumbers(track.mains, draw, house, reserve, available, load, used[index], is_stale)

    def snapshot(self, now: Instant) -> Snapshot:
        """Everything there is to show."""
        decision = self.decide(now)
        return Snapshot(
            state=bridge_state(decision, is_plugged=self._session.is_plugged, is_drawing=self._session.is_drawing()),
            decision=decision,
            charger=self._report,
            draw=self._draws.newest,
            limit_in_force=self._orders.in_force,
            controls=self._controls,
            problems=self._problems(decision, now),
            links=tuple(self._links.values()),
            last_telegram=self._freshness.newest,
            telegram_period=self._freshness.period,
            commands_last_hour=self._orders.budget.in_last_hour(now),
            expected_resume=self._expected_resume(decision, now),
            last_change=self._journal.last_change,
            events=tuple(self._journal.events),
            refused=self._refused,
            at=now,
        )

    def _expected_resume(self, decision: Decision, now: Instant) -> Instant | None:
        if decision.reason is not Reason.PAUSE:
            return None
        return resume_window_ends(self._lines(self._session.used(now)), self._frame(0, now))

    def _problems(self, decision: Decision, now: Instant) -> frozenset[Problem]:
        report = self._report
        charger = self._links.get(Link.CHARGER)
        is_lost = self._orders.is_lost(now, is_live=self._is_live()) or (charger is not None and not charger.is_up)
        found = {
            Problem.METER_STALE: any(numbers.is_stale and numbers.is_used for numbers in decision.numbers),
            Problem.CHARGER_LOST: is_lost or (report is not None and report.cloud_connected is False),
            Problem.OVERLOAD: self._is_overloaded,
            Problem.FALLBACK: decision.reason is Reason.METER_STALE,
            Problem.OTHER_CONTROLLER: self._foreign is not None
            or self._orders.is_contested(now)
            or (report is not None and report.no_current is NoCurrent.EQUALIZER),
        }
        return frozenset(problem for problem, is_there in found.items() if is_there)

    def memory(self) -> Memory:
        """What outlives a restart."""
        thermal = PerPhase(*(track.theta for track in self._tracks))
        limit = self._orders.limit if self._orders.stage is not Stage.NONE else None
        return Memory(thermal, self._controls, limit)
