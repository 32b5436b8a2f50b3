"""What an ESPHome device says: its list of entities, and states in any order.

Records: `E`, name (or `!` and an object id, as old firmware sends it), unit, key, sub-device; `O`, a sensor key of
settings and the name given there; `S`, key, value (`-` is missing), sub-device, seconds since the last. Tabs between.
"""

import struct

import promises
from aioesphomeapi import SensorInfo, SensorState
from aioesphomeapi.object_id import compute_object_id
from home import Home, on_loop

from bridge.core.model import Observation, Telegram
from bridge.core.phases import Phase
from bridge.mains.slimmelezer.reader import Reader
from bridge.mains.slimmelezer.sensors import SENSOR_KEYS, find_sensors, looked_for
from bridge.ports import Tell

NAME = "esphome"
SEPARATOR = b"\n"
_NAMES = {
    "Current Phase {}": "A",
    "Power Consumed Phase {}": "kW",
    "Power Produced Phase {}": "kW",
    "Voltage Phase {}": "V",
}
_VALUES = (("3", "0.7", "0", "231"), ("4", "0", "0.9", "229.5"), ("30", "6.9", "0", "230"))


def _device(names: dict[str, str], rounds: int, step: str) -> bytes:
    records, keys = [], []
    for phase in (1, 2, 3):
        for name, unit in names.items():
            keys.append(len(keys) + 1)
            records.append(f"E\t{name.format(phase)}\t{unit}\t{keys[-1]}\t0")
    values = [value for phase in _VALUES for value in phase[: len(names)]]
    for number in range(rounds):
        value_step = [
            f"S\t{key}\t{value}\t0\t{0 if key > 1 else step}" for key, value in zip(keys, values, strict=True)
        ]
        records += value_step if number else [record.replace("\t230\t", "\t0\t") for record in value_step]
    return "\n".join(records).encode()


SEEDS = (
    _device(_NAMES, 3, "1"),
    _device({"current_l{}": "mA", "power_delivered_l{}": "W", "power_returned_l{}": "W"}, 3, "10"),
    _device({"Power Consumed Phase {}": "W"}, 4, "1"),
    _device({"Current Phase {}": "A"}, 8, "0.1"),
    _device({"Current Phase {}": "A"}, 2, "60")
    + b"\nO\tcurrent_l1\tMy Current\nE\tMy Current\tA\t77\t0\nS\t77\t9\t0\t1",
)
TOKENS = (
    b"\tnan\t",
    b"\tinf\t",
    b"\t-inf\t",
    b"\t-\t",
    b"\t1e39\t",
    b"\tkW\t",
    b"\tW\t",
    b"\tmA\t",
    b"\tA\t",
    b"\t400\t",
    b"Current Phase 1",
    b"current_phase_1",
    b"Power Consumed Phase 2",
    b"\t-0.0\t",
    b"\t0.01\t",
    b"\t1000.0001\t",
    *(key.encode() for key in SENSOR_KEYS),
)
MOST_STATES = 150


def run(data: bytes) -> None:
    on_loop(_play(data.decode(errors="replace")))


async def _play(text: str) -> None:
    records = [line.split("\t") for line in text.split("\n")]
    entities = [_entity(record) for record in records if record[0] == "E"]
    overrides = {record[1]: "\t".join(record[2:]) for record in records if record[0] == "O" and len(record) > 2}
    found = find_sensors([entity for entity in entities if entity], overrides)
    for complaint in found.complaints:
        promises.is_a_line(complaint)
    for phase in Phase:
        found.knows(phase)
        promises.is_a_line(looked_for(phase))
    home = Home()
    home.charge()
    reader = Reader(found.sensors, _finite(home), home.clock, set())
    try:
        for record in [record for record in records if record[0] == "S"][:MOST_STATES]:
            state, home.now = _state(record), home.now + _seconds(record)
            if state is not None:
                reader.receive(state)
            if _seconds(record):
                reader._expire()
                home.decide(0.0)
    finally:
        reader.close()
    home.settle()


def _finite(home: Home) -> Tell:
    def tell(seen: Observation) -> None:
        if isinstance(seen, Telegram):
            promises.is_finite(seen, "telegram")
        home.tell(seen)

    return tell


def _entity(record: list[str]) -> SensorInfo | None:
    _, name, unit, key, device, *_ = [*record, "", "", "", ""]
    number, place = _whole(key), _whole(device or "0")
    if number is None or place is None:
        return None
    object_id = name[1:] if name.startswith("!") else compute_object_id(name)
    return SensorInfo(name=name, object_id=object_id, key=number, unit_of_measurement=unit, device_id=place)


def _state(record: list[str]) -> SensorState | None:
    _, key, value, device, *_ = [*record, "", "", ""]
    number, place = _whole(key), _whole(device or "0")
    if number is None or place is None:
        return None
    is_missing = value == "-"
    try:
        # as the wire carries it
        told = 0.0 if is_missing else struct.unpack("<f", struct.pack("<f", float(value)))[0]
    except ValueError:
        return None
    except OverflowError:
        told = float("inf")
    return SensorState(key=number, state=told, missing_state=is_missing, device_id=place)


def _whole(text: str) -> int | None:
    """A key is 32 bits on the wire."""
    try:
        return int(text) % 2**32
    except ValueError:
        return None


def _seconds(record: list[str]) -> float:
    try:
        seconds = float(record[4]) if len(record) > 4 else 0.0
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), 4000.0) if seconds == seconds else 0.0  # noqa: PLR0124 NaN
