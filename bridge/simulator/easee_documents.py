"""The documents of the Easee cloud: site, circuit, charger, settings and states."""

from dataclasses import dataclass
from typing import TypeAlias

from bridge.simulator.easee_charger import Box, EaseeCharger
from bridge.simulator.easee_observations import Id, Value
from bridge.simulator.easee_readings import readings
from bridge.simulator.easee_reports import Reports
from bridge.simulator.faults import Faults, Products

Document: TypeAlias = dict[str, object]

CREATED = "2024-03-06T08:52:52.512105"
UPDATED = "2026-07-03T17:34:35.390791"


@dataclass(frozen=True)
class Place:
    """Where the charger hangs."""

    site: int = 54321
    circuit: int = 12345
    fuse: float = 25.0
    """A, the site's rated current."""
    rated_current: float = 16.0
    """A, the circuit's."""
    second_charger: str | None = None
    """Serial of another charger on the same circuit."""


def charger_document(serial: str, master: str) -> Document:
    return {
        "id": serial,
        "name": f"Easee Home {serial[-5:]}",
        "color": 1,
        "createdOn": CREATED,
        "updatedOn": UPDATED,
        "backPlate": {"id": f"plate-{serial}", "masterBackPlateId": f"plate-{master}"},
        "levelOfAccess": 2,
        "productCode": 1,
        "userRole": 1,
    }


def circuit_document(place: Place, chargers: list[Document]) -> Document:
    return {
        "id": place.circuit,
        "siteId": place.site,
        "circuitPanelId": 1,
        "panelName": "1",
        "ratedCurrent": place.rated_current,
        "chargers": chargers,
        "masterBackplate": None,
        "useDynamicMaster": False,
        "parentCircuitId": None,
    }


def site_document(place: Place, circuits: list[Document] | None) -> Document:
    return {
        "contactInfo": dict.fromkeys(
            ("installerName", "installerPhoneNumber", "ownerName", "ownerPhoneNumber", "company")
        ),
        "costPerKWh": 0.0,
        "vat": 0.0,
        "costPerKwhExcludeVat": 0.0,
        "currencyId": "EUR",
        "partnerId": 1,
        "siteType": 1,
        "ratedCurrent": place.fuse,
        "useDynamicMaster": False,
        "circuits": circuits,
        "equalizers": None if circuits is None else [],
        "createdOn": CREATED,
        "updatedOn": UPDATED,
        "id": place.site,
        "siteKey": "SIML-0001",
        "name": "Simulated house",
        "levelOfAccess": 2,
        "address": None,
    }


