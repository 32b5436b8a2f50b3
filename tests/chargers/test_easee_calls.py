"""Orders and other calls, where the cloud does not do what is asked."""

import asyncio
from collections.abc import Callable

import pytest
from easee_peer import Following, Peer, Says, always, order, problem

from bridge.chargers.easee.client import EaseeCharger
from bridge.core.model import Link, Outcome, Result
from bridge.core.phases import PerPhase
from bridge.errors import CommandRejectedError, DeviceUnavailableError, LoginRejectedError, RateLimitedError
from bridge.ports import Rest

Follow = Callable[..., Following]
ORDER = "dynamicCurrent"
BAN = "Too many requests, please check your error handling. Your IP is registered in our systems and is now blocked"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Says(200), id="200 and nothing"),
        pytest.param(Says(202, "[]"), id="an empty list"),
        pytest.param(Says(202, '[{"device": "EH000001", "commandId": 22, "ticks": 7}]'), id="a list"),
        pytest.param(Says(202, '{"device": "EH000001", "commandId": 22, "ticks": 7}'), id="an object"),
        pytest.param(Says(204), id="204"),
    ],
)
async def test_all_ways_of_saying_yes_are_understood(peer: Peer, follow: Follow, answer: Says) -> None:
    peer.order_answer = answer
    following = follow()
    await following.until_live()
    await following.charger.apply(order((16, 16, 16), minutes=0))
    assert peer.orders == [{"phase1": 16, "phase2": 16, "phase3": 16, "timeToLive": 0}]


