"""The Easee charger as the runtime sees it."""

import logging
import time

import aiohttp

from bridge.chargers.easee import commands, tls
from bridge.chargers.easee.answers import NoAccessError
from bridge.chargers.easee.breaker import Breaker
from bridge.chargers.easee.caller import Caller
from bridge.chargers.easee.circuit import Circuit
from bridge.chargers.easee.commands import Orders
from bridge.chargers.easee.following import Following
from bridge.chargers.easee.links import Links
from bridge.chargers.easee.options import DEVICE, EaseeOptions
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.site import discover
from bridge.chargers.easee.survey import ChargerSurvey, survey
from bridge.chargers.easee.tally import Tally
from bridge.core.model import SetCircuitLimit
from bridge.errors import DeviceError, DeviceUnavailableError, RateLimitedError, UnsuitableError
from bridge.ports import Clock, Rest, Tell

logger = logging.getLogger(__name__)


class EaseeCharger:
    """A charger of one Easee account, and the circuit it hangs on. Implements ports.Charger.

    Log-in, rate-limit breaker and what was found outlive a `follow`, so that a new start costs the cloud little and an
    order can still leave after it. One `follow` at a time.
    """

    def __init__(self, options: EaseeOptions, clock: Clock = time.monotonic, rest: Rest | None = None) -> None:
        """Call nobody yet, and nobody at all until the rest is over."""
        self._options = options
        self._clock = clock
        self._breaker = Breaker(clock, rest)
        self._orders = Orders()
        self._http: aiohttp.ClientSession | None = None
        self._tally = Tally()
        self._session: EaseeSession | None = None
        self._caller: Caller | None = None
        self._circuit: Circuit | None = None
        self._following: Following | None = None

    async def follow(self, tell: Tell) -> None:
        """Tell ChargerReports, LinkReports, Outcomes and Refused until cancelled.

        Reconnects the stream by itself, polls meanwhile, and waits out a ban. Raises DeviceUnavailableError where the
        start fails, RateLimitedError where a ban stands against it, LoginRejectedError (after one attempt) and
        UnsuitableError.
        """
        links = Links(tell, self._clock)
        try:
            session, caller = self._connect()
            self._breaker.check()
            session.rejected = None
            circuit = await self._find(caller)
            self._following = Following(
                session,
                caller,
                circuit,
                self._options,
                orders=self._orders,
                links=links,
                tell=tell,
                clock=self._clock,
            )
            await self._following.run()
        except RateLimitedError as error:
            links.end(error.detail, error.retry_after)
            raise
        except DeviceError as error:
            if isinstance(error, UnsuitableError | NoAccessError):
                self._circuit = self._following = None
            links.end(error.detail)
            raise

    async def apply(self, command: SetCircuitLimit) -> None:
        """Order the circuit's dynamic current; returns once the cloud has accepted it.

        Whole amperes, brought down to the lowest limit that the charger reports. Raises CommandRejectedError,
        RateLimitedError, DeviceUnavailableError and, where a new log-in is due and refused, LoginRejectedError.
        """
        caller, circuit, following = self._caller, self._circuit, self._following
        if caller is None or circuit is None or following is None:
            raise DeviceUnavailableError(DEVICE, "the charger has not been found yet")
        amperes = commands.currents(command, following.reporter.bounds.binding)
        self._orders.send(command.number, amperes, self._clock())
        try:
            answer = await caller.order(commands.path(circuit), commands.body(amperes, command.time_to_live))
        except DeviceError as error:
            following.order_failed(error)
            raise
        self._orders.accept(command.number, answer)
        following.ordered()

    async def survey(self, stream_within: float = 20.0) -> ChargerSurvey:
        """Log in and look at everything once, the stream for so many seconds. What is expected to fail is told.

        A `follow` or `apply` afterwards goes by the same log-in and breaker.
        """
        session, caller = self._connect()
        found = await survey(session, caller, self._options.charger, self._tally, stream_within=stream_within)
        if found.circuit is not None:
            self._circuit = found.circuit
        return found

    @property
    def offered(self) -> float | None:
        """What the pilot wire offers the car while this follows, A; None where that is not told."""
        return None if self._following is None else self._following.reporter.offered

    async def close(self) -> None:
        """Let go of the sockets. A later `follow` opens new ones."""
        http, self._http = self._http, None
        self._session = self._caller = self._following = None
        if http is not None:
            await http.close()

    def _connect(self) -> tuple[EaseeSession, Caller]:
        if self._session is None or self._caller is None:
            trusted = tls.context(self._options.ca_file)
            timeout = aiohttp.ClientTimeout(total=self._options.request_timeout)
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted),
                timeout=timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=[self._tally.trace],
            )
            self._session = EaseeSession(self._options, self._http, self._clock, trusted)
            self._caller = Caller(self._session, self._breaker, self._options.request_timeout)
        return self._session, self._caller

    async def _find(self, caller: Caller) -> Circuit:
        if self._circuit is None:
            self._circuit = found = await discover(caller, self._options.charger)
            shared = f"shared by {', '.join(found.chargers)}" if found.is_shared else "its own"
            logger.info("charger %s: site %d, circuit %d, %s", found.charger, found.site, found.number, shared)
        return self._circuit
