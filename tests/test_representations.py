"""Whatever somebody prints while looking for a bug: no object of ours shows the secret that it holds."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bridge.chargers.easee.breaker import Breaker
from bridge.chargers.easee.caller import Caller
from bridge.chargers.easee.client import EaseeCharger
from bridge.chargers.easee.hub import HubClient, HubProtocol, Negotiated
from bridge.chargers.easee.options import EaseeOptions
from bridge.chargers.easee.session import EaseeSession
from bridge.core.model import Installation
from bridge.mains.slimmelezer.client import SlimmelezerMeter, SlimmelezerOptions
from bridge.mains.slimmelezer.connection import Connection
from bridge.mains.slimmelezer.problems import Place
from bridge.mirror.client import MqttMirror
from bridge.mirror.connection import _client
from bridge.mirror.options import MqttOptions
from bridge.service import Service
from bridge.settings import load

PASSWORD = "correct-horse-battery-staple"
KEY = "QRTIErOb/fcE9Ukd/5qA3RGYMn0Y+p06U58SCtOXvPc="
TOKEN = "not-a-real-token"
SECRETS = (PASSWORD, KEY, TOKEN)
SETTINGS = f"""
[mains]
fuse = 25
[mains.slimmelezer]
host = "127.0.0.1"
encryption_key = "{KEY}"
[charger]
max_current = 16
[charger.easee]
username = "owner@example.org"
password = "{PASSWORD}"
[mqtt]
username = "me"
password = "{PASSWORD}"
"""


@pytest.fixture
async def session() -> AsyncIterator[EaseeSession]:
    async with aiohttp.ClientSession() as http:
        session = EaseeSession(EaseeOptions("me", PASSWORD), http, time.monotonic)
        session.token = {"accessToken": TOKEN, "refreshToken": TOKEN}
        session._set_authorization()
        yield session


def shows(*things: object) -> list[str]:
    """What of them shows a secret, in any of the ways to print it."""
    said = [f"{thing!r} {thing!s} {[thing]}" for thing in things]
    return [text for text in said if any(secret in text for secret in SECRETS)]


def test_settings_and_options_do_not_show_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS)
    path.chmod(0o600)
    settings = load(path, {})
    assert PASSWORD in settings.charger.easee.password.get_secret_value()
    options = (EaseeOptions("me", PASSWORD), MqttOptions("h", 1, "me", PASSWORD), SlimmelezerOptions("h", 1, KEY))
    assert shows(settings, settings.charger, settings.mqtt, settings.mains, settings.model_dump(), *options) == []
    assert shows(settings.model_dump_json(), Place("h", 1, "n", KEY)) == []


async def test_whatever_works_with_it_does_not_show_it(session: EaseeSession, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS)
    path.chmod(0o600)
    settings = load(path, {})
    easee, mqtt, meter = (
        EaseeOptions("me", PASSWORD),
        MqttOptions("h", 1, "me", PASSWORD),
        SlimmelezerOptions("h", 1, KEY),
    )
    negotiated = Negotiated(f"wss://h?id={TOKEN}", dict(session.headers))
    house = Installation(fuse=25.0, maximum=16)
    service = Service(settings, settings.installation(), tmp_path)
    service._notifier.close()
    link = Connection(Place("127.0.0.1", 1, None, KEY), lambda _: None, 20.0)
    assert (
        shows(
            session,
            Caller(session, Breaker(time.monotonic), 1.0),
            EaseeCharger(easee),
            negotiated,
            HubClient(negotiated, HubProtocol(None)),  # type: ignore[arg-type]  # it is only printed
            MqttMirror(mqtt, house, time.monotonic, "1"),
            await _client(mqtt, "id", None),
            SlimmelezerMeter(meter),
            link,
            link._client,
            link._logic,
            service,
        )
        == []
    )
