"""The stream: how it dies, and how it comes back."""

import asyncio
from collections.abc import Callable

import pytest
from easee_peer import LATEST, SERIAL, STATE, Following, Peer, Says, always, observation, order, problem

from bridge.core.model import Link
from bridge.core.phases import PerPhase

Follow = Callable[..., Following]


async def rebuilt(following: Following, times: int = 2) -> None:
    await following.until(lambda: len(following.peer.sockets) >= times and following.told.is_up(Link.STREAM))


async def test_a_dropped_stream_is_rebuilt(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.cut()
    await rebuilt(following)
    assert [report.is_up for report in following.told.links(Link.STREAM)] == [True, False, True]
    assert following.told.is_up(Link.CHARGER)
    await peer.observe(96, "50")
    await following.until(lambda: following.told.reports[-1].no_current_code == 50)


async def test_a_used_up_id_is_never_tried_again(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    for times in (2, 3):
        peer.cut()
        await rebuilt(following, times)
    assert peer.count("hub") == peer.count("negotiate") == 3


@pytest.mark.parametrize(
    "goodbye",
    [
        pytest.param({"type": 7}, id="without a reason"),
        pytest.param({"type": 7, "error": "Connection closed with an error.", "allowReconnect": True}, id="with one"),
    ],
)
async def test_a_goodbye_is_believed(peer: Peer, follow: Follow, goodbye: object) -> None:
    following = follow()
    await following.until_live()
    await peer.push(goodbye)
    await rebuilt(following)


async def test_a_silent_stream_is_rebuilt(follow: Follow) -> None:
    following = follow(stream_silence=0.3)
    await following.until_live()
    await following.until(lambda: following.told.is_down(Link.STREAM))
    assert "no sign of life" in following.told.links(Link.STREAM)[-1].detail
    await rebuilt(following)


async def test_pings_are_life_enough(peer: Peer, follow: Follow) -> None:
    following = follow(stream_silence=0.4)
    await following.until_live()
    for _ in range(8):
        await peer.push({"type": 6})
        await asyncio.sleep(0.1)
    assert len(peer.sockets) == 1
    assert following.told.is_up(Link.STREAM)


async def test_a_hub_that_does_not_answer_is_given_up(peer: Peer, follow: Follow) -> None:
    peer.handshake = ""
    following = follow(stream_silence=0.2)
    await following.until(lambda: following.told.is_down(Link.STREAM))
    peer.handshake = "{}\x1e"
    await following.until(lambda: following.told.is_up(Link.STREAM))


@pytest.mark.parametrize("handshake", ['{"error": "not today"}\x1e', "\x1e", "[]\x1e", "what\x1e", "{}"])
async def test_a_handshake_that_fails_is_repeated(peer: Peer, follow: Follow, handshake: str) -> None:
    peer.handshake = handshake
    following = follow()
    await following.until(lambda: following.told.is_down(Link.STREAM))
    peer.handshake = "{}\x1e"
    await following.until(lambda: following.told.is_up(Link.STREAM))


@pytest.mark.parametrize("answer", [Says(404), Says(500), Says(403, problem(403).body), Says(401)])
async def test_a_refused_connection_is_repeated(peer: Peer, follow: Follow, answer: Says) -> None:
    peer.upgrades.append(answer)
    following = follow()
    await following.until_live()
    assert f"HTTP {answer.status}" in following.told.links(Link.STREAM)[0].detail
    assert peer.count("refresh_token") == (1 if answer.status == 401 else 0)


async def test_a_ban_on_the_connection_stops_every_call(peer: Peer, follow: Follow) -> None:
    peer.upgrades.append(Says(429, headers={"Retry-After": "60"}))
    following = follow(poll_every=0.05)
    await following.until(lambda: following.told.is_down(Link.CHARGER))
    assert following.told.links(Link.CHARGER)[-1].retry_after == pytest.approx(60, abs=1)


@pytest.mark.parametrize("answer", [Says(503), Says(200, "<html>"), Says(200, "{}"), Says(404)])
async def test_a_failed_negotiation_is_repeated(peer: Peer, follow: Follow, answer: Says) -> None:
    peer.says("negotiate", answer, answer)
    following = follow()
    await following.until_live()
    assert peer.count("negotiate") == 3
    assert following.told.links(Link.STREAM)[0].is_up is False


async def test_a_refresh_that_fails_during_negotiation_does_not_kill_the_stream(peer: Peer, follow: Follow) -> None:
    following = follow()
    await following.until_live()
    peer.revoked.add("token-1")
    peer.says("refresh_token", Says(500))
    peer.cut()
    await following.until(lambda: peer.count("refresh_token"))
    await rebuilt(following)
    assert peer.count("login") == 1


async def test_affinity_cookies_do_not_pile_up(peer: Peer, follow: Follow) -> None:
    peer.cookies.extend(f"AWSALB=node{number}; Path=/" for number in range(4))
    following = follow()
    await following.until_live()
    for times in (2, 3, 4):
        peer.cut()
        await rebuilt(following, times)
    sent = [headers.get("Cookie") for name, headers in peer.headers if name == "hub"]
    assert sent == [f"AWSALB=node{number}" for number in range(4)]
    assert all("Cookie" not in headers for name, headers in peer.headers if name != "hub")


async def test_a_bad_value_in_the_replay_does_not_loop(peer: Peer, follow: Follow) -> None:
    peer.replay = [observation(111, "sixteen"), *(observation(number, str(value)) for number, value in STATE.items())]
    following = follow()
    await following.until_live()
    await peer.observe(96, "50", LATEST)
    await following.until(lambda: following.told.reports[-1].no_current_code == 50)
    assert len(peer.sockets) == 1


async def test_a_dead_stream_is_bridged_by_reading(peer: Peer, follow: Follow) -> None:
    following = follow(poll_every=0.05)
    await following.until_live()
    peer.says("negotiate", always(Says(503)))
    peer.cut()
    await following.until(lambda: following.told.is_down(Link.STREAM))
    peer.observations[SERIAL].update({111: 9.0, 112: 9.0, 113: 9.0})
    await following.until(lambda: following.told.reports[-1].dynamic_current == PerPhase(9, 9, 9))
    assert following.told.is_up(Link.CHARGER)


async def test_an_order_on_a_dead_stream_is_looked_for_soon(peer: Peer, follow: Follow) -> None:
    following = follow(poll_after_order=0.05)
    await following.until_live()
    peer.says("negotiate", always(Says(503)))
    peer.cut()
    await following.until(lambda: following.told.is_down(Link.STREAM))
    await following.charger.apply(order())
    peer.observations[SERIAL].update({111: 10.0, 112: 10.0, 113: 10.0})
    await following.until(lambda: following.told.reports[-1].dynamic_current == PerPhase(10, 10, 10))


async def test_a_stream_that_lost_its_subscription_is_rebuilt(peer: Peer, follow: Follow) -> None:
    following = follow(poll_live_every=0.1, poll_every=0.1)
    await following.until_live()
    for amperes in (15.0, 14.0, 13.0):
        peer.observations[SERIAL][111] = amperes
        await following.until(lambda amperes=amperes: following.told.reports[-1].dynamic_current[0] == amperes)
    await rebuilt(following)
    assert any("lost changes" in report.detail for report in following.told.links(Link.STREAM))


async def test_a_cloud_that_comes_back_is_followed_again(peer: Peer, follow: Follow) -> None:
    following = follow(poll_every=0.05)
    await following.until_live()
    port = int(peer.url.rsplit(":", 1)[1])
    await peer.stop()
    await following.until(lambda: following.told.is_down(Link.CHARGER) and following.told.is_down(Link.STREAM))
    await peer.start(port)
    await following.until(lambda: following.told.is_up(Link.CHARGER) and following.told.is_up(Link.STREAM), 10)
    assert peer.count("login") == 1
