"""What was ordered, what of it is in force, and which order is due.

An order is in force when the charger's own read-back equals it, not when the cloud took it. A refresh changes nothing
that could be read back, so the charger's own answer confirms it.
"""

from collections import deque
from enum import Enum, auto
from math import inf

from bridge.core import plausible
from bridge.core.budget import HOUR, Budget
from bridge.core.model import Cause, Instant, Outcome, Result, SetCircuitLimit
from bridge.core.phases import PerPhase

CONFIRM_WITHIN = 15.0
"""Read-back due on a live stream, s; a healthy cloud takes 2 to 4."""
CONFIRM_WITHIN_BLIND = 75.0
"""The same where the stream is dead and the read-back is polled, s."""
RETRY_FIRST = 5.0
RETRY_LONGEST = 90.0
PROMPT_REPEATS = 8
"""So often an order that does not come in force is repeated after twice the time it should take; then more rarely."""
REJECTED_FOR = 600.0
"""A refused order is not repeated for this long, s: each refusal may cost a login."""
REFRESH_SHARE = 3.0
"""Refreshes per time-to-live, so that two may be lost."""
CORRECTIONS_PER_HOUR = 12
"""How often a limit that somebody else raised is ordered again."""
REFRESH_AGAIN = 60.0
"""The first refresh that the charger did not answer is repeated after this, s; later ones keep their rhythm."""
SWITCH_EVERY = 120.0
"""An order that stands is given or spared a time-to-live at most this often, s: else a meter that comes and goes would
do it each time."""
UNDERCUT_FOR = 10.0
"""Below our order for this long is somebody's will, s; shorter may be word that came late or out of order."""
LAPSE_SLACK = 5.0
"""A limit that changes this soon before the time-to-live ends has lapsed, s."""


class Stage(Enum):
    """How far an order has come."""

    NONE = auto()
    SENT = auto()
    ACCEPTED = auto()
    IN_FORCE = auto()
    FAILED = auto()


