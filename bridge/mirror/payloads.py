"""Pure translation: snapshot → what is published."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias

from bridge.core.model import Event, Problem, Snapshot
from bridge.mirror.entities import EVENT, EVENT_KEY
from bridge.mirror.entity import Entity, Moment, Platform, Source, Value
from bridge.mirror.options import MqttOptions
from bridge.mirror.topics import Topics, topics

Json: TypeAlias = dict[str, Any]

ONLINE, OFFLINE = "online", "offline"
DETAILS = "details"
TITLE = "EV Load Bridge"
DECIMALS = 2
QOS = 1
WORD = re.compile(r"[a-z0-9_]{1,64}")
"""What keys and platforms are made of."""
MOST_ANNOUNCED = 200
"""Entities that are looked for in an earlier announcement; there are some 40."""


def values(rows: tuple[Entity, ...], snapshot: Snapshot) -> dict[str, Value]:
    """Every value of the table by its key, and each detail as `key.detail`."""
    return {key: _known(value) for row in rows for key, value in _of_row(row, snapshot)}


def _of_row(row: Entity, snapshot: Snapshot) -> Iterator[tuple[str, Value]]:
    if row.value:
        yield row.key, row.value(snapshot)
    if row.details:
        for name, value in row.details(snapshot).items():
            yield f"{row.key}.{name}", value


def _known(value: Value) -> Value:
    """What is no number has no place in JSON: it is unknown."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def state_document(told: Mapping[str, Value], epoch: float) -> str:
    """The JSON of the state topic: all keys always, null for unknown. `epoch` is the time of day at instant 0."""
    document: Json = {key: _flag(_plain(value, epoch)) for key, value in told.items() if "." not in key}
    details: dict[str, Json] = {}
    for key, value in told.items():
        row, dot, name = key.partition(".")
        if dot:
            details.setdefault(row, {})[name] = _plain(value, epoch)
    return compact({**document, DETAILS: details})


def _flag(value: object) -> object:
    return ("ON" if value else "OFF") if isinstance(value, bool) else value


def _plain(value: Value, epoch: float) -> object:
    match value:
        case Moment():
            return _time_of_day(value, epoch)
        case float():
            rounded = round(value, DECIMALS)
            return int(rounded) if rounded.is_integer() else rounded
        case _:
            return value


def _time_of_day(instant: float, epoch: float) -> str:
    return datetime.fromtimestamp(round(instant + epoch), UTC).isoformat()


def event_document(event: Event, epoch: float) -> str:
    return compact(
        {
            "event_type": event.kind,
            "reason": event.reason,
            "text": event.text,
            "number": event.number,
            "at": _time_of_day(event.at, epoch),
        }
    )


def is_available(source: Source, snapshot: Snapshot) -> bool:
    """Whether what the source tells is worth showing, as the engine judges it."""
    match source:
        case Source.METER:
            return snapshot.last_telegram is not None and Problem.METER_STALE not in snapshot.problems
        case Source.CHARGER:
            return snapshot.charger is not None and Problem.CHARGER_LOST not in snapshot.problems


def word(*, is_up: bool) -> str:
    return ONLINE if is_up else OFFLINE


def discovery(rows: tuple[Entity, ...], options: MqttOptions, version: str) -> Json:
    """The whole device for Home Assistant (2024.12 or newer).

    Keys that its oldest version does not know may stand in a component, never at the root or in `device`:
    there they make it refuse the whole device.
    """
    where = topics(options)
    components = {row.key: _component(row, options, where) for row in rows}
    components[EVENT_KEY] = {
        **_identity(EVENT_KEY, Platform.EVENT, options),
        "state_topic": where.event,
        **EVENT,
    }
    name = TITLE if options.instance == "main" else f"{TITLE} {options.instance}"
    return {
        "device": {
            "identifiers": [options.device_identifier],
            "name": name,
            "manufacturer": TITLE,
            "model": "Charging load balancer",
            "sw_version": version,
        },
        "origin": {"name": TITLE, "sw_version": version},
        "availability": [{"topic": where.availability}],
        "availability_mode": "all",
        "state_topic": where.state,
        "qos": QOS,
        "components": components,
    }


def _identity(key: str, platform: Platform, options: MqttOptions) -> Json:
    return {
        "platform": platform,
        "unique_id": f"{options.device_identifier}-{key}",
        "default_entity_id": f"{platform}.{options.slug}_{key}",
    }


def _component(row: Entity, options: MqttOptions, where: Topics) -> Json:
    component: Json = {
        **_identity(row.key, row.platform, options),
        "name": row.name,
        **({"value_template": _template(row)} if row.value else {}),
        **row.options,
    }
    if row.needs:
        sources = [where.meter if source is Source.METER else where.charger for source in row.needs]
        component["availability"] = [{"topic": topic} for topic in (where.availability, *sources)]
    if row.control:
        component["command_topic"] = f"{where.set}/{row.control}"
    if row.details:
        component["json_attributes_topic"] = where.state
        component.setdefault("json_attributes_template", f"{{{{ value_json.{DETAILS}.{row.key} | tojson }}}}")
    return component


def _template(row: Entity) -> str:
    """How Home Assistant finds the value in the state document.

    The state is told before the announcement: a number that only the new bounds allow is unknown until these are there.
    """
    value = f"value_json.{row.key}"
    if row.platform is not Platform.NUMBER:
        return f"{{{{ {value} }}}}"
    least, most = row.options["min"], row.options["max"]
    return f"{{{{ {value} if {least} <= {value} <= {most} else 'None' }}}}"


def removals(announced: object, now: Json) -> Json | None:
    """The entities that an earlier version announced and `now` does not, marked for removal; None where there are none.

    Home Assistant keeps an entity that is only left out, so it is first named without any options. Anybody may have
    written the announcement: what no version of ours can have had in it is not repeated.
    """
    old = announced.get("components") if isinstance(announced, dict) else None
    if not isinstance(old, dict):
        return None
    gone = {
        key: {"platform": component["platform"]}
        for key, component in islice(old.items(), MOST_ANNOUNCED)
        if key not in now["components"] and isinstance(component, dict) and _is_word(component.get("platform"), key)
    }
    return {**now, "components": gone} if gone else None


def _is_word(*texts: object) -> bool:
    return all(isinstance(text, str) and WORD.fullmatch(text) for text in texts)


def compact(document: Json) -> str:
    """UTF-8 has no place for half of a surrogate pair, which JSON from elsewhere may have brought."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(errors="replace").decode()
