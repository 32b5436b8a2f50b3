"""Gathers observations and tells a report whenever they change it.

Called from inside the stream, where an exception would take it down: nothing here raises.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from bridge.chargers.easee import translate
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.observations import DYNAMIC_CURRENT, Observations, Seen, Verdict
from bridge.chargers.easee.options import DEVICE
from bridge.core.model import ChargerBounds, ChargerReport, Link, Refused
from bridge.errors import DeviceError, UnsuitableError
from bridge.ports import Tell

logger = logging.getLogger(__name__)

_GATHERED = 0.005
"""What arrives within this many seconds becomes one report: a replay, or three phases of one limit."""
_MOST_NAMED = 50
"""Kinds of nonsense that are logged; all of it is counted."""

Fail = Callable[[DeviceError], None]
"""Ends the following with this error."""


class Reporter:
    """All that one circuit's chargers have said."""

    def __init__(self, circuit: Circuit, tell: Tell, fail: Fail, wall: Callable[[], float] = time.time) -> None:
        self._circuit = circuit
        self._tell = tell
        self._fail = fail
        self._wall = wall
        self._said = {serial: Observations() for serial in circuit.serials}
        self._own = self._said[circuit.charger]
        self._speaker = self._said[circuit.spokesman]
        self._pending: asyncio.TimerHandle | None = None
        self._named: set[str] = set()
        self.newest: ChargerReport | None = None

    @property
    def bounds(self) -> ChargerBounds:
        return translate.bounds(self._own, self._circuit)

    @property
    def offered(self) -> float | None:
        """What the pilot wire offers the car, A."""
        return self._own.value(Seen.OUTPUT_CURRENT)

    @property
    def lacks_circuit_draw(self) -> bool:
        """Whether only the draw of a shared circuit is missing for a report."""
        is_known = len(self._own.values((*DYNAMIC_CURRENT, Seen.STATE))) > len(DYNAMIC_CURRENT)
        return self._circuit.is_shared and is_known and translate.circuit_draw(self._speaker) is None

    def observed(self, raw: object) -> None:
        """One observation of the stream."""
        serial = raw.get("mid") if isinstance(raw, Mapping) else None
        said = self._said.get(serial) if isinstance(serial, str) else None
        if said is None:
            self.refuse(f"an observation of charger {_short(serial)}")
        else:
            self._take(said, raw)

    def read(self, serial: str, document: object) -> bool:
        """Observations read over REST. Returns whether they brought news of state or limit."""
        items = document.get("observations") if isinstance(document, dict) else document
        if not isinstance(items, list):
            self.refuse("a list of observations that is none")
            return False
        before = self._own.values((*DYNAMIC_CURRENT, Seen.STATE))
        for item in items:
            self._take(self._said[serial], item)
        return before != self._own.values((*DYNAMIC_CURRENT, Seen.STATE))

    def refuse(self, what: str) -> None:
        """Count nonsense; name each kind once."""
        self._tell(Refused(Link.CHARGER))
        if what not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(what)
            logger.warning("Easee sent %s: dropped, and further ones too", what)

    def close(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def flush(self) -> None:
        """Tell now what has changed, if anything has."""
        self.close()
        grid = self._own.code(Seen.GRID_TYPE)
        reason = translate.unsuitable_grid(grid)
        if reason is not None:
            self._fail(UnsuitableError(DEVICE, reason))
            return
        report = translate.report(self._own, self._circuit, self._speaker)
        if report is None or report == self.newest:
            return
        if self.newest is None and (warning := translate.grid_warning(grid)) is not None:
            logger.warning("%s", warning)
        self.newest = report
        self._tell(report)

    def _take(self, said: Observations, raw: object) -> None:
        verdict = said.take(raw, self._wall())
        if verdict is Verdict.REFUSED:
            number = raw.get("id") if isinstance(raw, Mapping) else None
            self.refuse(f"an unreadable observation {_short(number)}")
        elif verdict is Verdict.CHANGED and self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(_GATHERED, self.flush)


def _short(raw: object) -> str:
    """A name or a number for the log; of anything else its kind, since it may be nested deeper than we can follow."""
    return f"{raw!a:.40}" if isinstance(raw, str | int | float | None) else f"of a {type(raw).__name__}"