class Documents:
    """Builds the documents as the cloud would show them now."""

    def __init__(self, charger: EaseeCharger, reports: Reports, place: Place, faults: Faults) -> None:
        self.place = place
        self._charger = charger
        self._reports = reports
        self._faults = faults

    @property
    def _box(self) -> Box:
        return self._charger.box

    def chargers(self, *, only_own: bool = False) -> list[Document]:
        """All chargers on the circuit, ours is the master."""
        serials = [self._box.serial]
        if self.place.second_charger and not only_own:
            serials.append(self.place.second_charger)
        return [charger_document(serial, self._box.serial) for serial in serials]

    def site(self) -> Document:
        return site_document(self.place, [circuit_document(self.place, self.chargers())])

    def sites(self) -> list[Document]:
        """The short list: without circuits."""
        return [] if self._faults.products is Products.NOTHING else [site_document(self.place, None)]

    def products(self) -> list[Document]:
        """What the owner put into the app; not always everything."""
        match self._faults.products:
            case Products.EMPTY | Products.NOTHING:
                return []
            case Products.NULL_CIRCUITS:
                return self.sites()
        own = self.chargers(only_own=self._faults.hide_second_charger)
        return [site_document(self.place, [circuit_document(self.place, own)])]

    def settings(self) -> Document:
        """Settings of the circuit."""
        return {
            "allowOfflineMaxCircuitCurrent": False,
            "equalizerId": None,
            "masterChargerId": self._box.serial,
            "useDynamicMaster": False,
            "enableIdleCurrent": False,
            **_per_phase("dynamicCircuitCurrent", self._row(Id.DYNAMIC_CURRENT)),
            **_per_phase("maxCircuitCurrent", self._row(Id.CIRCUIT_MAXIMUM)),
            **_per_phase("offlineMaxCircuitCurrent", self._row(Id.OFFLINE_CURRENT)),
        }

    def dynamic_current(self) -> Document:
        """The circuit's dynamic current, as far as the cloud knows."""
        values = self._row(Id.DYNAMIC_CURRENT)
        return {f"phase{place}": value for place, value in enumerate(values, 1)}

    def config(self) -> Document:
        return {
            "isEnabled": True,
            "lockCablePermanently": False,
            "authorizationRequired": False,
            "remoteStartRequired": False,
            "smartButtonEnabled": False,
            "wiFiSSID": "simulated",
            "detectedPowerGridType": self._known(Id.GRID_TYPE),
            "offlineChargingMode": 0,
            **_per_phase("circuitMaxCurrent", self._row(Id.CIRCUIT_MAXIMUM)),
            "enableIdleCurrent": False,
            "limitToSinglePhaseCharging": None,
            "phaseMode": self._known(Id.PHASE_MODE),
            "localNodeType": 1,
            "localAuthorizationRequired": False,
            "localRadioChannel": 6,
            "localShortAddress": 0,
            "localParentAddrOrNumOfNodes": 0,
            "localPreAuthorizeEnabled": False,
            "localAuthorizeOfflineEnabled": True,
            "allowOfflineTxForUnknownId": True,
            "maxChargerCurrent": self._known(Id.CHARGER_MAXIMUM),
            "ledStripBrightness": 100,
        }

    def state(self) -> Document:
        currents = {f"inCurrentT{2 + place}": value for place, value in enumerate(self._row(Id.IN_CURRENT, 4))}
        totals = {
            f"circuitTotalPhaseConductorCurrentL{place}": value
            for place, value in enumerate(self._row(Id.CIRCUIT_DRAW), 1)
        }
        return {
            "smartCharging": False,
            "cableLocked": self._charger.is_plugged_in,
            "chargerOpMode": self._known(Id.OP_MODE),
            "totalPower": self._known(Id.TOTAL_POWER),
            "sessionEnergy": self._known(Id.SESSION_ENERGY),
            "energyPerHour": 0.0,
            "wiFiRSSI": -51,
            "cellRSSI": -68,
            "localRSSI": None,
            "outputPhase": self._known(Id.OUTPUT_PHASE),
            **_per_phase("dynamicCircuitCurrent", self._row(Id.DYNAMIC_CURRENT)),
            "latestPulse": UPDATED,
            "chargerFirmware": self._known(Id.FIRMWARE),
            "voltage": readings(self._charger)[Id.IN_VOLTAGE + 4],
            "chargerRAT": 1,
            "lockCablePermanently": False,
            **currents,
            "outputCurrent": self._known(Id.OUTPUT_CURRENT),
            "isOnline": self._known(Id.CLOUD_CONNECTED),
            "dynamicChargerCurrent": self._known(Id.DYNAMIC_CHARGER_CURRENT),
            **totals,
            "reasonForNoCurrent": self._known(Id.NO_CURRENT),
            "lifetimeEnergy": self._known(Id.LIFETIME_ENERGY),
            **_per_phase("offlineMaxCircuitCurrent", self._row(Id.OFFLINE_CURRENT)),
            "errors": None,
        }

    def observations(self, ids: list[int]) -> Document:
        known = self._reports.visible
        return {"observations": [known[number].polled() for number in ids if number in known]}

    def _known(self, number: int) -> Value | None:
        observation = self._reports.visible.get(number)
        return observation.value if observation else None

    def _row(self, first: Id, length: int = 3) -> list[Value | None]:
        return [self._known(first + place) for place in range(length)]


def _per_phase(name: str, values: list[Value | None]) -> Document:
    return {f"{name}P{place}": value for place, value in enumerate(values, 1)}
