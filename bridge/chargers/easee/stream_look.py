"""Opens the stream once and waits for a sign of life. For setup and doctor."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from websockets.exceptions import InvalidStatus

from bridge.chargers.easee.answers import HttpStatusError
from bridge.chargers.easee.caller import Caller
from bridge.chargers.easee.hub import Negotiated
from bridge.chargers.easee.session import EaseeSession
from bridge.chargers.easee.stream import ENDINGS, ending
from bridge.chargers.easee.tally import Tally
from bridge.errors import CommandRejectedError, DeviceUnavailableError, RateLimitedError

_DISPATCHED = 0.25
"""s within which a frame's observations are handed on; a frame without any is a ping."""


class StreamLook(NamedTuple):
    """How the stream fared."""

    is_open: bool
    has_told: bool
    """It has replayed the charger's state."""
    has_pinged: bool
    """It is alive: the hub pings every 15 s."""
    detail: str = ""
    """Why not, in one line."""

    @property
    def is_alive(self) -> bool:
        return self.is_open and self.has_told and self.has_pinged


async def look_at_stream(
    session: EaseeSession, caller: Caller, tally: Tally, serials: Iterable[str], *, within: float
) -> StreamLook:
    """Wait for a replay and a ping, so many seconds at most. Raises RateLimitedError and LoginRejectedError."""
    ear = _Ear()
    detail = ""
    try:
        async with asyncio.timeout(within):
            negotiated = await caller.negotiate()
            tally.add()
            detail = await _until_alive(session, negotiated, serials, ear)
    except TimeoutError:
        detail = "no replay" if not ear.has_told else "no ping"
        detail = f"{detail if ear.is_open else 'no connection'} within {within:g} s"
    except RateLimitedError:
        raise
    except (DeviceUnavailableError, CommandRejectedError) as error:
        detail = error.detail
    except InvalidStatus as error:
        refused = HttpStatusError(error.response.status_code, error.response.headers.get("retry-after"))
        if (ban := caller.ban(refused)) is not None:
            raise ban from None
        detail = f"the hub refused the connection with {refused}"
    except ENDINGS as error:
        detail = ending(error, session.sr_base)
    finally:
        ear.close()
    return StreamLook(ear.is_open, ear.has_told, ear.has_pinged, detail)


async def _until_alive(session: EaseeSession, negotiated: Negotiated, serials: Iterable[str], ear: "_Ear") -> str:
    """Return once there is nothing more to wait for, or why it ended before. Raises what the stream does."""
    listening = asyncio.create_task(session.listen(negotiated, serials, ear), name="easee stream look")
    living = asyncio.create_task(ear.is_alive.wait(), name="easee stream sign of life")
    try:
        await asyncio.wait({listening, living}, return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            return ""
        listening.result()
    finally:
        for task in (listening, living):
            task.cancel()
        await asyncio.gather(listening, living, return_exceptions=True)
    return "the hub closed the connection"


class _Ear:
    """What a stream tells (hub.Listener)."""

    def __init__(self) -> None:
        self.is_open = False
        self.has_told = False
        self.has_pinged = False
        self.is_alive = asyncio.Event()
        self._frame: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        self.is_open = True

    def heard(self) -> None:
        if self.is_open:
            self.close()
            self._frame = asyncio.get_running_loop().call_later(_DISPATCHED, self._pinged)

    def garbled(self) -> None:
        self.close()

    def observed(self, raw: object) -> None:  # noqa: ARG002 one is as good as the other
        self.has_told = True
        self.close()
        self._consider()

    def responded(self, raw: object) -> None:  # noqa: ARG002 to somebody else's order
        self.close()

    def close(self) -> None:
        """The frame under way is no ping."""
        if self._frame is not None:
            self._frame.cancel()
            self._frame = None

    def _pinged(self) -> None:
        self.has_pinged = True
        self._consider()

    def _consider(self) -> None:
        if self.has_told and self.has_pinged:
            self.is_alive.set()
