"""Who is let in, and who is trusted: passwords and certificates on a real Mosquitto."""

import asyncio
import contextlib
import gc
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest
from mirror.brokers import MOSQUITTO, Mosquitto, free_port
from mirror.peers import running
from mirror.scene import AVAILABILITY, BASE, DISCOVERY, STATE, UP, now_charging
from mirror.snapshots import HOME

from bridge.core.model import Control, ControlChange, LinkReport, Pace
from bridge.mirror import connection
from bridge.mirror.client import MqttMirror
from bridge.mirror.options import MqttOptions

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not MOSQUITTO.exists(), reason="Mosquitto is not installed (Debian package mosquitto)"),
]
PASSWORD = "correct horse"


async def first_report(options: MqttOptions) -> LinkReport:
    """What a new mirror tells of its link first."""
    async with running(MqttMirror(options, HOME, time.monotonic, "1")) as ear:
        await ear.until(lambda: ear.told)
    report = ear.told[0]
    assert isinstance(report, LinkReport)
    return report


@contextlib.asynccontextmanager
async def started(folder: Path, settings: str) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(free_port(), folder, settings)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


async def run(folder: Path, command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command.split(" "), cwd=folder, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    assert process.returncode == 0, told.decode()


@pytest.fixture(autouse=True)
def _forgotten_sockets() -> Iterator[None]:
    """Paho forgets the socket of a handshake that failed; it is closed when it is collected."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """Asks for a password."""
    (tmp_path / "users").write_text(f"bridge:{PASSWORD}\n")
    await run(tmp_path, "mosquitto_passwd -U users")
    async with started(tmp_path, f"allow_anonymous false\npassword_file {tmp_path}/users") as broker:
        yield broker


async def test_the_right_password_is_let_in(locked: Mosquitto) -> None:
    assert await first_report(MqttOptions("127.0.0.1", locked.port, "bridge", PASSWORD)) == UP


@pytest.mark.parametrize(("username", "password"), [("bridge", "hunter2"), (None, None)])
async def test_a_wrong_password_is_told_as_such(
    locked: Mosquitto, username: str | None, password: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    report = await first_report(MqttOptions("127.0.0.1", locked.port, username, password))
    assert "refuses user name or password" in report.detail
    assert "hunter2" not in caplog.text


@pytest.fixture
async def certificates(tmp_path: Path) -> Path:
    """A certificate authority, and what it vouches for: a broker called localhost, and a client."""
    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    await run(tmp_path, f"openssl req -x509 {new_key} -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt")
    for name, host in (("broker", "localhost"), ("client", "bridge")):
        (tmp_path / f"{name}.ext").write_text(f"subjectAltName=DNS:{host}\n")
        await run(tmp_path, f"openssl req {new_key} -subj /CN={host} -keyout {name}.key -out {name}.csr")
        signing = f"-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile {name}.ext"
        await run(tmp_path, f"openssl x509 -req -in {name}.csr {signing} -out {name}.crt")
    return tmp_path


def tls(folder: Path) -> str:
    files = {"cafile": "ca.crt", "certfile": "broker.crt", "keyfile": "broker.key"}
    return "\n".join(["allow_anonymous true", *(f"{key} {folder / file}" for key, file in files.items())])


@pytest.fixture
async def secure(certificates: Path) -> AsyncIterator[Mosquitto]:
    async with started(certificates, tls(certificates)) as broker:
        yield broker


@pytest.fixture
def options(secure: Mosquitto, certificates: Path) -> MqttOptions:
    return MqttOptions("localhost", secure.port, tls=True, ca_file=certificates / "ca.crt")


async def test_a_broker_that_our_ca_vouches_for_is_trusted(options: MqttOptions) -> None:
    assert await first_report(options) == UP


async def test_a_broker_that_nobody_vouches_for_is_not(options: MqttOptions) -> None:
    assert "is not to be trusted" in (await first_report(replace(options, ca_file=None))).detail


async def test_a_broker_of_another_name_is_not(options: MqttOptions) -> None:
    report = await first_report(replace(options, host="127.0.0.1"))
    assert "is not to be trusted" in report.detail
    assert "[mqtt] host must be the name in it" in report.detail


async def test_plain_text_to_a_tls_port_is_told_as_such(options: MqttOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 1.0)
    assert "without TLS on this port?" in (await first_report(replace(options, tls=False))).detail


async def test_tls_to_a_plain_text_port_is_told_as_such(options: MqttOptions, tmp_path: Path) -> None:
    async with started(tmp_path, "allow_anonymous true") as plain:
        assert "is this its TLS port" in (await first_report(replace(options, port=plain.port))).detail


async def test_a_file_that_cannot_be_read_is_named(options: MqttOptions, tmp_path: Path) -> None:
    missing = tmp_path / "missing.crt"
    assert str(missing) in (await first_report(replace(options, ca_file=missing))).detail


async def test_a_client_certificate_is_shown_where_one_is_asked_for(
    certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 2.0)
    async with started(certificates, f"{tls(certificates)}\nrequire_certificate true") as broker:
        without = MqttOptions("localhost", broker.port, tls=True, ca_file=certificates / "ca.crt")
        having = replace(without, client_cert=certificates / "client.crt", client_key=certificates / "client.key")
        assert await first_report(having) == UP
        assert "does it ask for a client certificate" in (await first_report(without)).detail


def access_list() -> str:
    """The list that docs/security.md gives to copy."""
    text = (Path(__file__).parents[2] / "docs/security.md").read_text(encoding="utf-8")
    return next(block for block in text.split("```") if "user homeassistant" in block)


async def test_the_access_list_of_the_documents_lets_in_whom_it_should_alone(tmp_path: Path) -> None:
    users = ("ev-load-bridge", "homeassistant", "guest")
    (tmp_path / "users").write_text("".join(f"{user}:{PASSWORD}\n" for user in users))
    (tmp_path / "list").write_text(access_list())
    await run(tmp_path, "mosquitto_passwd -U users")
    settings = f"allow_anonymous false\npassword_file {tmp_path}/users\nacl_file {tmp_path}/list"
    turn = ControlChange(Control.PACE, Pace.CALM)
    async with started(tmp_path, settings) as broker, contextlib.AsyncExitStack() as stack:
        mirror = MqttMirror(MqttOptions("127.0.0.1", broker.port, users[0], PASSWORD), HOME, time.monotonic, "1")
        mirror.show(now_charging())
        ear = await stack.enter_async_context(running(mirror))
        clients = [aiomqtt.Client("127.0.0.1", broker.port, username=user, password=PASSWORD) for user in users[1:]]
        owner, guest = [await stack.enter_async_context(client) for client in clients]
        for client in (owner, guest):
            await client.subscribe("#")
        await ear.hears(UP)
        for _ in range(20):
            await guest.publish(f"{BASE}/set/charging_allowed", "OFF", qos=1)
            await guest.publish(AVAILABILITY, "offline", qos=1, retain=True)
            await owner.publish(f"{BASE}/set/pace", "calm", qos=1)
            await asyncio.sleep(0.05)
        await ear.hears(turn)
        assert {told for told in ear.told if isinstance(told, ControlChange)} == {turn}
        unseen = {DISCOVERY, STATE, AVAILABILITY}
        async with asyncio.timeout(10):
            while unseen:
                unseen.discard(str((await anext(owner.messages)).topic))
        assert len(guest.messages) == 0
