"""The endpoints of the Easee cloud that change something."""

from http import HTTPStatus

from aiohttp import web

from bridge.simulator.easee_backend import Backend
from bridge.simulator.easee_bodies import (
    Body,
    Refused,
    amperes,
    amperes_per_phase,
    body_of,
    check_place,
    whole_minutes,
)
from bridge.simulator.easee_charger import REBOOTED_CHARGER
from bridge.simulator.easee_commands import (
    EXECUTED,
    REBOOT,
    SET_CHARGER_CURRENT,
    SET_CIRCUIT_CURRENT,
    SET_CIRCUIT_SETTINGS,
    Ticket,
)
from bridge.simulator.faults import CommandBody

CIRCUIT = "/api/sites/{site}/circuits/{circuit}"
CHARGER = "/api/chargers/{charger}"


class Orders:
    """Handlers; the gate has already let the call in."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{CIRCUIT}/dynamicCurrent", self.set_dynamic_current, name="dynamic_current"),
            web.post(f"{CIRCUIT}/settings", self.set_settings, name="settings"),
            web.post(f"{CHARGER}/settings", self.set_charger_settings, name="charger_settings"),
            web.post(f"{CHARGER}/commands/{{command}}", self.command_charger, name="charger_command"),
            web.get("/api/commands/{charger}/{command}/{ticks}", self.command_status, name="command_status"),
        ]

    async def set_dynamic_current(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        charger, body = self._backend.charger, await body_of(request)
        currents = amperes_per_phase(body, "phase{}", charger.dynamic_current)
        minutes = whole_minutes(body)
        self._check_reachable()
        self._backend.note_order(currents, minutes)
        send = self._backend.commands.send
        return self._accepted(send(SET_CIRCUIT_CURRENT, lambda: charger.set_dynamic_current(currents, minutes)))

    async def set_settings(self, request: web.Request) -> web.Response:
        """Set dynamic, maximum and offline current; only what differs is sent to the charger."""
        check_place(request, self._backend)
        charger, body, tickets = self._backend.charger, await body_of(request), []
        send = self._backend.commands.send
        dynamic = amperes_per_phase(body, "dynamicCircuitCurrentP{}", charger.dynamic_current)
        if dynamic != charger.dynamic_current:
            self._backend.note_order(dynamic, 0)
            tickets.append(send(SET_CIRCUIT_CURRENT, lambda: charger.set_dynamic_current(dynamic, 0)))
        maximum = amperes_per_phase(body, "maxCircuitCurrentP{}", charger.circuit_maximum)
        offline = amperes_per_phase(body, "offlineMaxCircuitCurrentP{}", charger.offline_current)
        if (maximum, offline) != (charger.circuit_maximum, charger.offline_current):
            tickets.append(send(SET_CIRCUIT_SETTINGS, lambda: charger.install(maximum, offline)))
        return web.json_response([ticket.shown() for ticket in tickets])

    async def set_charger_settings(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        return self._set_charger_current(await body_of(request), "dynamicChargerCurrent")

    async def command_charger(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        match request.match_info["command"]:
            case "set_dynamic_charger_current":
                return self._set_charger_current(await body_of(request), "amps")
            case "pause_charging":
                return self._set_charger_current({"amps": 0}, "amps")
            case "resume_charging":
                return self._set_charger_current({"amps": REBOOTED_CHARGER}, "amps")
            case "reboot":
                return self._accepted(self._backend.commands.send(REBOOT, self._backend.charger.reboot))
        raise Refused("Unknown command", HTTPStatus.NOT_FOUND)

    async def command_status(self, request: web.Request) -> web.Response:
        """Tell what became of a command; 404 until the charger has answered."""
        check_place(request, self._backend)
        command, ticks = request.match_info["command"], request.match_info["ticks"]
        if not (command.isdecimal() and ticks.isdecimal()):
            raise Refused("Invalid command or ticks")
        result = self._backend.commands.results.get((int(command), int(ticks)))
        if result is None:
            raise Refused("Not found", HTTPStatus.NOT_FOUND)
        return web.json_response({"wasAccepted": result == EXECUTED, "resultCode": result})

    def _set_charger_current(self, body: Body, name: str) -> web.Response:
        charger = self._backend.charger
        limit = amperes(body, name, charger.dynamic_charger_current)
        self._check_reachable()
        send = self._backend.commands.send
        return self._accepted(send(SET_CHARGER_CURRENT, lambda: charger.set_dynamic_charger_current(limit)))

    def _accepted(self, ticket: Ticket) -> web.Response:
        faults = self._backend.faults
        match faults.command_body:
            case CommandBody.OBJECT:
                return web.json_response(ticket.shown(), status=faults.accepted_status)
            case CommandBody.ARRAY:
                return web.json_response([ticket.shown()], status=faults.accepted_status)
        return web.Response(status=faults.accepted_status)

    def _check_reachable(self) -> None:
        if not self._backend.charger.is_online:
            raise Refused("Unable to deliver upstream", HTTPStatus.GATEWAY_TIMEOUT)
