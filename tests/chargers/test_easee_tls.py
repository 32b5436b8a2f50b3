"""Who is taken for the Easee cloud: on real TLS, with a peer that shows the wrong certificate and waits for secrets."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import Authority, Certificate, self_signed
from easee_peer import Following, Peer, Says, Watch

from bridge.chargers.easee import tls
from bridge.chargers.easee.client import EaseeCharger
from bridge.core.model import Link
from bridge.errors import DeviceUnavailableError

Follow = Callable[..., Following]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
async def secure(authority: Authority) -> AsyncIterator[Peer]:
    """A cloud that shows a good certificate."""
    cloud = Peer(Watch())
    await cloud.start(tls=authority.certificate().for_server())
    yield cloud
    await cloud.stop()


@contextlib.asynccontextmanager
async def cloud_showing(shown: ssl.SSLContext) -> AsyncIterator[Peer]:
    cloud = Peer(Watch())
    await cloud.start(tls=shown)
    try:
        yield cloud
    finally:
        await cloud.stop()


async def refusal(cloud: Peer, ca_file: Path | None) -> str:
    """What a bridge says that will not log in there."""
    charger = EaseeCharger(cloud.options(ca_file=ca_file))
    try:
        with pytest.raises(DeviceUnavailableError) as refused:
            await asyncio.wait_for(charger.follow(lambda _: None), 10)
    finally:
        await charger.close()
    assert "\n" not in refused.value.detail
    return refused.value.detail


async def test_a_cloud_that_our_authority_vouches_for_is_trusted_in_both_ways(
    secure: Peer, authority: Authority
) -> None:
    following = Following(secure, EaseeCharger(secure.options(ca_file=authority.file)))
    await following.until_live()
    await following.end()
    await following.charger.close()
    assert secure.count("login") == 1
    assert secure.count("hub") == 1


def _expired(authority: Authority, _: Path) -> Certificate:
    return authority.certificate(until=timedelta(days=-1))


def _of_another_name(authority: Authority, _: Path) -> Certificate:
    return authority.certificate("api.example.com")


def _of_nobody(_: Authority, folder: Path) -> Certificate:
    return self_signed(folder)


@pytest.mark.parametrize(
    ("shows", "why", "cure"),
    [
        (_expired, "certificate has expired", "is this machine's clock right?"),
        (_of_another_name, "Hostname mismatch", "check charger.easee.api_url"),
        (_of_nobody, "unable to get local issuer certificate", "set charger.easee.ca_file"),
    ],
)
async def test_a_stranger_gets_nothing_and_is_told_in_one_line(
    authority: Authority,
    tmp_path: Path,
    shows: Callable[[Authority, Path], Certificate],
    why: str,
    cure: str,
) -> None:
    async with cloud_showing(shows(authority, tmp_path).for_server()) as stranger:
        told = await refusal(stranger, authority.file)
        assert stranger.calls == []
    assert why in told
    assert cure in told
    assert "nothing was sent to localhost" in told


async def test_it_is_verified_where_nobody_asks_for_it(secure: Peer) -> None:
    assert "is not to be trusted" in await refusal(secure, None)
    assert secure.calls == []


def test_tls_1_2_is_the_least_whatever_the_system_says() -> None:
    assert tls.context(None).minimum_version >= ssl.TLSVersion.TLSv1_2
    assert tls.context(None).verify_mode is ssl.CERT_REQUIRED
    assert tls.context(None).check_hostname


async def test_plain_text_where_tls_should_be_is_told(peer: Peer) -> None:
    peer.url = peer.url.replace("http:", "https:")
    assert "no TLS with localhost" in await refusal(peer, None)
    assert peer.calls == []


async def test_the_stream_alone_behind_a_stranger_gets_no_token(
    secure: Peer, authority: Authority, tmp_path: Path
) -> None:
    async with cloud_showing(self_signed(tmp_path).for_server()) as stranger:
        options = secure.options(ca_file=authority.file, stream_url=f"{stranger.url}/hubs/chargers")
        following = Following(secure, EaseeCharger(options))
        await following.until(lambda: following.told.is_down(Link.STREAM))
        await following.end()
        await following.charger.close()
        assert stranger.calls == []
    assert "is not to be trusted" in following.told.links(Link.STREAM)[-1].detail


async def test_a_websocket_to_a_stranger_gets_no_token(authority: Authority, tmp_path: Path) -> None:
    """The certificate changes between the negotiation and the connection it was for."""
    shown = authority.certificate().for_server()
    nobody = self_signed(tmp_path)
    async with cloud_showing(shown) as cloud:
        following = Following(cloud, EaseeCharger(cloud.options(ca_file=authority.file)))
        await following.until_live()
        shown.load_cert_chain(nobody.certificate, nobody.key)
        cloud.cut()
        await following.until(lambda: following.told.is_down(Link.STREAM))
        hubs = cloud.count("hub")
        await following.until(lambda: cloud.count("negotiate") >= 3)
        await following.end()
        await following.charger.close()
        assert cloud.count("hub") == hubs == 1


async def test_a_redirect_of_the_stream_is_not_followed_with_the_token(peer: Peer, follow: Follow) -> None:
    elsewhere = Peer(peer.watch)
    await elsewhere.start()
    there = f"{elsewhere.url.replace('http', 'ws').replace('localhost', '127.0.0.1')}/hubs/chargers"
    peer.upgrades.append(Says(302, headers={"Location": there}))
    following = follow()
    await following.until(lambda: following.told.is_down(Link.STREAM) or elsewhere.calls)
    await elsewhere.stop()
    assert elsewhere.calls == []
    assert "HTTP 302" in following.told.links(Link.STREAM)[-1].detail


@pytest.mark.parametrize(("content", "why"), [(None, "No such file or directory"), (b"no certificate", "no cert")])
async def test_an_authority_that_cannot_be_read_is_told(
    secure: Peer, tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "ca.crt"
    if content is not None:
        file.write_bytes(content)
    told = await refusal(secure, file)
    assert "charger.easee.ca_file cannot be used" in told
    assert why in told
