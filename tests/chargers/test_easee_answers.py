"""What the cloud's answers mean, and how long it is left alone."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from easee_peer import problem
from hypothesis import given
from hypothesis import strategies as st

from bridge.chargers.easee.answers import (
    HttpStatusError,
    UnreadableAnswerError,
    failure,
    login_failure,
    parse,
)
from bridge.chargers.easee.breaker import Breaker, LoginPace
from bridge.errors import CommandRejectedError, DeviceUnavailableError, LoginRejectedError, RateLimitedError
from bridge.ports import Rest

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("status", "body", "is_ban"),
    [
        pytest.param(429, "", True, id="429"),
        pytest.param(429, problem(429).body, True, id="429 with a problem document"),
        pytest.param(403, "", True, id="403 without a word"),
        pytest.param(403, "<html>Forbidden</html>", True, id="403 with a page"),
        pytest.param(403, "[1]", True, id="403 with some JSON"),
        pytest.param(403, problem(403, title="Too many requests, you are blocked").body, True, id="403 that says so"),
        pytest.param(403, problem(403, title="Access denied").body, False, id="403 about access"),
        pytest.param(400, "Too many requests", False, id="400"),
        pytest.param(503, "", False, id="503"),
    ],
)
def test_a_ban_is_told_from_a_refusal(status: int, body: str, is_ban: bool) -> None:  # noqa: FBT001
    assert HttpStatusError(status, None, body).is_ban is is_ban


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("120", "", 120),
        (" 120 ", "", 120),
        ("Mon, 01 Jun 2026 12:10:00 GMT", "", 600),
        ("Mon, 01 Jun 2026 11:00:00 GMT", "", None),
        ("Mon, 01 Jun 2026 12:10:00", "", None),
        ("0", "", None),
        ("-5", "", None),
        ("soon", "", None),
        (None, "", None),
        (None, "blocked for 24 hours from the last request", 86400),
        ("60", "blocked for 24 hours", 60),
    ],
)
def test_the_time_told_is_understood(header: str | None, body: str, seconds: float | None) -> None:
    assert HttpStatusError(429, header, body).wait(NOON) == seconds


@given(st.text(), st.text(), st.integers(100, 599))
def test_no_answer_raises(header: str, body: str, status: int) -> None:
    error = HttpStatusError(status, header, body)
    seconds = error.wait(NOON)
    assert seconds is None or seconds >= 1
    assert "\n" not in str(failure(error))
    assert "\n" not in str(login_failure(error))


@pytest.mark.parametrize("status", [500, 503, 504, 401, 408, 302])
def test_failures_that_pass_are_tried_again(status: int) -> None:
    assert type(failure(HttpStatusError(status))) is DeviceUnavailableError


@pytest.mark.parametrize("status", [400, 409, 422])
def test_refusals_are_not(status: int) -> None:
    assert type(failure(HttpStatusError(status))) is CommandRejectedError


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, problem(400, 100, "InvalidUserPassword").body, LoginRejectedError),
        (400, "", LoginRejectedError),
        (401, "", LoginRejectedError),
        (403, problem(403).body, LoginRejectedError),
        (400, "<html>Bad Request</html>", DeviceUnavailableError),
        (404, "", DeviceUnavailableError),
        (409, "", DeviceUnavailableError),
        (500, "", DeviceUnavailableError),
    ],
)
def test_a_login_is_refused_by_the_cloud_only(status: int, body: str, error: type[Exception]) -> None:
    assert type(login_failure(HttpStatusError(status, None, body))) is error


def test_an_empty_body_is_none_and_a_page_is_unreadable() -> None:
    assert parse(" \n") is None
    assert parse("[]") == []
    with pytest.raises(UnreadableAnswerError):
        parse("<html>")
    with pytest.raises(UnreadableAnswerError):
        parse("[" * 100_000)


def test_the_breaker_waits_longer_each_time() -> None:
    clock = Hand()
    breaker = Breaker(clock)
    waits = []
    for _ in range(8):
        waits.append(breaker.trip(429, None).retry_after / 60)
        clock.now += breaker.remaining
    assert waits == [5, 60, 120, 240, 480, 960, 1440, 1440]


def test_the_breaker_opens_and_closes() -> None:
    clock = Hand()
    breaker = Breaker(clock)
    breaker.check()
    breaker.trip(403, 60)
    clock.now += 59
    with pytest.raises(RateLimitedError) as caught:
        breaker.check()
    assert caught.value.retry_after == pytest.approx(1)
    clock.now += 1
    breaker.check()
    assert breaker.remaining == 0


def test_the_breaker_believes_no_more_than_a_day() -> None:
    assert Breaker(Hand()).trip(429, 1e9).retry_after == 86400


def test_a_rest_after_a_restart_is_kept() -> None:
    hand = Hand()
    breaker = Breaker(hand, Rest(120.0, "told before the restart"))
    with pytest.raises(RateLimitedError, match="told before the restart") as caught:
        breaker.check()
    assert caught.value.retry_after == 120

    hand.now += 121
    breaker.check()


def test_a_ban_long_past_is_forgotten() -> None:
    clock = Hand()
    breaker = Breaker(clock)
    breaker.trip(429, None)
    clock.now += 300 + 3601
    assert breaker.trip(429, None).retry_after == 300


def test_failed_logins_are_spaced() -> None:
    clock = Hand()
    pace = LoginPace(clock)
    allowed = []
    for second in range(200):
        clock.now = second
        with suppress(DeviceUnavailableError):
            pace.attempt()
            allowed.append(second)
    assert allowed == [0, 2, 6, 14, 30, 62, 122, 182]


def test_logins_that_succeed_are_not() -> None:
    pace = LoginPace(Hand())
    for _ in range(5):
        pace.attempt()
        pace.succeeded()