class Orders:
    """The newest order and its fate."""

    __slots__ = (
        "_answers",
        "_asked_at",
        "_back",
        "_corrections",
        "_doubtful_since",
        "_failures",
        "_is_inherited",
        "_lapses_at",
        "_may_lapse_at",
        "_refresh_due",
        "_refresh_tries",
        "_rejected",
        "_retry_at",
        "_sent_at",
        "_switched_at",
        "_wired",
        "budget",
        "in_force",
        "newest",
        "offline",
        "open_until",
        "stage",
    )

    def __init__(self, wired: int, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.newest: SetCircuitLimit | None = None
        self.stage = Stage.NONE
        self.in_force: int | None = None
        """Read back from the charger: the lowest of the wired phases, A."""
        self.offline: float | None = None
        """What the charger may fall to at a lapse; None where it does not say. A."""
        self.open_until: Instant = -inf
        """The rate-limit breaker: no order before this."""
        self._wired = wired
        self._back: tuple[float, ...] = ()
        self._answers = False
        self._sent_at: Instant = -inf
        self._asked_at: Instant = -inf
        """When the newest order left, a refresh included: the earliest that its time-to-live can have begun."""
        self._lapses_at: Instant = inf
        """When what is confirmed lapses."""
        self._may_lapse_at: Instant = inf
        """The same if no refresh has renewed anything."""
        self._doubtful_since: Instant = inf
        """Since when what is read back is not what was ordered, through all repeats."""
        self._is_inherited = False
        """Whether the newest order asks for what stood before we ordered anything: nobody knows how long that lives."""
        self._retry_at: Instant = -inf
        self._failures = 0
        self._refresh_due: Instant = inf
        self._refresh_tries = 0
        self._switched_at: Instant = -inf
        self._rejected: dict[tuple[int, int, int], Instant] = {}
        self._corrections: deque[Instant] = deque(maxlen=CORRECTIONS_PER_HOUR)

    @property
    def limit(self) -> int | None:
        """The limit to reason from: what we ordered, else what is in force. A."""
        return self.newest.current if self.newest is not None else self.in_force

    @property
    def exposed(self) -> int | None:
        """The most the car may be taking now: an order that is not in force yet does not count. A."""
        if self.newest is None or self.in_force is None:
            return self.limit
        return max(self.newest.current, self.in_force)

    @property
    def assured(self) -> int | None:
        """The least that the car may be offered now: a raise that is not in force yet does not count. A."""
        if self.newest is None or self.in_force is None:
            return self.limit
        return min(self.newest.current, self.in_force)

    def is_pending(self) -> bool:
        return self.stage in {Stage.SENT, Stage.ACCEPTED}

    def is_lost(self, now: Instant, *, is_live: bool) -> bool:
        """Whether what was ordered should be in force by now and is not, or no order may leave."""
        if now < self.open_until or self._failures >= 2:  # noqa: PLR2004 one failure is weather
            return True
        if self.stage is not Stage.IN_FORCE and any(now < until for until in self._rejected.values()):
            return True
        is_overdue = now - self._doubtful_since > self._confirm_within(is_live=is_live)
        return is_overdue and not self.is_contested(now)

    # --- what happens to an order

    def sent(self, command: SetCircuitLimit, now: Instant) -> None:
        self.budget.spend(command.cause, now)
        self._asked_at = now
        before, self.newest = self.newest, command
        if (
            before is not None
            and before.currents == command.currents
            and 0 in {before.time_to_live, command.time_to_live}
        ):
            self._switched_at = now
        if command.cause is Cause.REFRESH and self.stage is Stage.IN_FORCE:
            share = command.time_to_live * 60.0 / REFRESH_SHARE or inf
            self._refresh_due = now + (share if self._refresh_tries else min(share, REFRESH_AGAIN))
            self._refresh_tries += 1
            return
        if before is not None and before.currents == command.currents:
            if self.stage is Stage.IN_FORCE:
                self._corrections.append(now)
            elif self.is_pending():
                self._failures += 1
        self._is_inherited = before is None and self._is_read_back()
        self.stage = Stage.SENT
        self._sent_at = now
        self._doubtful_since = min(self._doubtful_since, now)

    def ended(self, outcome: Outcome, now: Instant) -> None:
        if self.newest is None or outcome.number != self.newest.number:
            return
        match outcome.result:
            case Result.ACCEPTED:
                self._accepted(now)
            case Result.EXECUTED:
                self._executed(now)
            case Result.REJECTED:
                self._refused(self.newest.currents, now)
            case Result.RATE_LIMITED:
                self.banned(outcome.retry_after or RETRY_LONGEST, now)
                self._failed(now)
            case Result.UNANSWERED:
                self._failed(now)
            case Result.OVERTAKEN:
                pass

    def banned(self, seconds: float, now: Instant) -> None:
        """No call at all for so long: the breaker is open."""
        self.open_until = max(self.open_until, now + plausible.ban(seconds))

    def reachable(self, now: Instant) -> None:
        """The cloud answers again: what failed need not wait any longer."""
        self.open_until = now
        self._retry_at = min(self._retry_at, now)

    def _accepted(self, now: Instant) -> None:
        if self.stage is Stage.IN_FORCE:
            if not self._answers:
                self._renewed(now)
            return
        self.stage = Stage.ACCEPTED
        if self._is_read_back():
            self._in_force(now)

    def _executed(self, now: Instant) -> None:
        self._answers = True
        self._accepted(now)
        if self.stage is Stage.IN_FORCE:
            self._renewed(now)

    def _failed(self, now: Instant) -> None:
        self._failures += 1
        self._retry_at = now + min(RETRY_FIRST * 2.0 ** (self._failures - 1), RETRY_LONGEST)
        if self.stage is Stage.IN_FORCE:
            self._refresh_due = self._retry_at
        else:
            self.stage = Stage.FAILED

    def _refused(self, currents: tuple[int, int, int], now: Instant) -> None:
        self._rejected[currents] = now + REJECTED_FOR
        if self.stage is Stage.IN_FORCE:
            self._failed(now)
        else:
            self.adopt()  # what stands at the charger still does, and is refreshed

    def _in_force(self, now: Instant) -> None:
        self.stage = Stage.IN_FORCE
        self._doubtful_since = inf
        self._may_lapse_at = -inf if self._is_inherited else inf
        if self._rejected:  # orders are taken again: a reduction that was refused may be given anew
            limit = self.limit or 0
            self._rejected = {currents: until for currents, until in self._rejected.items() if max(currents) > limit}
        self._renewed(now)

    def _renewed(self, now: Instant) -> None:
        self._failures = 0
        self._refresh_tries = 0
        seconds = 60.0 * self.newest.time_to_live if self.newest is not None else 0.0
        self._lapses_at = self._asked_at + seconds if seconds else inf
        self._may_lapse_at = min(self._may_lapse_at, self._lapses_at)
        self._refresh_due = now + seconds / REFRESH_SHARE if seconds else inf

    def read_back(self, dynamic: PerPhase, now: Instant) -> None:
        """The charger says which limit is in force on its P1 to P3, A."""
        back: tuple[float, ...] = dynamic[: self._wired]
        if back != self._back and self._doubtful_since < now:
            self._doubtful_since = now  # an earlier order took effect: the charger is there
        self._back = back
        self.in_force = int(min(self._back))
        if self.stage is Stage.IN_FORCE:
            self._doubtful_since = inf if self._is_read_back() else min(self._doubtful_since, now)
        elif self._is_read_back():
            self._in_force(now)

    def _is_read_back(self) -> bool:
        return self.newest is not None and self.newest.currents[: self._wired] == self._back

    def is_contested(self, now: Instant) -> bool:
        """Whether somebody keeps raising our limit: a full hour's corrections are spent."""
        past = self._corrections
        return len(past) == CORRECTIONS_PER_HOUR and now - past[0] < HOUR

    def has_lapsed(self, now: Instant) -> bool:
        """Whether the time-to-live of what was confirmed last has run out.

        A refresh may be accepted and renew nothing. So an order that has stood for a time-to-live, or from before our
        start, and now is at the offline current, has lapsed too; somebody who means it will write it again.
        """
        if now >= self._lapses_at - LAPSE_SLACK:
            return True
        return now >= self._may_lapse_at - LAPSE_SLACK and self.in_force == self.offline

    def is_undercut(self, now: Instant) -> bool:
        """Whether somebody else holds the limit below an order that was in force."""
        is_below = self.stage is Stage.IN_FORCE and self._deviation() < 0 and not self.has_lapsed(now)
        return is_below and now - self._doubtful_since >= UNDERCUT_FOR

    def is_raised_by_somebody(self) -> bool:
        """Whether what was in force is now above what we ordered: another app, or a charger that has restarted."""
        return self.stage is Stage.IN_FORCE and self._deviation() > 0

    def adopt(self) -> None:
        """Take what is in force for our own order, without having ordered it."""
        self.newest = None
        self.stage = Stage.NONE
        self._failures = 0
        self._doubtful_since = inf

    # --- which order is due

    def due(self, currents: tuple[int, int, int], ttl: int, now: Instant, *, is_live: bool) -> Cause | None:
        """Which kind of order would bring these currents (A on P1 to P3) in force, if it may go out now."""
        if now < self.open_until or self.is_rejected(currents, now):
            return None
        cause = self._cause(currents, ttl, now, is_live=is_live)
        if cause is None or not self.budget.allows(cause, now):
            return None
        return cause

    def last(self, currents: tuple[int, int, int], ttl: int, now: Instant) -> Cause | None:
        """The same for the order to leave behind: it waits for nothing but the breaker."""
        newest = self.newest
        if now < self.open_until or (newest is None and self.in_force is None):
            return None
        is_same = newest is not None and (newest.currents, newest.time_to_live) == (currents, ttl)
        if is_same and (self.is_pending() or self._is_read_back()):
            return None
        return self._direction(max(currents), self.exposed or 0)

    def _cause(self, currents: tuple[int, int, int], ttl: int, now: Instant, *, is_live: bool) -> Cause | None:
        newest = self.newest
        if newest is None:
            if self.in_force is None:
                return None
            return self._direction(max(currents), self.in_force)
        if currents != newest.currents:
            return self._change(max(currents), newest.current)
        if self.stage is Stage.FAILED:
            return self._repeat(now)
        if self.is_pending():
            patience = 2.0 ** min(self._failures, 1 if self._failures < PROMPT_REPEATS else 4)
            return self._repeat(now) if self._is_overdue(now, patience, is_live=is_live) else None
        if not self._is_read_back():
            return self._correction(now)
        is_switch_due = (ttl == 0) != (newest.time_to_live == 0) and now - self._switched_at >= SWITCH_EVERY
        return Cause.REFRESH if is_switch_due or now >= self._refresh_due else None

    def _change(self, wanted: int, ordered: int) -> Cause | None:
        """A raise waits for the order before it: nobody knows yet what the car follows."""
        if wanted < ordered:
            return Cause.LOWER
        return Cause.RAISE if self.stage is Stage.IN_FORCE else None

    def _repeat(self, now: Instant) -> Cause | None:
        if now < self._retry_at or self.newest is None:
            return None
        return self._direction(self.newest.current, self.in_force if self.in_force is not None else self.newest.current)

    def _correction(self, now: Instant) -> Cause | None:
        if self._deviation() < 0:
            return Cause.RAISE if self.has_lapsed(now) else None
        return None if self.is_contested(now) else Cause.LOWER

    def _deviation(self) -> int:
        """In force − ordered, A."""
        if self.newest is None or self.in_force is None:
            return 0
        return self.in_force - self.newest.current

    def _is_overdue(self, now: Instant, patience: float, *, is_live: bool) -> bool:
        return self.is_pending() and now - self._sent_at > patience * self._confirm_within(is_live=is_live)

    @staticmethod
    def _confirm_within(*, is_live: bool) -> float:
        return CONFIRM_WITHIN if is_live else CONFIRM_WITHIN_BLIND

    def is_rejected(self, currents: tuple[int, int, int], now: Instant) -> bool:
        """Whether these currents (A on P1 to P3) were refused less than ten minutes ago."""
        return now < self._rejected.get(currents, -inf)

    @staticmethod
    def _direction(wanted: int, present: int) -> Cause:
        if wanted < present:
            return Cause.LOWER
        return Cause.RAISE if wanted > present else Cause.REFRESH
