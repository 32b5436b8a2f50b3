"""The MQTT broker fails, or somebody on it is unkind: rows of the matrix. Balancing goes on in all of them."""

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import aiomqtt

from benchmarks.faults.home import MQTT_PASSWORD, SURGE, Home, Plan
from benchmarks.faults.measured import Measured
from benchmarks.faults.mosquitto import PROGRAM, Mosquitto, hashed
from benchmarks.faults.playing import START_WITHIN, charging
from benchmarks.faults.row import DELIVERED, EACH_TIME, Row
from benchmarks.faults.witness import BASE

AGAIN = 75.0
"""s between two tries to connect, at most (bridge.mirror.backoff)."""
CLIENT_ID = "ev-load-bridge-main"
GARBAGE = (b"\xff\xfe\x00", b"ON" * 50_000, b'{"a":' * 2_000, b"NaN", b"1e999", b"999", b"-1", b"OFF")
KNOBS = ("balancing", "charging_allowed", "mains_limit", "charger_maximum", "pace", "learn_phases", "nonsense")
FLOOD_SECONDS = 20.0
FLOOD_PER_SECOND = 10_000
"""Real ones."""


async def absent_at_start(home: Home, measured: Measured) -> None:
    """No broker: the car is governed all the same; then it comes."""
    within = START_WITHIN * home.plan.speed
    charger = home.world.cloud.charger
    await home.until(lambda: home.systemd.is_ready, within, "the service is ready")
    await home.until(lambda: charger.dynamic_current[1] == home.settings_maximum, within, "the limit is in force")
    await asyncio.sleep(20)
    home.lever.watts, surged = SURGE, home.now()
    await asyncio.sleep(DELIVERED + 3)
    measured.safe = (home.watch.last_over(surged) or surged) - surged
    measured.expect(f"safe after {measured.safe:.1f} s", holds=measured.safe <= DELIVERED)
    home.lever.watts = 0.0
    await home.arrive()
    arrived = home.now()
    measured.back = await home.until(lambda: home.witness.state, AGAIN, "everything is published") - arrived
    said = [line for line in home.log if "mqtt lost" in line]
    measured.lines, measured.said = len(said), said[0].partition("WARNING ")[2]
    measured.expect(f"{len(said)} lines name the cause", holds=len(said) == 1)
    await charging(home)


async def stop(home: Home) -> None:
    await home.world.broker.stop()
    home.broker.cut()


async def start(home: Home) -> None:
    await home.world.broker.start()


def on_mosquitto(settings: str = "allow_anonymous true", **plan: float) -> Plan:
    def prepare(home: Home) -> None:
        home.mosquitto = Mosquitto(home.directory, settings.format(directory=home.directory))

    return Plan(prepare=prepare, **plan)  # type: ignore[arg-type]


def with_passwords() -> Plan:
    def prepare(home: Home) -> None:
        lines = [hashed("bridge", MQTT_PASSWORD), hashed("witness", "w")]
        (home.directory / "passwords").write_text("\n".join(lines) + "\n", encoding="utf-8")
        home.witness.credentials = ("witness", "w")
        settings = f"allow_anonymous false\npassword_file {home.directory}/passwords"
        home.mosquitto = Mosquitto(home.directory, settings)

    return Plan(prepare=prepare)


async def change_its_password(home: Home) -> None:
    await _restart_with(home, "some other password")


async def change_it_back(home: Home) -> None:
    await _restart_with(home, MQTT_PASSWORD)


async def _restart_with(home: Home, password: str) -> None:
    lines = [hashed("bridge", password), hashed("witness", "w")]
    (home.directory / "passwords").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert home.mosquitto is not None
    await home.mosquitto.start()


async def fill_its_disk(home: Home) -> None:
    """Persistence on a disk that is full: whatever it writes fails."""
    Path(home.directory / "mosquitto.db.new").symlink_to("/dev/full")
    assert home.mosquitto is not None
    await home.mosquitto.start()


async def empty_its_disk(home: Home) -> None:
    Path(home.directory / "mosquitto.db.new").unlink(missing_ok=True)


