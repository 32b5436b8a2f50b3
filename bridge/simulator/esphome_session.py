"""One client's connection to the simulated ESPHome device."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bridge.simulator.esphome_frames import BadFrameError, Packet
from bridge.simulator.esphome_messages import ANSWERS, device_info, entity, hello, number_of, packet, pb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.simulator.esphome_device import EsphomeDevice

HELLO = number_of(pb.HelloRequest)
DEVICE_INFO = number_of(pb.DeviceInfoRequest)
LIST_ENTITIES = number_of(pb.ListEntitiesRequest)
SUBSCRIBE_STATES = number_of(pb.SubscribeStatesRequest)
DISCONNECT = number_of(pb.DisconnectRequest)


class Session(asyncio.Protocol):
    """Answers one client as the firmware does; unknown requests are passed over, as there."""

    def __init__(self, device: EsphomeDevice) -> None:
        self._device = device
        self._frames = device.frames()
        self._transport: asyncio.Transport | None = None
        self._is_subscribed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server promises
        self._transport = transport
        if not self._device.enter(self):
            transport.abort()
        elif self._device.is_frozen:
            self.pause()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._device.leave(self)

    def data_received(self, data: bytes) -> None:
        try:
            for request in self._frames.feed(data):
                self._answer(request.number)
        except BadFrameError as error:
            self._write(self._frames.replies() + error.reply)
            self._close()
        else:
            self._write(self._frames.replies())

    def send_states(self, burst: Sequence[Packet]) -> None:
        if not self._is_subscribed:
            return
        if self._device.one_write_per_state:
            for one in burst:
                self._send(one)
        else:
            self._send(*burst)

    def pause(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def dismiss(self) -> None:
        self._send(packet(pb.DisconnectRequest()))

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, number: int) -> None:
        device = self._device
        if number == HELLO:
            self._send(hello(device.identity))
        elif number == DEVICE_INFO:
            self._send(device_info(device.identity, is_encrypted=device.is_encrypted))
        elif number == LIST_ENTITIES:
            entities = [entity(spec, device.identity) for spec in device.sensors]
            self._send(*entities, packet(pb.ListEntitiesDoneResponse()))
        elif number == SUBSCRIBE_STATES:
            self._subscribe()
        elif number in ANSWERS:
            self._send(ANSWERS[number]())
        if number == DISCONNECT:
            self._close()

    def _subscribe(self) -> None:
        self._device.subscriptions += 1
        if not self._device.ignores_subscriptions:
            self._is_subscribed = True
            self.send_states(self._device.dump())

    def _send(self, *packets: Packet) -> None:
        self._write(self._frames.pack(packets))

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
