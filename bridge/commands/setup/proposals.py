"""What is proposed, and why; and what is doubtful about an answer. Pure. Currents in A."""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from bridge.core.model import ChargerBounds, PhaseReading
from bridge.core.phases import Phase
from bridge.settings.keys import FIELDS
from bridge.settings.model import BLIND_CURRENT, LARGE_FUSE

FUSES: Final = (6, 10, 13, 16, 20, 25, 32, 35, 40, 50, 63, 80, 100)
"""Ratings that are made (IEC 60898-1, IEC 60269)."""
USUAL_MAXIMUM: Final = 16
"""Where the charger tells nothing: what most cars and cables take on three phases."""
CHARGER: Final = 32
"""No Easee charger gives more."""
WHOLE_AMPERES: Final = 1.0
"""The least margin where only whole amperes are known."""
LEAST: Final = 6
MOST: Final = 80
"""What max_current may be."""


class Proposal(NamedTuple):
    """A value as one would type it (empty where nothing can be proposed), and the reason."""

    value: str
    why: str


def fuse(site: float | None) -> Proposal:
    """`site`: the rated current that Easee has for the whole site."""
    if site is None or not FUSES[0] <= site <= FUSES[-1]:
        return Proposal("", "Easee does not know your main fuse.")
    return Proposal(f"{site:g}", f"Easee has {site:g} A for this site: does that stand on your main fuse?")


def fuse_doubts(value: float, site: float | None) -> Iterator[str]:
    """What speaks against this rating."""
    if value not in FUSES:
        usual = ", ".join(str(each) for each in FUSES if value / 2 < each < value * 2)
        yield f"{value:g} A is no rating that is made; usual are {usual}"
    if site is not None and value > site:
        yield f"Easee has only {site:g} A for this site: one of the two is wrong"


def overloads(value: float, readings: Sequence[PhaseReading | None]) -> Iterator[str]:
    """What is over a fuse of this rating now; a charging car may do that, for a moment."""
    for phase, reading in zip(Phase, readings, strict=False):
        if reading is not None and reading.current > value:
            yield f"{phase} takes {reading.current:.1f} A at this moment, more than {value:g} A"


def margin(readings: Sequence[PhaseReading | None]) -> Proposal:
    """By how finely the currents are known."""
    told = [reading for reading in readings if reading is not None]
    if any(reading.whole_amperes for reading in told):
        return Proposal(f"{WHOLE_AMPERES:g}", "Your meter tells whole amperes only, so 1 A may hide in each figure.")
    usual = FIELDS["mains", "margin"].default
    return Proposal(f"{usual:g}", "The currents are known to fractions of an ampere, so little is enough.")


def highest_margin(fuse_rating: float, minimum: int) -> float:
    """Above it no car could charge."""
    return math.floor((fuse_rating - minimum) * 10) / 10


def maximum(bounds: ChargerBounds, fuse_rating: float) -> Proposal:
    """The lowest of what is known to bind."""
    known = {
        "the fuse": fuse_rating,
        "the circuit's maximum": bounds.circuit_maximum,
        "the rated current of circuit and site": bounds.rated_current,
        "the charger's own maximum": bounds.charger_maximum,
    }
    told = {name: value for name, value in known.items() if value is not None and value >= LEAST}
    if len(told) == 1:
        value = min(USUAL_MAXIMUM, math.floor(fuse_rating))
        return Proposal(str(value), "The charger tells no limit of its own; most cables and cars take 16 A.")
    name = min(told, key=lambda each: told[each])
    value = min(math.floor(told[name]), CHARGER)
    return Proposal(str(value), f"{_capital(name)} binds at {told[name]:g} A. Give less where cable or car take less.")


def maximum_doubts(value: int, bounds: ChargerBounds, fuse_rating: float) -> Iterator[str]:
    if value > fuse_rating:
        yield f"{value} A is above the fuse and counts as {math.floor(fuse_rating)} A"
    elif bounds.binding is not None and value > bounds.binding:
        yield f"the charger gives {bounds.binding:g} A at most, so {value} A is never reached (harmless)"


def phases(
    told: Sequence[Phase], circuit_maximum: Sequence[float], *, is_locked_to_one: bool, wanted: Sequence[Phase]
) -> Proposal:
    """`told`: what the meter tells of; `wanted`: what the settings say already. A maximum of 0: not wired."""
    if wanted:
        return Proposal(" ".join(wanted), "As it stands in your settings.")
    if len(told) == 1:
        return Proposal(told[0], f"Your meter tells of {told[0]} only.")
    wired = [phase for phase, value in zip(Phase, circuit_maximum, strict=False) if value > 0]
    if len(wired) == 1 or is_locked_to_one:
        return Proposal("", "The charger uses one phase only: give the mains phase that it sits on.")
    return Proposal("L1 L2 L3", "The usual order. Many chargers are wired L2 L3 L1 or L3 L1 L2, to spread the load.")


def fallback(fuse_rating: float, left: float, minimum: int, highest: int) -> Proposal:
    """From the fuse and what it leaves the car at this moment, over what the house takes."""
    now = f"At this moment fuse and house leave {max(left, 0):.1f} A"
    if left < minimum or highest < minimum:
        return Proposal("0", f"{now}, too little to charge with: pause while the meter is silent.")
    if fuse_rating < LARGE_FUSE or minimum > BLIND_CURRENT:
        return Proposal("0", f"{now}; but under {LARGE_FUSE:g} A hob and oven alone can take all of it.")
    return Proposal(str(BLIND_CURRENT), f"{now}; {BLIND_CURRENT} A is left in most houses with this fuse.")


def fallback_doubts(value: int, left: float) -> Iterator[str]:
    if value > left:
        yield f"at this moment only {max(left, 0):.1f} A are left: with a silent meter {value} A could trip the fuse"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
