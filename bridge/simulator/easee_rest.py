"""The endpoints of the Easee cloud that only tell."""

from http import HTTPStatus

from aiohttp import web

from bridge.simulator.easee_accounts import INVALID_PASSWORD
from bridge.simulator.easee_backend import Backend
from bridge.simulator.easee_bodies import Refused, body_of, check_place
from bridge.simulator.easee_orders import CHARGER, CIRCUIT


class Rest:
    """Handlers; the gate has already let the call in."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._documents = backend.documents

    def routes(self) -> list[web.RouteDef]:
        """List the routes: calls are counted and faults switched by their names."""
        return [
            web.post("/api/accounts/login", self.login, name="login"),
            web.post("/api/accounts/refresh_token", self.refresh_token, name="refresh_token"),
            web.get("/api/accounts/products", self.products, name="products"),
            web.get("/api/sites", self.sites, name="sites"),
            web.get("/api/sites/{site}", self.site, name="site"),
            web.get("/api/chargers", self.chargers, name="chargers"),
            web.get(f"{CHARGER}/config", self.config, name="config"),
            web.get(f"{CHARGER}/state", self.state, name="state"),
            web.get(f"{CIRCUIT}/settings", self.read_settings, name="read_settings"),
            web.get(f"{CIRCUIT}/dynamicCurrent", self.read_dynamic_current, name="read_dynamic_current"),
            web.get("/state/{charger}/observations", self.observations, name="observations"),
        ]

    async def login(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        tokens = self._backend.accounts.login(body.get("userName"), body.get("password"))
        if tokens is None:
            return web.json_response(INVALID_PASSWORD, status=HTTPStatus.BAD_REQUEST)
        return web.json_response(tokens)

    async def refresh_token(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        tokens = self._backend.accounts.refresh(body.get("accessToken"), body.get("refreshToken"))
        if tokens is None:
            raise Refused("Invalid refresh token", HTTPStatus.UNAUTHORIZED)
        return web.json_response(tokens)

    async def products(self, _: web.Request) -> web.Response:
        return web.json_response(self._documents.products())

    async def sites(self, _: web.Request) -> web.Response:
        return web.json_response(self._documents.sites())

    async def site(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        return web.json_response(self._documents.site())

    async def chargers(self, _: web.Request) -> web.Response:
        only_own = self._backend.faults.hide_second_charger
        return web.json_response(self._documents.chargers(only_own=only_own))

    async def config(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        return web.json_response(self._documents.config())

    async def state(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        return web.json_response(self._documents.state())

    async def read_settings(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        return web.json_response(self._documents.settings())

    async def read_dynamic_current(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        return web.json_response(self._documents.dynamic_current())

    async def observations(self, request: web.Request) -> web.Response:
        check_place(request, self._backend)
        wanted = request.query.get("ids", "").split(",")
        if not all(number.isdecimal() for number in wanted):
            raise Refused("ids must be numbers")
        return web.json_response(self._documents.observations([int(number) for number in wanted]))
