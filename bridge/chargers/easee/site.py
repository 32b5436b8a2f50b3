"""Finds the circuit of the charger: by its serial number, or as the only one of the account."""

from collections.abc import Iterable
from dataclasses import replace

from bridge.chargers.easee.answers import NoAccessError
from bridge.chargers.easee.caller import Caller
from bridge.chargers.easee.circuit import Circuit, circuits, is_serial, site_numbers
from bridge.chargers.easee.options import DEVICE
from bridge.errors import CommandRejectedError, UnsuitableError

_MOST_SITES = 10
"""Looked into: an installer's account has hundreds, and then the serial number has to be given."""


async def discover(caller: Caller, wanted: str | None) -> Circuit:
    """Raise UnsuitableError where it cannot be told which charger is meant, and as the caller does."""
    return await with_master(caller, choose(await find_circuits(caller, wanted), wanted))


async def find_circuits(caller: Caller, wanted: str | None) -> list[Circuit]:
    """Find all circuits with a charger that this account is shown; raise as the caller does.

    The account's own list names only what was added in the app, and only one's own chargers on a circuit. It
    tells where to look; who else hangs on the circuit is in the site's document.
    """
    products = await _document(caller, "/api/accounts/products")
    favourites = [circuit for site in _items(products) for circuit in circuits(site, is_count_known=False)]
    home = [circuit.site for circuit in favourites if wanted in circuit.chargers]
    numbers = home or site_numbers(products)
    found = await _circuits_of(caller, numbers)
    if not any(wanted in circuit.chargers for circuit in found):
        others = site_numbers(await _document(caller, "/api/sites"))
        found += await _circuits_of(caller, [number for number in others if number not in numbers])
    known = {serial for circuit in found for serial in circuit.chargers}
    return found + [circuit for circuit in favourites if known.isdisjoint(circuit.chargers)]


def choose(found: Iterable[Circuit], wanted: str | None) -> Circuit:
    """Pick the circuit of the charger that is meant. Raises UnsuitableError where that cannot be told."""
    by_serial = {serial: circuit for circuit in found for serial in circuit.chargers}
    serials = ", ".join(sorted(by_serial))
    if not by_serial:
        raise UnsuitableError(
            DEVICE, "this account has no charger: add it in the Easee app, or use its owner's account"
        )
    if wanted is None and len(by_serial) > 1:
        raise UnsuitableError(
            DEVICE, f"this account has several chargers ({serials}): set charger.easee.charger to one"
        )
    serial = next(iter(by_serial)) if wanted is None else wanted
    if serial not in by_serial:
        raise UnsuitableError(
            DEVICE, f"charger {serial} is not in this account ({serials}): check charger.easee.charger"
        )
    return replace(by_serial[serial], charger=serial)


async def _circuits_of(caller: Caller, numbers: list[int]) -> list[Circuit]:
    found: list[Circuit] = []
    for number in numbers[:_MOST_SITES]:
        found += circuits(await _document(caller, f"/api/sites/{number}?detailed=true"))
    return found


async def with_master(caller: Caller, circuit: Circuit) -> Circuit:
    """Add the charger that speaks for a shared circuit, where the site's document does not name it."""
    if not circuit.is_shared or circuit.master is not None:
        return circuit
    settings = await settings_of(caller, circuit)
    master = settings.get("masterChargerId") if isinstance(settings, dict) else None
    return replace(circuit, master=str(master)) if is_serial(master) else circuit


async def settings_of(caller: Caller, circuit: Circuit) -> object:
    """The circuit's settings, None where this account is not shown them. Raises as the caller does."""
    return await _document(caller, f"/api/sites/{circuit.site}/circuits/{circuit.number}/settings")


async def _document(caller: Caller, path: str) -> object:
    """The document, None where this account is not shown it."""
    try:
        return await caller.read(path)
    except (CommandRejectedError, NoAccessError):
        return None


def _items(document: object) -> list[object]:
    return document if isinstance(document, list) else []
