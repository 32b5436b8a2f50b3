"""Turns observations into a decision. No clock, no I/O, no log: the engine is told, never asks."""

from math import floor, inf
from typing import assert_never

from bridge.core import controls as knobs
from bridge.core import plausible, showing
from bridge.core.budget import Budget
from bridge.core.dispatch import OUTLIVING, Dispatch
from bridge.core.journal import Journal
from bridge.core.limit import Frame, Wish, balance, park
from bridge.core.model import (
    Cause,
    ChargerReport,
    Control,
    ControlChange,
    Controls,
    Decision,
    Happening,
    Installation,
    Instant,
    LearnBy,
    Link,
    LinkReport,
    Memory,
    Observation,
    Ordered,
    Outcome,
    Reason,
    Refused,
    SetCircuitLimit,
    Snapshot,
    Stopping,
    Telegram,
)
from bridge.core.orders import Orders, Stage
from bridge.core.pacing import PACES
from bridge.core.perception import PHASES, Perception
from bridge.core.phases import PerPhase, Phase
from bridge.core.session import Flags
from bridge.core.tutor import ALL, Tutor

RAISE_FROM_BLIND_PAUSE = 900.0
"""From a pause, the fallback current is taken up only after this long blind, s."""
TOLERANCE = 6.0
"""A small overload may add up to this much before it costs an order, A·s."""


