"""A whole Easee cloud on a loopback port, with one account and one charger behind it."""

import asyncio
from collections import Counter
from contextlib import suppress

from aiohttp import web

from bridge.core.phases import PerPhase
from bridge.simulator.easee_accounts import Accounts
from bridge.simulator.easee_backend import Backend, Call, Order
from bridge.simulator.easee_charger import Box, EaseeCharger
from bridge.simulator.easee_commands import SET_CHARGER_CURRENT, SET_CIRCUIT_CURRENT, Commands
from bridge.simulator.easee_documents import Documents, Place
from bridge.simulator.easee_gate import gate
from bridge.simulator.easee_hub import HUB_PATH, Hub
from bridge.simulator.easee_observations import Observation
from bridge.simulator.easee_orders import Orders
from bridge.simulator.easee_reports import Reports
from bridge.simulator.easee_rest import Rest
from bridge.simulator.faults import Faults
from bridge.simulator.latency import Latency
from bridge.simulator.timeline import Timeline

SHUTDOWN_SECONDS = 0.2


class EaseeCloud:
    """REST and SignalR as the real cloud speaks them.

    Whoever drives the physics calls `charger.step`; tests may as well set `charger` by hand and jump ahead with
    `timeline.advance`. After `stop` it can be started again on the same port.
    """

    def __init__(  # noqa: PLR0913 - each of them has a default
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        name: str | None = None,
        username: str = "owner@example.com",
        password: str = "correct horse",  # noqa: S107 - opens nothing but the simulator
        box: Box | None = None,
        place: Place | None = None,
        latency: Latency | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        """`name` is the host name shown in the addresses, where it differs from the bound address."""
        self.host = host
        self.port = port
        self.faults = Faults()
        self.timeline = timeline or Timeline()
        self.latency = latency or Latency()
        self.accounts = Accounts(username, password, self.timeline)
        self.charger = EaseeCharger(box or Box(), self.timeline, self.faults)
        self.reports = Reports(self.charger, self.timeline, self.faults, self.latency, self._publish)
        self.commands = Commands(self.reports, self.timeline, self.faults, self.latency, self._respond)
        self.documents = Documents(self.charger, self.reports, place or Place(), self.faults)
        self._backend = Backend(
            timeline=self.timeline,
            faults=self.faults,
            latency=self.latency,
            accounts=self.accounts,
            charger=self.charger,
            reports=self.reports,
            commands=self.commands,
            documents=self.documents,
        )
        self.hub = Hub(self._backend)
        self._name = name or host
        self._runner: web.AppRunner | None = None
        self._pump: asyncio.Task[None] | None = None
        self.reports.start()
        self.hub.start()

    # --- addresses and what was seen -------------------------------------------------------------

    @property
    def api_url(self) -> str:
        return f"http://{self._name}:{self.port}"

    @property
    def stream_url(self) -> str:
        return f"{self.api_url}{HUB_PATH}"

    @property
    def serial(self) -> str:
        return self.charger.box.serial

    @property
    def calls(self) -> Counter[str]:
        """Requests by endpoint, refused ones too."""
        return self._backend.calls

    @property
    def log(self) -> list[Call]:
        """All requests in order."""
        return self._backend.log

    @property
    def orders(self) -> list[Order]:
        """Limits for the circuit that were accepted, oldest first."""
        return self._backend.orders

    # --- life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; with port 0 the port is chosen now and kept."""
        app = web.Application(middlewares=[gate(self._backend)])
        for part in (Rest(self._backend), Orders(self._backend), self.hub):
            app.add_routes(part.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = self._runner.addresses[0][1]
        self._pump = asyncio.create_task(self.timeline.run(), name="easee cloud timeline")

    async def stop(self) -> None:
        """Cut all connections and stop listening. Idempotent."""
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
            self._pump = None
        if self._runner is not None:
            self.hub.drop()
            await self._runner.cleanup()
            self._runner = None

    # --- what others do to the charger ----------------------------------------------------------------

    def write_dynamic_current(self, currents: PerPhase, minutes: int = 0) -> None:
        """Let somebody else order a limit for the circuit, A on P1 to P3."""
        self.commands.send(SET_CIRCUIT_CURRENT, lambda: self.charger.set_dynamic_current(currents, minutes))

    def write_dynamic_charger_current(self, amperes: float) -> None:
        """Let somebody else write the charger's own volatile limit."""
        self.commands.send(SET_CHARGER_CURRENT, lambda: self.charger.set_dynamic_charger_current(amperes))

    def push(self, number: int, text: str, *, mid: str | None = None, data_type: int = 3, stamp: str = "") -> None:
        """Push an observation to everybody as it stands, however wrong."""
        argument = {"mid": mid or self.serial, "dataType": data_type, "id": number, "timestamp": stamp, "value": text}
        self.hub.invoke("ProductUpdate", argument)

    def _publish(self, observation: Observation) -> None:
        self.hub.publish(observation)

    def _respond(self, response: dict[str, object]) -> None:
        self.hub.respond(response)
