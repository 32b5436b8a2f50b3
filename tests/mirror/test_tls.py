"""Who is taken for the broker: on real TLS, with a peer that shows the wrong certificate and waits for a password."""

import asyncio
import contextlib
import gc
import ssl
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import Authority, Certificate, self_signed
from mirror.peers import running
from mirror.scene import UP
from mirror.snapshots import HOME

from bridge.core.model import LinkReport
from bridge.mirror import connection
from bridge.mirror.client import MqttMirror
from bridge.mirror.connection import _tls
from bridge.mirror.options import MqttOptions

WELCOME = bytes([0x20, 2, 0, 0])
"""CONNACK: accepted."""
PASSWORD = "a secret that nobody may read"


@pytest.fixture(autouse=True)
def _forgotten_sockets() -> Iterator[None]:
    """Paho forgets the socket of a handshake that failed; it is closed when it is collected."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


class Peer:
    """Welcomes whoever comes, and keeps what it is sent."""

    def __init__(self) -> None:
        self.port = 0
        self.received = b""
        self.ca_file: Path | None = None

    @contextlib.asynccontextmanager
    async def showing(self, context: ssl.SSLContext) -> AsyncIterator[None]:
        async with await asyncio.start_server(self._welcome, "127.0.0.1", 0, ssl=context) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                if not self.received:
                    writer.write(WELCOME)
                self.received += data
        writer.close()


@pytest.fixture
def peer() -> Peer:
    return Peer()


async def first_report(peer: Peer, **options: object) -> LinkReport:
    """What a new mirror tells of its link first."""
    asked = MqttOptions("localhost", peer.port, "bridge", PASSWORD, tls=True, **options)  # type: ignore[arg-type]
    async with running(MqttMirror(asked, HOME, time.monotonic, "1")) as ear:
        await ear.until(lambda: ear.told)
    report = ear.told[0]
    assert isinstance(report, LinkReport)
    return report


async def test_a_broker_that_our_authority_vouches_for_is_trusted(peer: Peer, authority: Authority) -> None:
    async with peer.showing(authority.certificate().for_server()):
        assert await first_report(peer, ca_file=authority.file) == UP
    assert PASSWORD.encode() in peer.received, "the peer would have seen it elsewhere too"


def _expired(authority: Authority, _: Path) -> Certificate:
    return authority.certificate(until=timedelta(days=-1))


def _of_another_name(authority: Authority, _: Path) -> Certificate:
    return authority.certificate("broker.example.com")


def _of_nobody(_: Authority, folder: Path) -> Certificate:
    return self_signed(folder)


@pytest.mark.parametrize(
    ("shows", "why", "cure"),
    [
        (_expired, "certificate has expired", "renew it, or set this machine's clock"),
        (_of_another_name, "Hostname mismatch", "[mqtt] host must be the name in it"),
        (_of_nobody, "unable to get local issuer certificate", "ca_file its authority"),
    ],
)
async def test_a_stranger_gets_nothing_and_is_told_in_one_line(
    peer: Peer,
    authority: Authority,
    tmp_path: Path,
    shows: Callable[[Authority, Path], Certificate],
    why: str,
    cure: str,
) -> None:
    async with peer.showing(shows(authority, tmp_path).for_server()):
        told = (await first_report(peer, ca_file=authority.file)).detail
    assert peer.received == b""
    assert why in told
    assert cure in told
    assert told.isprintable()


async def test_it_is_verified_where_no_authority_is_named(peer: Peer, authority: Authority) -> None:
    async with peer.showing(authority.certificate().for_server()):
        assert "is not to be trusted" in (await first_report(peer)).detail
    assert peer.received == b""


async def test_a_client_certificate_is_shown_and_its_lack_is_told(
    peer: Peer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 2.0)
    asking = authority.certificate().for_server()
    asking.verify_mode = ssl.CERT_REQUIRED
    asking.load_verify_locations(authority.file)
    ours = authority.certificate("bridge")
    files = {"client_cert": ours.certificate, "client_key": ours.key}
    async with peer.showing(asking):
        assert "client_cert" in (await first_report(peer, ca_file=authority.file)).detail
        assert peer.received == b""
        assert await first_report(peer, ca_file=authority.file, **files) == UP


def test_tls_1_2_is_the_least_and_nothing_goes_unverified() -> None:
    made = _tls(MqttOptions("broker", tls=True))
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert made.verify_mode is ssl.CERT_REQUIRED
    assert made.check_hostname
