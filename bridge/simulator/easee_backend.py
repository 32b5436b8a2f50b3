"""What stands behind the Easee cloud's endpoints."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.core.phases import PerPhase
from bridge.simulator.easee_accounts import Accounts
from bridge.simulator.easee_charger import EaseeCharger
from bridge.simulator.easee_commands import Commands
from bridge.simulator.easee_documents import Documents
from bridge.simulator.easee_reports import Reports
from bridge.simulator.faults import Faults
from bridge.simulator.latency import Latency
from bridge.simulator.timeline import Timeline


class Order(NamedTuple):
    """A limit for the circuit that the cloud has accepted."""

    at: float
    """Simulated seconds."""
    currents: PerPhase
    """A on the charger's P1 to P3, already rounded down."""
    minutes: int
    """Time-to-live; 0 = until changed."""


class Call(NamedTuple):
    """One request that arrived, whatever became of it."""

    at: float
    """Simulated seconds."""
    endpoint: str
    status: int


@dataclass(frozen=True)
class Backend:
    """The parts, and what they have seen."""

    timeline: Timeline
    faults: Faults
    latency: Latency
    accounts: Accounts
    charger: EaseeCharger
    reports: Reports
    commands: Commands
    documents: Documents
    calls: Counter[str] = field(default_factory=Counter)
    """Requests by endpoint, refused ones too."""
    log: list[Call] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def note_order(self, currents: PerPhase, minutes: int) -> None:
        self.orders.append(Order(self.timeline.now, currents, minutes))