class Engine:
    """Holds what was seen, and answers what the car may draw now."""

    def __init__(self, installation: Installation, now: Instant, memory: Memory | None = None) -> None:
        self._house = installation
        thermal = plausible.thermal(memory.thermal) if memory is not None else PerPhase.all(1.0)
        self._known = Perception(installation, thermal, now)
        self._orders = Orders(len(installation.phases), Budget(memory.spent if memory is not None else (), now))
        self._dispatch = Dispatch(installation, self._known, self._orders)
        self._journal = Journal()
        if memory is not None and memory.banned_for > 0:
            self._orders.banned(memory.banned_for, now)
        self._tutor = Tutor(installation, self._known, self._orders, self._dispatch)
        self._wiring = self._tutor.watch
        self._remembered_limit = memory.limit if memory is not None else None
        self._foreign: int | None = None
        """Somebody else holds the limit this low, A."""
        self._refused = 0
        kept = memory.controls if memory is not None else None
        self._turn(knobs.within(kept or knobs.initial(installation), installation))

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
        if self._tutor.is_busy:
            self._tell(self._tutor.attend(self._controls, lambda limit: self._ordinary(limit, now), now), now)

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
                self._see_control(seen, now)
            case Refused():
                self._refused += 1
            case Stopping():
                self._dispatch.is_last = True
            case _:
                assert_never(seen)

    def _see_telegram(self, seen: Telegram, now: Instant) -> None:
        telegram = plausible.telegram(seen)
        self._refused += telegram is not seen
        before = self._known.freshness.newest
        self._known.see_telegram(telegram, float(self._orders.exposed or 0), now)
        self._known.appetite.see(max(self._known.draws.newest), float(self._orders.assured or 0), now)
        if before is not None:
            self._known.tolerate(self._orders.limit or 0, self._known.session.used(now), now - before)
        self._watch_others(now)
        self._look_for_overload(now)
        session = self._known.session
        if session.is_asleep(now):
            again = session.wake(now)
            text = "the car does not resume" + (": trying once more after a short pause" if again else "")
            self._journal.note(Happening.CAR_DOES_NOT_RESUME, Reason.WAKE_CAR, text, now)
        self._wiring.see(telegram, now)
        if self._house.dry_run:
            self._pretend(now)

    def _look_for_overload(self, now: Instant) -> None:
        excess, worst = 0.0, PHASES[0]
        for phase, track in zip(PHASES, self._known.tracks, strict=True):
            if track.seen_at == now and track.mains - self._house.fuse > excess:
                excess, worst = track.mains - self._house.fuse, phase
        if excess == 0:
            return
        if not self._known.is_overloaded(now):
            text = f"overload: {worst} {excess:+.1f} A over the fuse"
            self._journal.note(Happening.OVERLOAD, Reason.OVERLOAD, text, now)
        self._known.overloaded_at = now

    def _see_report(self, seen: ChargerReport, now: Instant) -> None:
        report = plausible.report(seen)
        self._refused += report is not seen
        was_plugged, had_draw = self._known.session.is_plugged, self._known.draws.is_known
        self._known.see_report(report, now)
        if report.draw is not None:
            self._wiring.report(report.draw, now)
        self._orders.offline = report.bounds.offline_current
        is_pretending = self._house.dry_run and self._orders.newest is not None
        if report.dynamic_current is not None and not is_pretending:
            self._orders.read_back(report.dynamic_current, now)
        if self._known.draws.is_known and not had_draw:
            self._known.pair_anew(float(self._orders.exposed or 0), now)
        if was_plugged and not self._known.session.is_plugged:
            self._foreign = None
        self._watch_others(now)
        self._ceiling = self._lowest_bound()

    def _watch_others(self, now: Instant) -> None:
        in_force = self._orders.in_force
        if self._orders.is_undercut(now):
            self._foreign = in_force
            self._orders.adopt()
            self._ceiling = self._lowest_bound()
        elif self._foreign is not None and in_force is not None and in_force > self._foreign:
            self._foreign = None
            self._ceiling = self._lowest_bound()

    def _see_order(self, command: SetCircuitLimit, now: Instant) -> None:
        before = self._orders.limit
        if command.cause is not Cause.REFRESH:
            if command.current != before:
                self._journal.limit_changed(before, self._wish(now), now)
            elif self._orders.is_raised_by_somebody():
                self._journal.corrected(self._orders.in_force or 0, command.current, now)
            self._known.expect_order(before or 0, command.current, now)
        self._orders.sent(command, now)
        self._dispatch.left(command)

    def _see_link(self, report: LinkReport, now: Instant) -> None:
        self._known.see_link(report)
        if report.link is Link.CHARGER:
            if report.is_up:
                self._orders.reachable(now)
            elif report.retry_after is not None:
                self._orders.banned(report.retry_after, now)

    def _see_control(self, change: ControlChange, now: Instant) -> None:
        if change.control is Control.LEARN_PHASES and isinstance(change.value, LearnBy):
            self._tell(self._tutor.ask(change.value, self._controls, now), now)
            return
        try:
            self._turn(knobs.turned(self._controls, change, self._house))
        except ValueError:
            self._refused += 1

    def _tell(self, told: tuple[Happening, str] | None, now: Instant) -> None:
        if told is not None:
            self._journal.note(told[0], Reason.LEARNING, told[1], now)

    def _turn(self, controls: Controls) -> None:
        self._controls = controls
        self._pacing = PACES[controls.pace]
        self._known.allowed = min(self._house.fuse, controls.mains_limit)
        self._ceiling = self._lowest_bound()

    def _pretend(self, now: Instant) -> None:
        """Dry run: an order counts as in force at once, though it never leaves."""
        command = self._dispatch.command(self._wish(now), now)
        if command is not None:
            self._see_order(command, now)
            self._orders.read_back(PerPhase(*map(float, command.currents)), now)

    # --- what is decided ---------------------------------------------------------------------

    def decide(self, now: Instant) -> Decision:
        """What the car may draw from now on. A question: asking twice changes nothing."""
        wish, command = self._dispatch.affordable(self._wish(now), now)
        numbers = self._known.numbers(self._known.session.used(now), now)
        raise_in = wish.raise_in if wish.raise_in < inf else None
        return Decision(
            wish.limit, self._told(wish, now), wish.phase, max(wish.excess, 0.0), command, numbers, raise_in
        )

    def _told(self, wish: Wish, now: Instant) -> Reason:
        """The reason to show: of a limit that cannot be brought in force, why not."""
        if wish.limit == self._orders.in_force or wish.reason in OUTLIVING or wish.reason is Reason.STARTING:
            return wish.reason
        if now < self._orders.open_until:
            return Reason.RATE_LIMITED
        return Reason.CHARGER_LOST if self._orders.is_lost(now, is_live=self._known.is_live) else wish.reason

    def _wish(self, now: Instant) -> Wish:
        base = self._orders.limit
        if self._dispatch.is_last:
            return Wish(self._blind_limit(self._tutor.assured()), Reason.STOPPING)
        if not self._controls.charging_allowed:
            return Wish(0, Reason.NOT_ALLOWED)
        used = self._tutor.used(now)
        stale = self._known.stale_phase(used, now)
        if base is None or (stale is not None and self._known.may_still_come(stale, now)):
            return Wish(self._starting_limit(self._orders.assured), Reason.STARTING)
        if stale is not None:
            return self._blind(self._tutor.assured(), stale, now)
        return self._seeing(base, used, now)

    def _seeing(self, base: int, used: Flags, now: Instant) -> Wish:
        session = self._known.session
        if session.is_being_woken(now):
            return Wish(0, Reason.WAKE_CAR)
        frame = self._frame(base, now)
        if not session.is_plugged:
            return park(self._known.lines(used), frame, now)
        wish = balance(self._known.lines(used), frame, now)
        if self._wiring.is_learning and wish.limit > 0:
            if self._wiring.holds_at_zero(now):
                return Wish(0, Reason.LEARNING)
            wish = wish._replace(only=self._wiring.only(now))
        if self._known.is_disobeyed(now):
            return Wish(0, Reason.PAUSE, wish.phase, wish.excess)
        if not self._controls.balancing and wish.limit == frame.ceiling:
            return Wish(wish.limit, Reason.BALANCING_OFF)
        if self._foreign is not None and wish.limit == self._usable(self._foreign):
            return Wish(wish.limit, Reason.OTHER_CONTROLLER)
        return wish

    def _ordinary(self, base: int, now: Instant) -> int:
        """What the control law makes of a limit (A) now, whichever phases the car uses. A."""
        return balance(self._known.lines(ALL), self._frame(base, now), now).limit

    def _starting_limit(self, base: int | None) -> int:
        """What was ordered before the restart may stand, nothing above it."""
        remembered = self._remembered_limit
        return self._blind_limit(base) if remembered is None else self._at_most(remembered, base)

    def _blind_limit(self, base: int | None) -> int:
        """The lower of limit and fallback current: nothing is raised blindly."""
        return self._at_most(self._house.fallback, base)

    def _at_most(self, limit: int, base: int | None) -> int:
        return self._usable(min(limit, self._ceiling) if base is None else min(limit, self._ceiling, base))

    def _blind(self, base: int | None, stale: Phase, now: Instant) -> Wish:
        blind_since = max(self._known.tracks[stale.place].seen_at, self._known.freshness.started)
        if base == 0 and now - blind_since >= RAISE_FROM_BLIND_PAUSE:
            return Wish(self._blind_limit(None), Reason.METER_STALE, stale)
        return Wish(self._blind_limit(base), Reason.METER_STALE, stale)

    def _frame(self, base: int, now: Instant) -> Frame:
        is_idle = self._known.session.is_idle(now)
        is_tolerant = self._known.tolerated < TOLERANCE
        appetite = self._known.appetite.most
        return Frame(base, self._ceiling, appetite, self._house.minimum, self._pacing, is_idle, is_tolerant)

    def _lowest_bound(self) -> int:
        """Lowest of settings, controls, charger, circuit and whoever else holds it lower; 0 below the minimum. A."""
        bounds = [float(self._house.maximum), float(self._controls.charger_maximum)]
        if not self._controls.balancing:
            bounds.append(self._house.fallback)
        if self._foreign is not None:
            bounds.append(self._foreign)
        if self._known.report is not None and self._known.report.bounds.binding is not None:
            bounds.append(self._known.report.bounds.binding)
        return self._usable(floor(min(bounds)))

    def _usable(self, limit: int) -> int:
        """The limit, or 0 where no car could charge with it. A."""
        return limit if limit >= self._house.minimum else 0

    # --- what is shown and kept --------------------------------------------------------------

    def snapshot(self, now: Instant) -> Snapshot:
        """Everything there is to show."""
        return showing.snapshot(
            self.decide(now),
            self._known,
            self._orders,
            self._controls,
            self._journal,
            frame=self._frame(0, now),
            pairing=self._wiring.pairing(),
            is_wrong_pairing=self._wiring.is_wrong,
            is_undercut=self._foreign is not None,
            refused=self._refused,
            now=now,
        )

    def memory(self, now: Instant) -> Memory:
        """What outlives a restart."""
        thermal = PerPhase(*(track.theta for track in self._known.tracks))
        limit = self._orders.limit if self._orders.stage is not Stage.NONE else None
        banned_for = max(self._orders.open_until - now, 0.0)
        return Memory(thermal, self._controls, limit, banned_for, self._orders.budget.spent)
