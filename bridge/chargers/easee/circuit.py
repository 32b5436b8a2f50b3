"""The circuit that a charger hangs on, out of the documents the cloud has of a site. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bridge.chargers.easee.observations import number_or_none
from bridge.errors import one_line

_SERIAL = re.compile(r"[A-Za-z0-9-]{1,32}")
_LONGEST_NAME = 100
"""Letters."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is governed: one circuit, and the one charger on it that is reported."""

    site: int
    number: int
    chargers: tuple[str, ...]
    """Serial numbers of all that hang on it, as far as is known."""
    rated_current: float | None = None
    """The lower of the site's and the circuit's, A."""
    master: str | None = None
    """The charger that speaks for the circuit; None where the cloud does not say."""
    charger: str = ""
    is_count_known: bool = True
    """False where the document lists only the account's own chargers."""
    site_name: str = ""
    names: tuple[str, ...] = ()
    """What the owner calls the chargers, in their order."""
    has_equalizer: bool = False
    """Easee's own load balancing device hangs at this site."""

    @property
    def is_shared(self) -> bool:
        """Whether something else may draw from it."""
        return len(self.chargers) > 1 or not self.is_count_known

    @property
    def spokesman(self) -> str:
        """Whose observations tell the circuit's draw."""
        return self.master if self.is_shared and self.master else self.charger

    @property
    def serials(self) -> tuple[str, ...]:
        """The chargers to listen to."""
        return tuple(dict.fromkeys((self.charger, self.spokesman)))


def site_numbers(document: object) -> list[int]:
    """Numbers of the sites in a list of them, each once."""
    numbers = (_number(site.get("id")) for site in _objects(document))
    return list(dict.fromkeys(number for number in numbers if number is not None))


def circuits(site: object, *, is_count_known: bool = True) -> list[Circuit]:
    """Circuits of one site that have a charger; none where the document has none or is something else."""
    if not isinstance(site, dict):
        return []
    number = _number(site.get("id"))
    if number is None:
        return []
    found = (
        _circuit(number, site.get("ratedCurrent"), each, is_count_known) for each in _objects(site.get("circuits"))
    )
    name, has_equalizer = _name(site.get("name")), any(_objects(site.get("equalizers")))
    return [replace(circuit, site_name=name, has_equalizer=has_equalizer) for circuit in found if circuit is not None]


def _circuit(site: int, rated: object, document: dict[str, object], is_count_known: bool) -> Circuit | None:  # noqa: FBT001  # a field passed on
    number = _number(document.get("id"))
    chargers = [each for each in _objects(document.get("chargers")) if is_serial(each.get("id"))]
    if number is None or not chargers:
        return None
    named = {str(each["id"]): _name(each.get("name")) for each in chargers}
    return Circuit(
        site=site,
        number=number,
        chargers=tuple(named),
        names=tuple(named.values()),
        rated_current=_lowest(rated, document.get("ratedCurrent")),
        master=next((str(each["id"]) for each in chargers if _is_master(each.get("backPlate"))), None),
        is_count_known=is_count_known,
    )


def is_serial(raw: object) -> bool:
    """Whether it can be a serial number; anything else would be another address when put into a path."""
    return isinstance(raw, str) and _SERIAL.fullmatch(raw) is not None


def _name(raw: object) -> str:
    return one_line(raw, _LONGEST_NAME) if isinstance(raw, str) else ""


def _is_master(back_plate: object) -> bool:
    if not isinstance(back_plate, dict) or not back_plate.get("id"):
        return False
    return bool(back_plate["id"] == back_plate.get("masterBackPlateId"))


def _lowest(*raw: object) -> float | None:
    known = [number for each in raw if (number := number_or_none(each)) is not None and number > 0]
    return min(known, default=None)


def _number(raw: object) -> int | None:
    number = number_or_none(raw)
    return int(number) if number is not None and number.is_integer() else None


def _objects(document: object) -> Iterator[dict[str, object]]:
    items: Iterable[object] = document if isinstance(document, list) else ()
    return (item for item in items if isinstance(item, dict))
