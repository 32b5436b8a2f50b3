"""Words that the tests of the mirror share."""

import json
import logging
import time
from typing import Any

import pytest
from mirror.brokers import BrokerProcess
from mirror.peers import Onlooker
from mirror.snapshots import HOME, charging

from bridge.core.model import Link, LinkReport, Snapshot
from bridge.mirror.client import MqttMirror
from bridge.mirror.options import MqttOptions

BASE = "ev-load-bridge/main"
STATE, AVAILABILITY, EVENT = f"{BASE}/state", f"{BASE}/availability", f"{BASE}/event"
DISCOVERY = "homeassistant/device/ev-load-bridge-main/config"
UP = LinkReport(Link.MQTT, is_up=True)


def mirror_of(broker: BrokerProcess, **options: Any) -> MqttMirror:
    return MqttMirror(MqttOptions("127.0.0.1", broker.port, **options), HOME, time.monotonic, "1.2.3")


def now_charging(**changes: object) -> Snapshot:
    now = time.monotonic()
    return charging(at=now, last_telegram=now - 1, **changes)


def states_seen(seer: Onlooker) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in seer.on(STATE)]


def is_online(seer: Onlooker) -> bool:
    return seer.on(AVAILABILITY)[-1:] == ["online"]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