async def test_the_same_order_is_sent_again(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    for number in range(14):
        await following.charger.apply(order(number=number))
    assert len(peer.orders) == 14


async def test_an_order_never_exceeds_what_binds(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await peer.observe(47, "13.7")
    await following.until(lambda: following.told.reports[-1].bounds.binding == 13.7)
    await following.charger.apply(order((32, 10, 0)))
    assert list(peer.orders[0].values())[:3] == [13, 10, 0]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_failure_is_a_failed_order(peer: Peer, follow: Follow, status: int) -> None:
    following = follow()
    await following.until_live()
    peer.says(ORDER, Says(status))
    with pytest.raises(DeviceUnavailableError, match=f"HTTP {status}"):
        await following.charger.apply(order())
    assert peer.count(ORDER) == 1
    assert peer.count("login") == 1


@pytest.mark.parametrize("status", [200, 202, 302, 403])
async def test_a_page_instead_of_an_answer_is_a_failed_order(peer: Peer, follow: Follow, status: int) -> None:
    following = follow()
    await following.until_live()
    page = Says(status, "<!DOCTYPE html><html></html>", {"Location": f"{peer.url}/elsewhere"}, content_type="text/html")
    peer.says(ORDER, page)
    with pytest.raises(DeviceUnavailableError):
        await following.charger.apply(order())


async def test_an_order_that_is_not_answered_is_unavailable_in_time(peer: Peer, follow: Follow) -> None:
    following = follow(request_timeout=0.3)
    await following.until_live()
    peer.says(ORDER, Says(202, seconds=3))
    with pytest.raises(DeviceUnavailableError, match="no answer from localhost"):
        await asyncio.wait_for(following.charger.apply(order()), 2)


async def test_a_refused_order_does_not_log_in(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.says(
        ORDER, problem(400, title="The value is\nout of range"), Says(400, "no"), problem(403, title="Access denied")
    )
    with pytest.raises(CommandRejectedError, match=r"HTTP 400 \(The value is out of range\)"):
        await following.charger.apply(order())
    with pytest.raises(CommandRejectedError):
        await following.charger.apply(order())
    with pytest.raises(DeviceUnavailableError, match="Access denied"):  # no word about the value: tried again
        await following.charger.apply(order())
    assert peer.count("login") == 1
    assert peer.count("refresh_token") == 0
    assert following.told.is_up(Link.CHARGER)


async def test_an_expired_token_costs_one_refresh_and_no_order(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.revoked.add("token-1")
    await asyncio.gather(*(following.charger.apply(order(number=number)) for number in range(4)))
    assert len(peer.orders) == 4
    assert peer.count("refresh_token") == 1
    assert peer.count("login") == 1


async def test_a_token_is_renewed_before_it_ends(peer: Peer) -> None:
    now = 1000.0
    adapter = EaseeCharger(peer.options(), lambda: now)
    following = Following(peer, adapter)
    await following.until_live()
    now += 3600.0
    await adapter.apply(order())
    assert peer.count("refresh_token") == 1
    assert [headers.get("Authorization") for name, headers in peer.headers if name == "refresh_token"] == [None]
    await following.end()
    await adapter.close()


async def test_a_refresh_that_is_refused_logs_in_once(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.revoked.add("token-1")
    peer.says("refresh_token", problem(401))
    await following.charger.apply(order())
    assert peer.count("login") == 2


async def test_a_token_that_is_never_accepted_causes_no_storm(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.says(ORDER, always(Says(401)))
    for number in range(5):
        with pytest.raises(DeviceUnavailableError):
            await following.charger.apply(order(number=number))
    assert peer.count("login") + peer.count("refresh_token") == 2


async def test_a_refresh_that_fails_is_not_a_login(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.revoked.add("token-1")
    peer.says("refresh_token", Says(503))
    with pytest.raises(DeviceUnavailableError, match="HTTP 503"):
        await following.charger.apply(order())
    with pytest.raises(DeviceUnavailableError, match="next try in"):
        await following.charger.apply(order())
    assert peer.count("login") == 1
    assert peer.count("refresh_token") == 1
    assert not following.task.done()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(problem(400, 100, "InvalidUserPassword", "Username or password is invalid"), id="400 as seen"),
        pytest.param(Says(400, "invalid", content_type="text/plain"), id="400 in plain text"),
        pytest.param(Says(401), id="401"),
        pytest.param(problem(403, 727, "EmailNotVerified"), id="403 with a reason"),
    ],
)
async def test_a_wrong_password_is_tried_once(peer: Peer, follow: Follow, answer: Says) -> None:
    peer.says("login", always(answer))
    following = follow()
    with pytest.raises(LoginRejectedError, match=r"charger\.easee\.password"):
        await asyncio.wait_for(following.task, 5)
    with pytest.raises(DeviceUnavailableError):
        await following.charger.apply(order())
    assert peer.calls == ["login"]
    assert following.told.is_down(Link.CHARGER)


async def test_a_password_changed_while_running_ends_the_following_after_one_try(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.revoked.add("token-1")
    peer.says("refresh_token", always(Says(401)))
    peer.says("login", always(problem(400, 100, "InvalidUserPassword")))
    for number in range(3):
        with pytest.raises(LoginRejectedError):
            await following.charger.apply(order(number=number))
    with pytest.raises(LoginRejectedError):
        await asyncio.wait_for(following.task, 5)
    assert peer.count("login") == 2


@pytest.mark.parametrize("answer", [Says(404), Says(200, "{}"), Says(200, "<html>"), Says(200, "[]"), Says(301)])
async def test_something_else_than_an_easee_cloud_is_unavailable(peer: Peer, follow: Follow, answer: Says) -> None:
    peer.says("login", answer)
    following = follow()
    with pytest.raises(DeviceUnavailableError):
        await asyncio.wait_for(following.task, 5)


async def test_nobody_listening_is_one_clear_line(peer: Peer, follow: Follow) -> None:
    await peer.stop()
    following = follow()
    with pytest.raises(DeviceUnavailableError, match="cannot reach localhost") as caught:
        await asyncio.wait_for(following.task, 5)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        pytest.param(Says(429, headers={"Retry-After": "77"}), 70, 77, id="the header's seconds"),
        pytest.param(Says(429), 290, 300, id="five minutes where nothing is told"),
        pytest.param(Says(429, headers={"Retry-After": "soon"}), 290, 300, id="five minutes for nonsense"),
        pytest.param(Says(429, "blocked for 24 hours from the last request"), 86000, 86400, id="24 h in words"),
        pytest.param(Says(403, BAN, content_type="text/plain"), 290, 300, id="403 in plain text"),
        pytest.param(Says(403), 290, 300, id="403 without a word"),
    ],
)
async def test_a_ban_stops_every_call(peer: Peer, follow: Follow, answer: Says, least: float, most: float) -> None:
    following = follow()
    await following.until_live()
    peer.says(ORDER, answer)
    with pytest.raises(RateLimitedError) as caught:
        await following.charger.apply(order())
    assert least <= caught.value.retry_after <= most
    report = following.told.links(Link.CHARGER)[-1]
    assert not report.is_up
    assert report.retry_after == caught.value.retry_after
    calls = len(peer.calls)

    peer.cut()
    await following.until(lambda: following.told.is_down(Link.STREAM))
    with pytest.raises(RateLimitedError):
        await following.charger.apply(order(number=2))
    await following.end()
    again = follow(following.charger)
    with pytest.raises(RateLimitedError):
        await asyncio.wait_for(again.task, 5)
    assert len(peer.calls) == calls
    assert again.told.links(Link.CHARGER)[-1].retry_after == pytest.approx(caught.value.retry_after, abs=5)


@pytest.mark.parametrize("endpoint", ["login", "refresh_token", "negotiate", "observations"])
async def test_a_ban_counts_on_every_endpoint(peer: Peer, follow: Follow, endpoint: str) -> None:
    following = follow(poll_live_every=0.3, poll_every=0.3)
    if endpoint != "login":
        await following.until_live()
        peer.revoked.add("token-1")
    peer.says(endpoint, always(Says(429, headers={"Retry-After": "60"})))
    if endpoint != "login":
        peer.cut()
    await following.until(lambda: following.told.is_down(Link.CHARGER))
    report = following.told.links(Link.CHARGER)[-1]
    assert report.retry_after == pytest.approx(60, abs=1)
    assert peer.count(endpoint) == {"login": 1, "refresh_token": 1, "negotiate": 2, "observations": 2}[endpoint]
    assert peer.count("login") == 1


async def test_after_a_ban_all_is_well_again_by_itself(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.says(ORDER, Says(429, headers={"Retry-After": "1"}))
    with pytest.raises(RateLimitedError):
        await following.charger.apply(order())
    await following.until(lambda: following.told.is_up(Link.CHARGER))
    await following.charger.apply(order())
    assert len(peer.orders) == 1


async def test_a_failed_order_asks_whether_the_cloud_is_there(peer: Peer, follow: Follow) -> None:
    following = follow(poll_every=0.05)
    await following.until_live()
    peer.says("observations", Says(503))
    peer.says(ORDER, Says(503))
    with pytest.raises(DeviceUnavailableError):
        await following.charger.apply(order())
    await following.until(lambda: following.told.is_down(Link.CHARGER))
    assert following.told.links(Link.CHARGER)[-1].retry_after is None
    await following.until(lambda: following.told.is_up(Link.CHARGER))


async def test_a_hanging_reading_does_not_hold_up_an_order(peer: Peer, follow: Follow) -> None:
    following = follow(request_timeout=3.0, poll_live_every=0.05, poll_every=0.05)
    await following.until_live()
    peer.says("observations", Says(200, "{}", seconds=20))
    before = peer.count("observations")
    await following.until(lambda: peer.count("observations") > before)
    await asyncio.wait_for(following.charger.apply(order()), 2)
    assert len(peer.orders) == 1
    assert not following.told.is_down(Link.CHARGER)


async def test_a_hanging_negotiation_gives_way_and_is_no_outage(peer: Peer, follow: Follow) -> None:
    peer.says("negotiate", Says(200, "{}", seconds=20))
    following = follow(request_timeout=5.0)
    await following.until(lambda: peer.count("negotiate") and following.told.reports)
    await asyncio.wait_for(following.charger.apply(order()), 2)
    await following.until_live()
    assert not following.told.is_down(Link.STREAM)
    assert [report.is_up for report in following.told.links(Link.STREAM)] == [True]


async def test_a_reading_that_is_nearly_done_is_let_through(peer: Peer, follow: Follow) -> None:
    peer.says("negotiate", Says(503, seconds=0.1))
    following = follow()
    await following.until(lambda: peer.count("negotiate") and following.told.reports)
    await following.charger.apply(order())
    assert "HTTP 503" in following.told.links(Link.STREAM)[0].detail


async def test_an_order_that_is_given_up_frees_the_way(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.says(ORDER, Says(202, seconds=20))
    slow = asyncio.create_task(following.charger.apply(order()))
    await following.until(lambda: peer.count(ORDER))
    slow.cancel()
    await asyncio.wait_for(following.charger.apply(order(number=2)), 1)
    assert len(peer.orders) == 1


@pytest.mark.parametrize("ticks", [638, None, "638"])
async def test_the_chargers_own_answer_is_told(peer: Peer, follow: Follow, ticks: object) -> None:
    following = follow()
    await following.until_live()
    await following.charger.apply(order(number=7))
    await peer.respond(wasAccepted=True, ticks=ticks)
    await following.until(lambda: following.told.outcomes)
    assert following.told.outcomes == [Outcome(7, Result.EXECUTED)]


async def test_an_order_the_charger_refuses_is_told(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await following.charger.apply(order(number=7))
    await peer.respond(wasAccepted=False, ticks=638, resultCode=4)
    await following.until(lambda: following.told.outcomes)
    assert following.told.outcomes[0].result is Result.REJECTED


async def test_answers_to_others_are_not_ours(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    await following.charger.apply(order(number=7))
    await peer.respond(wasAccepted=True, ticks=1)
    await peer.respond(wasAccepted=True, ticks=638, id=48)
    await peer.observe(96, "50")
    await following.until(lambda: following.told.reports[-1].no_current_code == 50)
    assert following.told.outcomes == []


async def test_an_order_that_a_living_stream_does_not_show_is_read(peer: Peer, follow: Follow) -> None:
    following = follow(confirm_within=0.05)
    await following.until_live()
    peer.observations["EH000001"].update({111: 10.0, 112: 10.0, 113: 10.0})
    await following.charger.apply(order())
    await following.until(lambda: following.told.reports[-1].dynamic_current == PerPhase(10, 10, 10))


async def test_the_library_waits_for_nothing_by_itself(peer: Peer, follow: Follow) -> None:
    """Its own throttles sleep silently: the 13th order in a minute, the 11th site in an hour."""
    following = follow()
    await following.until_live()
    for number in range(15):
        await asyncio.wait_for(following.charger.apply(order(number=number)), 1)
    assert peer.count(ORDER) == 15


async def test_nobody_is_called_while_a_ban_outlives_a_restart(peer: Peer, follow: Follow) -> None:
    following = follow(EaseeCharger(peer.options(), rest=Rest(3600.0, "told before the restart")))
    with pytest.raises(RateLimitedError, match="told before the restart"):
        await asyncio.wait_for(following.task, 5)
    assert peer.calls == []
    assert following.told.links(Link.CHARGER)[-1].retry_after == pytest.approx(3600, abs=5)


async def test_an_account_that_loses_its_charger_is_looked_through_again(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.says(ORDER, problem(404))
    with pytest.raises(DeviceUnavailableError):
        await following.charger.apply(order())
    with pytest.raises(DeviceUnavailableError, match="does this account still have the charger"):
        await asyncio.wait_for(following.task, 5)
    found = peer.count("products")
    again = follow(following.charger)
    await again.until_live()
    assert peer.count("products") == found + 1
