"""Commands on their way from the cloud to a charger, and what the charger answers."""

import random
from collections.abc import Callable
from typing import NamedTuple

from bridge.simulator.easee_observations import stamp
from bridge.simulator.easee_reports import Reports
from bridge.simulator.faults import Faults, Swallow
from bridge.simulator.latency import Latency
from bridge.simulator.timeline import Action, Timeline

TICKS_PER_SECOND = 10_000_000
UNIX_EPOCH_TICKS = 621_355_968_000_000_000
"""Ticks count from the year 1."""

EXECUTED, REJECTED = 3, 4
SET_CIRCUIT_CURRENT, SET_CHARGER_CURRENT, SET_CIRCUIT_SETTINGS, REBOOT = 22, 48, 24, 1


class Ticket(NamedTuple):
    """What the cloud hands out for an accepted command."""

    device: str
    command: int
    ticks: int

    def shown(self) -> dict[str, object]:
        return {"device": self.device, "commandId": self.command, "ticks": self.ticks}


class Commands:
    """Delivers commands in order, late, and tells what became of them."""

    def __init__(
        self,
        reports: Reports,
        timeline: Timeline,
        faults: Faults,
        latency: Latency,
        respond: Callable[[dict[str, object]], None],
    ) -> None:
        self.results: dict[tuple[int, int], int] = {}
        """Command id and ticks → result code, once the charger has answered."""
        self._reports = reports
        self._timeline = timeline
        self._faults = faults
        self._latency = latency
        self._respond = respond
        self._rng = random.Random(11)  # noqa: S311 - delays, not secrets
        self._last_arrival = 0.0
        self._last_ticks = 0

    def send(self, command: int, action: Action) -> Ticket:
        """Accept a command; the charger follows it some seconds later."""
        ticks = UNIX_EPOCH_TICKS + int(self._timeline.wall * TICKS_PER_SECOND)
        self._last_ticks = max(ticks, self._last_ticks + 1)
        ticket = Ticket(self._reports.mid, command, self._last_ticks)
        if self._faults.swallow is not Swallow.COMMAND:
            arrival = max(self._timeline.now + self._latency.of_command(self._rng), self._last_arrival)
            self._last_arrival = arrival
            self._timeline.after(arrival - self._timeline.now, lambda: self._arrive(ticket, action))
        return ticket

    def _arrive(self, ticket: Ticket, action: Action) -> None:
        is_accepted = not self._faults.reject_commands
        if is_accepted and self._faults.swallow is not Swallow.READ_BACK:
            action()
        self.results[ticket.command, ticket.ticks] = EXECUTED if is_accepted else REJECTED
        if self._faults.swallow is not Swallow.RESPONSE:
            self._timeline.after(self._latency.event[0], lambda: self._answer(ticket, is_accepted=is_accepted))
        self._reports.sample()

    def _answer(self, ticket: Ticket, *, is_accepted: bool) -> None:
        now = stamp(self._timeline.wall)
        self._respond(
            {
                "serialNumber": ticket.device,
                "id": ticket.command,
                "timestamp": now,
                "deliveredAt": now,
                "wasAccepted": is_accepted,
                "resultCode": 0 if is_accepted else REJECTED,
                "comment": None,
                "ticks": ticket.ticks,
            }
        )
