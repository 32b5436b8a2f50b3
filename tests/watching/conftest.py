"""A broker, and waits that are short."""

from collections.abc import AsyncIterator

import pytest
from mirror.brokers import Amqtt, free_port

from bridge.mirror import backoff, connection


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.1)
    monkeypatch.setattr(connection, "FETCH", 0.3)
    monkeypatch.setattr(connection, "TIMEOUT", 2.0)


@pytest.fixture
async def broker() -> AsyncIterator[Amqtt]:
    broker = Amqtt(free_port())
    await broker.plug_in()
    yield broker
    await broker.shut_down()
