"""ESPHome's messages and their numbers, as far as a meter reader needs them."""

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from aioesphomeapi import api_options_pb2, api_pb2

from bridge.simulator.esphome_frames import Packet

# generated code without stubs
pb: Final[Any] = api_pb2
_id: Final[Any] = api_options_pb2


class SensorSpec(NamedTuple):
    """One entity of the device: a sensor, or a text sensor where `text` is given."""

    name: str
    unit: str = ""
    decimals: int = 3
    text: str = ""

    @property
    def object_id(self) -> str:
        """As the firmware derives it: lower case, what is not a letter, a digit, `-` or `_` becomes `_`."""
        return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in self.name.lower())

    @property
    def key(self) -> int:
        """FNV-1, 32 bit, of the object id."""
        value = 2166136261
        for byte in self.object_id.encode():
            value = value * 16777619 & 0xFFFFFFFF ^ byte
        return value


class Identity(NamedTuple):
    """What the device says of itself."""

    name: str
    mac: str = "02:00:00:00:05:1e"
    esphome_version: str = "2026.6.5"
    api_minor: int = 14

    @property
    def omits_object_ids(self) -> bool:
        """Firmware from 2026.1 on leaves it to the client to derive them."""
        return self.api_minor >= 14  # noqa: PLR2004 - the first API version that may


def number_of(message_class: Any) -> int:
    return int(message_class.DESCRIPTOR.GetOptions().Extensions[_id.id])


def packet(message: Any) -> Packet:
    return Packet(number_of(type(message)), message.SerializeToString())


def entity(spec: SensorSpec, identity: Identity) -> Packet:
    """Describe one entity, in answer to ListEntitiesRequest."""
    message = pb.ListEntitiesTextSensorResponse() if spec.text else pb.ListEntitiesSensorResponse()
    message.key, message.name = spec.key, spec.name
    if not identity.omits_object_ids:
        message.object_id = spec.object_id
    if not spec.text:
        message.unit_of_measurement, message.accuracy_decimals = spec.unit, spec.decimals
    return packet(message)


def state(spec: SensorSpec, value: float | None) -> Packet:
    """Tell the state of one entity; None is one that was never published."""
    if spec.text:
        return packet(pb.TextSensorStateResponse(key=spec.key, state=spec.text))
    number = math.nan if value is None else value
    return packet(pb.SensorStateResponse(key=spec.key, state=number, missing_state=value is None))


def hello(identity: Identity) -> Packet:
    server_info = f"{identity.name} (esphome v{identity.esphome_version})"
    return packet(
        pb.HelloResponse(
            api_version_major=1, api_version_minor=identity.api_minor, server_info=server_info, name=identity.name
        )
    )


def device_info(identity: Identity, *, is_encrypted: bool) -> Packet:
    return packet(
        pb.DeviceInfoResponse(
            name=identity.name,
            mac_address=identity.mac,
            esphome_version=identity.esphome_version,
            model="d1_mini",
            manufacturer="Espressif",
            project_name="zuidwijk.slimmelezer",
            project_version="2.0",
            webserver_port=80,
            api_encryption_supported=is_encrypted,
        )
    )


ANSWERS: Final[dict[int, Callable[[], Packet]]] = {
    number_of(pb.PingRequest): lambda: packet(pb.PingResponse()),
    number_of(pb.AuthenticationRequest): lambda: packet(pb.AuthenticationResponse()),
    number_of(pb.DisconnectRequest): lambda: packet(pb.DisconnectResponse()),
}
"""Requests whose answer is always the same."""
