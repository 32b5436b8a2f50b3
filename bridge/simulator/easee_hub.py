"""The SignalR hub of the Easee cloud: negotiation, handshake, framing, subscriptions, pings."""

import secrets
from http import HTTPStatus

from aiohttp import web

from bridge.simulator.easee_backend import Backend
from bridge.simulator.easee_connection import Connection
from bridge.simulator.easee_observations import Id, Observation

HUB_PATH = "/hubs/chargers"
COOKIE = "AWSALB"


class Hub:
    """Pushes what the cloud hears to the clients that subscribed."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._nodes: dict[str, str] = {}
        """Negotiated ids that have not been used yet, and the node each lives on."""
        self.connections: set[Connection] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{HUB_PATH}/negotiate", self.negotiate, name="negotiate"),
            web.get(HUB_PATH, self.upgrade, name="hub"),
        ]

    def start(self) -> None:
        """Send pings from now on."""
        self._backend.timeline.every(self._backend.latency.ping_every, self._ping)

    # --- what the cloud does -------------------------------------------------------------------

    def publish(self, observation: Observation) -> None:
        """Push to all who subscribed to its charger."""
        self._invoke("ProductUpdate", observation.pushed(), observation.mid)

    def respond(self, response: dict[str, object]) -> None:
        """Tell all who subscribed to its charger what became of a command."""
        self._invoke("CommandResponse", response, str(response["serialNumber"]))

    def invoke(self, target: str, argument: dict[str, object]) -> None:
        """Push anything to everybody."""
        self._invoke(target, argument, None)

    def drop(self) -> None:
        """Cut all connections without a word."""
        for connection in tuple(self.connections):
            connection.abort()

    def close(self, error: str | None = None, *, hang_up: bool = True) -> None:
        """Send a close message; without `hang_up` the socket stays open after it."""
        message: dict[str, object] = {"type": 7}
        if error is not None:
            message |= {"error": error, "allowReconnect": True}
        for connection in tuple(self.connections):
            connection.send(message)
            if hang_up:
                connection.hang_up()

    def _ping(self) -> None:
        for connection in self.connections:
            connection.send({"type": 6})

    def _invoke(self, target: str, argument: dict[str, object], mid: str | None) -> None:
        for connection in self.connections:
            if mid is None or mid in connection.subscriptions:
                connection.send({"type": 1, "target": target, "arguments": [argument]})

    # --- what clients do -----------------------------------------------------------------------

    async def negotiate(self, _: web.Request) -> web.Response:
        """Hand out an id that is good for one upgrade, on the node that the cookie names."""
        number, node = secrets.token_urlsafe(16), secrets.token_hex(8)
        self._nodes[number] = node
        response = web.json_response(
            {
                "negotiateVersion": 0,
                "connectionId": number,
                "availableTransports": [
                    {"transport": "WebSockets", "transferFormats": ["Text", "Binary"]},
                    {"transport": "ServerSentEvents", "transferFormats": ["Text"]},
                    {"transport": "LongPolling", "transferFormats": ["Text", "Binary"]},
                ],
            }
        )
        if self._backend.faults.affinity_cookie:
            response.set_cookie(COOKIE, node)
        return response

    async def upgrade(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        node = self._nodes.pop(request.query.get("id", ""), None)
        is_astray = self._backend.faults.affinity_cookie and first_cookie(request) != node
        if node is None or is_astray or self._backend.faults.take_upgrade_fault():
            return web.Response(status=HTTPStatus.NOT_FOUND, text="No Connection with that ID")
        connection = Connection(self._backend.faults, self._replay)
        self.connections.add(connection)
        try:
            return await connection.serve(request)
        finally:
            self.connections.discard(connection)

    def _replay(self, connection: Connection, mid: str) -> None:
        """Push all that is known of a charger, with the old timestamps; configuration and state mixed, by id."""
        reports = self._backend.reports
        if mid != reports.mid:
            return
        for number, observation in sorted(reports.visible.items()):
            is_bad = self._backend.faults.bad_replay and number == Id.OUTPUT_CURRENT
            shown = observation._replace(value="n/a") if is_bad else observation
            connection.send({"type": 1, "target": "ProductUpdate", "arguments": [shown.pushed()]})


def first_cookie(request: web.Request) -> str | None:
    """Find the affinity cookie as a load balancer does: the first one counts."""
    for part in request.headers.get("Cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return None
