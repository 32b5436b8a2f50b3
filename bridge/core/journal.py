"""What happened, each told once: the newest few events, numbered."""

from collections import deque

from bridge.core.limit import Wish
from bridge.core.model import Event, Happening, Instant, Reason

KEPT = 20


class Journal:
    """Numbers events and words them."""

    __slots__ = ("_count", "events", "last_change")

    def __init__(self) -> None:
        self._count = 0
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.last_change: Event | None = None

    def note(self, kind: Happening, reason: Reason, text: str, now: Instant) -> Event:
        self._count += 1
        event = Event(self._count, now, kind, reason, text)
        self.events.append(event)
        return event

    def limit_changed(self, before: int | None, wish: Wish, now: Instant) -> None:
        """A new limit is on its way to the charger."""
        kind = Happening.LIMIT_CHANGED
        if wish.reason is Reason.METER_STALE:
            kind = Happening.FALLBACK
        elif wish.limit == 0:
            kind = Happening.PAUSED
        elif before == 0:
            kind = Happening.RESUMED
        was = "?" if before is None else str(before)
        self.last_change = self.note(kind, wish.reason, f"limit {was} → {wish.limit} A ({_why(wish)})", now)

    def corrected(self, in_force: int, limit: int, now: Instant) -> None:
        """Our own limit is ordered again, since more than that is in force. A."""
        text = f"limit {in_force} → {limit} A (raised by another app, or the charger has restarted)"
        self.last_change = self.note(Happening.LIMIT_CHANGED, Reason.OTHER_CONTROLLER, text, now)


def _why(wish: Wish) -> str:
    words = wish.reason.replace("_", " ")
    if wish.phase is None:
        return words
    if wish.excess > 0:
        return f"{words}: {wish.phase} +{wish.excess:.1f} A"
    return f"{words}: {wish.phase}"
