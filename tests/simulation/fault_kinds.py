"""What can fail around and in the bridge, when, and how long an overload may then last by DESIGN §8."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """One thing that goes wrong for a while."""

    METER_SILENT = "no telegram"
    PHASE_MISSING = "one phase is not a number"
    THIRD_LOST = "each third telegram lost"
    OLD_VALUES = "silence, then the values from before it"
    SLOW_METER = "a telegram each 10 s"

    REFUSES = "orders answered 5xx"
    HANGS = "orders unanswered, some of them carried out"
    BANNED = "429 with a time told"
    REJECTS = "orders answered 400"
    SWALLOWS = "orders accepted, without effect"
    LATE_ORDERS = "orders carried out late"
    LATE_REPORTS = "reports late"
    SAME_IGNORED = "an identical order renews nothing"
    STREAM_SILENT = "no report but by polling"
    CLOUD_LOST = "no order, no report"

    OFFLINE = "the charger has lost its cloud"
    REBOOT = "the charger restarts"
    OTHER_RAISES = "another app raises the limit"
    OTHER_LOWERS = "another app lowers the limit"
    UNKNOWN_STATE = "the charger says nothing of its state"

    KILLED = "kill -9"
    STOPPED = "stopped and started"


class Fault(NamedTuple):
    """Seconds of virtual time."""

    kind: Kind
    start: int
    lasts: int

    @property
    def end(self) -> int:
        return self.start + self.lasts

    def is_on(self, now: int, after: int = 0) -> bool:
        """Whether it is there now, or was until so many seconds ago."""
        return self.start <= now < self.end + after


class Bound(NamedTuple):
    """What a fault adds to the time that an overload may last, s."""

    adds: int = 0
    """While it is there, and so long afterwards."""
    excuses_for: int | None = None
    """No order can work, or nobody is there to give one: an overload counts only from so many s after its end."""
    is_blind: bool = False
    """What the fallback current adds to an overload is the owner's choice."""


LOOP = 20
"""Telegram 2, one more for a first sign 1, cloud 4, car 4, fall 2, report 3, a second order 4; s."""
HELD = 110
"""The minimum current may be held above what is allowed for this long (DESIGN §7: within 60 to 120 s)."""
RETRY = 90
"""The longest wait between two tries of an order, s."""
UNSEEN = 240
"""The same where orders are accepted and do nothing: 15 s doubled four times."""
REFUSED = 600
"""A refused order is not repeated for ten minutes: each refusal may cost a login (DESIGN §3)."""
BLIND_AFTER = 6
"""Of a meter that sends each second, s."""
UNKNOWN_PERIOD = 35
"""The same of a slow one, and after a start, s."""
STARTS = 20
"""First report, first telegram; a limit from before the restart may stand for 15 s without one, s."""
REPORTED = 5
POLLED = 80
"""Found out over REST: the stream is dead after 45 s, read each 30 s."""

BOUNDS: dict[Kind, Bound] = {
    Kind.METER_SILENT: Bound(BLIND_AFTER, is_blind=True),
    Kind.PHASE_MISSING: Bound(BLIND_AFTER, is_blind=True),
    Kind.THIRD_LOST: Bound(2),
    Kind.OLD_VALUES: Bound(BLIND_AFTER, is_blind=True),
    Kind.SLOW_METER: Bound(UNKNOWN_PERIOD, is_blind=True),
    Kind.REFUSES: Bound(excuses_for=RETRY),
    Kind.HANGS: Bound(excuses_for=RETRY),
    Kind.BANNED: Bound(excuses_for=RETRY),
    Kind.REJECTS: Bound(excuses_for=REFUSED),
    Kind.SWALLOWS: Bound(excuses_for=UNSEEN),
    Kind.LATE_ORDERS: Bound(2 * 40),
    Kind.LATE_REPORTS: Bound(2 * 30),
    Kind.SAME_IGNORED: Bound(REPORTED),
    Kind.STREAM_SILENT: Bound(POLLED),
    Kind.CLOUD_LOST: Bound(excuses_for=RETRY),
    Kind.OFFLINE: Bound(excuses_for=RETRY),
    Kind.REBOOT: Bound(REPORTED),
    Kind.OTHER_RAISES: Bound(REPORTED),
    Kind.OTHER_LOWERS: Bound(REPORTED),
    Kind.UNKNOWN_STATE: Bound(),
    Kind.KILLED: Bound(excuses_for=STARTS),
    Kind.STOPPED: Bound(excuses_for=STARTS),
}
