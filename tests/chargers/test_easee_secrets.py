"""No secret reaches a log, an error or a representation."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from easee_peer import PASSWORD, STATE, Following, Peer, Says, observation, order, problem

from bridge.core.model import Link
from bridge.errors import BridgeError

Follow = Callable[..., Following]
SECRETS = (PASSWORD, "token-", "refresh-", "Bearer", "SubscribeWithCurrentState")


async def test_nothing_secret_is_logged_at_any_level(
    peer: Peer, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("pyeasee", "pyeasee.easee", "pysignalr", "pysignalr.transport", "websockets", "websockets.client"):
        caplog.set_level(logging.DEBUG, logger=name)
    peer.replay = [observation(number, str(value)) for number, value in STATE.items()]
    following = follow()
    await following.until_live()
    peer.revoked.add("token-1")
    peer.says("dynamicCurrent", problem(400), Says(503))
    for number in range(3):
        await asyncio.gather(following.charger.apply(order(number=number)), return_exceptions=True)
    await peer.push({"type": 1, "target": "Unheard", "arguments": [], "invocationId": "1"})
    peer.cut()
    await following.until(lambda: len(peer.sockets) > 1 and following.told.is_up(Link.STREAM))
    peer.says("dynamicCurrent", Says(403, problem(403).body))
    await asyncio.gather(following.charger.apply(order(number=3)), return_exceptions=True)
    assert caplog.text
    assert [secret for secret in SECRETS if secret in caplog.text] == []


async def test_levels_set_before_the_start_are_overruled(follow: Follow) -> None:
    logging.getLogger("pyeasee").setLevel(logging.DEBUG)
    await follow().until_live()
    assert not logging.getLogger("pyeasee.easee").isEnabledFor(logging.ERROR)
    assert not logging.getLogger("pysignalr.transport").isEnabledFor(logging.DEBUG)


def test_options_hide_the_password(peer: Peer) -> None:
    assert PASSWORD not in repr(peer.options())
    assert PASSWORD not in str(peer.options())


@pytest.mark.parametrize("answer", [problem(400, 100), Says(401), Says(500), Says(403), Says(200, "what"), Says(404)])
async def test_errors_hide_it_too(peer: Peer, follow: Follow, answer: Says) -> None:
    peer.says("login", answer)
    following = follow()
    with pytest.raises(BridgeError) as caught:
        await asyncio.wait_for(following.task, 5)
    assert PASSWORD not in f"{caught.value!r} {caught.value} {following.told.all}"
    assert PASSWORD not in repr(caught.value.__cause__)


async def test_each_change_is_logged_once(peer: Peer, follow: Follow, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    following = follow()
    await following.until_live()
    for _ in range(3):
        await peer.observe(111, "sixteen")
    peer.says("negotiate", Says(503), Says(503), Says(503))
    peer.cut()
    await following.until(lambda: len(peer.sockets) > 1 and following.told.is_up(Link.STREAM))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bridge")]
    assert [line.partition(":")[0] for line in lines] == [
        "charger EH000001",
        "Easee cloud connected",
        "Easee stream connected",
        "Easee sent an unreadable observation 111",
        "Easee stream lost",
        "Easee stream recovered after 0 s",
    ]
