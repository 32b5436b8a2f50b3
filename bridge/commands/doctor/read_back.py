"""Whether an order arrives and is read back: the limit in force is ordered once more, which changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from bridge.commands.doctor.check import Check, bad, caution, good
from bridge.core.model import (
    Cause,
    ChargerReport,
    Link,
    LinkReport,
    Observation,
    OnLapse,
    Outcome,
    Result,
    SetCircuitLimit,
)
from bridge.errors import DeviceError, RateLimitedError
from bridge.ports import Charger

SUBJECT: Final = "read-back"
READY_WITHIN: Final = 20.0
ANSWER_WITHIN: Final = 20.0
"""s; a healthy charger answers within 4."""


class Ear:
    """Keeps the newest of what a charger tells, and wakes who waits for it."""

    def __init__(self) -> None:
        self.report: ChargerReport | None = None
        self.outcomes: dict[int, Outcome] = {}
        self.is_stream_up = False
        self._heard = asyncio.Event()

    def tell(self, seen: Observation) -> None:
        match seen:
            case ChargerReport():
                self.report = seen
            case Outcome():
                self.outcomes[seen.number] = seen
            case LinkReport(link=Link.STREAM):
                self.is_stream_up = seen.is_up
        self._heard.set()

    async def until(self, condition: Callable[[], object], within: float) -> bool:
        """Wait for a condition on what was told; False where it did not come to be in time (s)."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def heard(charger: Charger) -> AsyncIterator[tuple[Ear, "asyncio.Task[None]"]]:
    """Follow a charger for the length of a block; the task ends early with the DeviceError that ended it."""
    ear = Ear()
    following = asyncio.create_task(charger.follow(ear.tell), name="doctor follows the charger")
    try:
        yield ear, following
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def only_read(report: ChargerReport, why: str) -> Check:
    """Where nothing may be ordered: what is in force is read, and that is all."""
    told = "nothing told" if report.dynamic_current is None else f"{max(report.dynamic_current):g} A in force"
    return good(SUBJECT, f"{told}; not tried by an order: {why}")


async def check_read_back(charger: Charger, time_to_live: int, on_lapse: OnLapse) -> Check:
    """Order what is in force. Where a lapse could raise it, it is ordered for good. Does not raise."""
    try:
        async with heard(charger) as (ear, following):
            following.add_done_callback(lambda _: ear.tell(LinkReport(Link.CHARGER, is_up=False)))
            is_ready = await ear.until(
                lambda: following.done() or (ear.report is not None and ear.is_stream_up), READY_WITHIN
            )
            if following.done():
                following.result()
            if ear.report is None or not is_ready:
                return caution(SUBJECT, "not tried: the stream did not come up", "run doctor again later")
            return await _order(charger, ear, ear.report, time_to_live if on_lapse is OnLapse.OFFLINE_CURRENT else 0)
    except RateLimitedError as error:
        return bad(SUBJECT, error.detail, "wait, and stop other programs that use this account")
    except DeviceError as error:
        return bad(SUBJECT, f"the order was not taken: {error.detail}")


async def _order(charger: Charger, ear: Ear, report: ChargerReport, time_to_live: int) -> Check:
    before = report.dynamic_current
    if before is None:
        return caution(SUBJECT, "not tried: the charger does not tell its limit in force")
    binding = report.bounds.binding
    if any(not amperes.is_integer() for amperes in before):
        return only_read(report, "it is not in whole amperes, and an order would change it")
    if binding is not None and max(before) > binding:
        return only_read(report, f"it is above the {binding:g} A that bind, as after a restart of the charger")
    first, second, third = map(int, before)
    await charger.apply(SetCircuitLimit((first, second, third), time_to_live, Cause.REFRESH, 1))
    await ear.until(lambda: ear.outcomes.get(1), ANSWER_WITHIN)
    outcome = ear.outcomes.get(1)
    told = f"{max(before):g} A ordered once more, nothing changed"
    if outcome is None:
        return caution(SUBJECT, f"{told}; accepted, but the charger did not answer within {ANSWER_WITHIN:g} s")
    if outcome.result is not Result.EXECUTED:
        return bad(SUBJECT, f"{told}; {outcome.detail}", "look for a lock or an update in the Easee app")
    return good(SUBJECT, f"{told}, and the charger confirmed it")
