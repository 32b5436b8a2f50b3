"""Outages in virtual time: how long is waited, what is told and logged, and what is no outage."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from fakes import TELEGRAM, FakeLink, failing

from bridge.core.model import ChargerReport, Link, LinkReport, Observation
from bridge.errors import (
    DeviceError,
    DeviceUnavailableError,
    LoginRejectedError,
    MalformedReadingError,
    RateLimitedError,
    UnsuitableError,
)
from bridge.ports import Tell
from bridge.runtime import supervisor
from bridge.runtime.outage import CAUSES_TOLD, Outage
from bridge.runtime.supervisor import keep_running

pytestmark = pytest.mark.looptime

OUTAGE = DeviceUnavailableError("easee", "no answer: is the internet there?")
WRONG_LOGIN = LoginRejectedError("easee", "wrong password: mend [charger.easee]")


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "JITTER", 0.0)


@pytest.fixture(autouse=True)
def at_info(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield


@asynccontextmanager
async def supervised(link: FakeLink) -> AsyncIterator[list[Observation]]:
    told: list[Observation] = []
    task = asyncio.create_task(keep_running(Link.CHARGER, link.follow, told.append))
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_waits_double_up_to_a_minute() -> None:
    link = FakeLink(*[failing(OUTAGE)] * 9)
    async with supervised(link):
        await asyncio.sleep(400)

    assert [after - before for before, after in pairwise(link.started)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_a_wait_is_stretched_at_random_by_a_quarter_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "JITTER", 0.25)
    link = FakeLink(*[failing(OUTAGE)] * 5)
    async with supervised(link):
        await asyncio.sleep(100)

    for (before, after), shortest in zip(pairwise(link.started), [1, 2, 4, 8, 16], strict=True):
        assert shortest <= after - before <= shortest * 1.25


async def test_a_link_that_held_a_minute_starts_again_with_the_first_wait() -> None:
    link = FakeLink(*[failing(OUTAGE)] * 4, failing(OUTAGE, after=60.0))
    async with supervised(link):
        await asyncio.sleep(200)

    assert link.started[-1] - link.started[-2] == 61


async def test_a_link_that_flaps_is_waited_for_longer_and_longer() -> None:
    link = FakeLink(*[failing(OUTAGE, after=5.0)] * 4)
    async with supervised(link):
        await asyncio.sleep(100)

    assert [after - before for before, after in pairwise(link.started)] == [6, 7, 9, 13]


async def test_a_link_that_says_itself_that_it_is_lost_held_until_then() -> None:
    async def step(tell: Tell) -> None:
        tell(LinkReport(Link.CHARGER, is_up=True))
        await asyncio.sleep(100)
        tell(LinkReport(Link.CHARGER, is_up=False, detail="gone"))
        await asyncio.sleep(10)
        raise OUTAGE

    link = FakeLink(failing(OUTAGE), failing(OUTAGE), step)
    async with supervised(link):
        await asyncio.sleep(200)

    assert link.started[-1] - link.started[-2] == 111


async def test_an_outage_is_told_logged_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    link = FakeLink(*[failing(OUTAGE)] * 4)
    async with supervised(link) as told:
        await asyncio.sleep(100)

    assert told[0] == LinkReport(Link.CHARGER, is_up=False, detail="no answer: is the internet there?")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "charger lost: no answer: is the internet there?"),
        ("INFO", "charger recovered after 15 s"),
    ]


async def test_another_cause_during_an_outage_is_logged_once_whatever_its_numbers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused = [failing(DeviceUnavailableError("easee", f"refused, {n} tries")) for n in range(3)]
    async with supervised(FakeLink(failing(OUTAGE), *refused)):
        await asyncio.sleep(100)

    assert [record.getMessage() for record in caplog.records][1:] == [
        "charger still lost: refused, 0 tries",
        "charger recovered after 15 s",
    ]


def test_an_outage_whose_cause_is_always_another_is_bounded_in_lines_and_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    outage = Outage(Link.CHARGER)
    for number in range(10_000):
        outage.lost(LinkReport(Link.CHARGER, is_up=False, detail="x" * number), float(number))
    assert len(caplog.records) == len(outage._causes) == CAUSES_TOLD


async def test_a_telegram_is_a_sign_of_life_as_good_as_a_report(caplog: pytest.LogCaptureFixture) -> None:
    async def step(tell: Tell) -> None:
        tell(TELEGRAM)
        await asyncio.sleep(1000)

    async with supervised(FakeLink(failing(OUTAGE), step)):
        await asyncio.sleep(5)

    assert "charger recovered after 1 s" in caplog.text


async def test_a_rate_limit_is_waited_out_in_full(caplog: pytest.LogCaptureFixture) -> None:
    link = FakeLink(failing(RateLimitedError("easee", "too many calls", 900.0)))
    async with supervised(link) as told:
        await asyncio.sleep(2000)

    assert link.started == [0, 900]
    assert told[0] == LinkReport(Link.CHARGER, is_up=False, detail="too many calls", retry_after=900.0)
    assert "charger lost: too many calls (next try in 15 min)" in caplog.text


async def test_a_login_rejected_at_the_start_ends_the_work_after_one_try() -> None:
    link = FakeLink(failing(WRONG_LOGIN), failing(WRONG_LOGIN))

    with pytest.raises(LoginRejectedError):
        await keep_running(Link.CHARGER, link.follow, lambda _: None)

    assert link.started == [0]


async def test_a_login_rejected_after_an_outage_at_the_start_ends_the_work_too() -> None:
    with pytest.raises(LoginRejectedError):
        await keep_running(Link.CHARGER, FakeLink(failing(OUTAGE), failing(WRONG_LOGIN)).follow, lambda _: None)


async def test_a_login_rejected_later_is_tried_once_an_hour_with_the_problem_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    link = FakeLink(failing(OUTAGE, after=0.0), failing(WRONG_LOGIN), failing(WRONG_LOGIN))
    async with supervised(link) as told:
        await asyncio.sleep(8000)

    assert link.started == [0, 1, 3601, 7201]
    shown = LinkReport(Link.CHARGER, is_up=False, detail=WRONG_LOGIN.detail, retry_after=3600.0)
    assert told.count(shown) == 2
    assert "charger still lost: wrong password: mend [charger.easee] (next try in 1 h 0 min)" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(UnsuitableError("easee", "an IT grid"), id="an unsuitable installation"),
        pytest.param(ZeroDivisionError("a bug"), id="a bug"),
    ],
)
async def test_what_no_retry_mends_passes_through(error: Exception) -> None:
    with pytest.raises(type(error)):
        await keep_running(Link.CHARGER, FakeLink(failing(error)).follow, lambda _: None)


async def test_an_account_that_is_emptied_later_is_looked_into_again_until_it_is_mended() -> None:
    emptied = UnsuitableError("easee", "this account has no charger")

    async def governed(tell: Tell) -> None:
        tell(ChargerReport())
        raise OUTAGE

    link = FakeLink(governed, failing(emptied), failing(emptied), failing(OUTAGE, after=0.0))
    async with supervised(link) as told:
        await asyncio.sleep(60)

    assert len(link.started) > 3
    assert LinkReport(Link.CHARGER, is_up=False, detail=emptied.detail) in told


async def test_a_charger_that_turns_out_unsuitable_when_it_is_first_looked_at_ends_the_work() -> None:
    with pytest.raises(UnsuitableError):
        await keep_running(
            Link.CHARGER, FakeLink(failing(UnsuitableError("easee", "an IT grid"), after=0.0)).follow, lambda _: None
        )


async def test_work_that_returns_is_a_bug() -> None:
    async def returns(_tell: Tell) -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="charger stopped without being asked"):
        await keep_running(Link.CHARGER, returns, lambda _: None)


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(ExceptionGroup("tasks", [OUTAGE]), id="in a task group"),
        pytest.param(ExceptionGroup("tasks", [OUTAGE, ExceptionGroup("more", [OUTAGE])]), id="two of them, nested"),
        pytest.param(MalformedReadingError("easee", "nonsense"), id="another device error"),
    ],
)
async def test_outages_come_in_other_guises_too(outage: Exception) -> None:
    link = FakeLink(failing(outage))
    async with supervised(link):
        await asyncio.sleep(5)

    assert link.started == [0, 1]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param([OUTAGE, ZeroDivisionError()], ZeroDivisionError, id="a bug beats an outage"),
        pytest.param([OUTAGE, WRONG_LOGIN], LoginRejectedError, id="a wrong login beats an outage"),
        pytest.param([WRONG_LOGIN, UnsuitableError("easee", "IT")], UnsuitableError, id="unsuitable beats the login"),
    ],
)
async def test_the_gravest_error_of_a_group_decides(group: list[DeviceError], expected: type[Exception]) -> None:
    link = FakeLink(failing(ExceptionGroup("tasks", group)))

    with pytest.raises(expected):
        await keep_running(Link.CHARGER, link.follow, lambda _: None)