async def leave_garbage(home: Home) -> None:
    """Retained, on every topic that is read; then the service has to connect anew."""
    topics = [*(f"{BASE}/set/{knob}" for knob in KNOBS), "homeassistant/status"]
    topics += [f"homeassistant/device/{CLIENT_ID}/config", f"{BASE}/state", f"{BASE}/availability", f"{BASE}/event"]
    await home.broker.stop()
    async with aiomqtt.Client(home.witness.host, home.witness.port) as client:
        for number, topic in enumerate(topics):
            await client.publish(topic, GARBAGE[number % len(GARBAGE)], qos=1, retain=True)
    await home.broker.start()


async def clear_garbage(home: Home) -> None:
    async with aiomqtt.Client(home.witness.host, home.witness.port) as client:
        for knob in KNOBS:
            await client.publish(f"{BASE}/set/{knob}", b"", qos=1, retain=True)


async def flood(home: Home) -> None:
    home.background(_flood(home))


async def _flood(home: Home) -> None:
    """Set-topics, some valid, at 10 000 a second: a raw socket, since no client library is that fast here."""
    reader, writer = await asyncio.open_connection(home.witness.host, home.witness.port)
    writer.write(b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05flood")
    await reader.readexactly(4)
    burst = b"".join(_publish(f"{BASE}/set/charger_maximum", b"15" if n % 2 else b"99") for n in range(100))
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    rate = FLOOD_PER_SECOND / home.plan.speed
    with contextlib.suppress(OSError):
        while loop.time() - began < FLOOD_SECONDS * home.plan.speed:
            while sent < (loop.time() - began) * rate:
                writer.write(burst)
                sent += 100
            await writer.drain()
            await asyncio.sleep(0.01)
    writer.close()


def _publish(topic: str, payload: bytes) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic.encode() + payload
    return bytes([0x30, len(body)]) + body


async def take_over(home: Home) -> None:
    """Another client under our id, that comes back whenever it is pushed out."""

    async def again() -> None:
        end = home.now() + 60
        while home.now() < end:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(home.witness.host, home.witness.port, identifier=CLIENT_ID) as client:
                    async for _ in client.messages:
                        pass
            await asyncio.sleep(3)

    home.background(again())


GONE = Row("broker", "", "", cause="mqtt lost", hears_again=True, back_within=AGAIN, surge_after=5.0)
NEEDS = replace(GONE, needs=(PROGRAM,))
ROWS = (
    replace(
        GONE, name="absent", what="absent at the start", play=absent_at_start, plan=lambda: Plan(absent=("broker",))
    ),
    replace(GONE, name="restarts", what="restarts, away for 30 s", strike=stop, mend=start, lasts=30.0),
    replace(
        NEEDS,
        name="password",
        what="refuses the password, for a minute",
        strike=change_its_password,
        mend=change_it_back,
        cause="refuses user",
        lasts=60.0,
        plan=with_passwords,
    ),
    replace(
        NEEDS,
        name="full_disk",
        what="its disk is full",
        strike=fill_its_disk,
        mend=empty_its_disk,
        lasts=60.0,
        plan=lambda: on_mosquitto(
            "allow_anonymous true\npersistence true\npersistence_location {directory}/\nautosave_interval 1\n"
            "autosave_on_changes true"
        ),
    ),
    replace(
        NEEDS,
        name="garbage",
        what="retained garbage on every topic that is read",
        strike=leave_garbage,
        mend=clear_garbage,
        cause="ignored the retained message",
        most_lines=2,
        plan=on_mosquitto,
    ),
    replace(
        NEEDS,
        name="flood",
        what="10 000 messages per second on a set-topic, 20 s",
        strike=flood,
        cause="messages a second",
        lasts=60.0,
        back_within=60.0,
        most_lines=3,
        hears_again=False,
        plan=lambda: on_mosquitto(speed=2.0),
    ),
    replace(
        NEEDS,
        name="same_id",
        what="another client takes over our id again and again, for a minute",
        strike=take_over,
        lasts=62.0,
        plan=on_mosquitto,
        most_lines=EACH_TIME,
    ),
)
