"""The device's framing, fed in pieces of any size and with garbage."""

import base64

import pytest
from aioesphomeapi import api_pb2
from hypothesis import given
from hypothesis import strategies as st
from noise.connection import NoiseConnection

from bridge.simulator.esphome_frames import BadFrameError, Packet, PlaintextFrames
from bridge.simulator.esphome_messages import Identity, SensorSpec, number_of
from bridge.simulator.esphome_noise import PROLOGUE, PROTOCOL, NoiseFrames, key_of

KEY = bytes(range(32))
packets = st.lists(st.builds(Packet, st.integers(1, 300), st.binary(max_size=300)), max_size=5)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(sent=packets, size=st.integers(1, 40))
def test_plaintext_survives_any_cut(sent: list[Packet], size: int) -> None:
    frames = PlaintextFrames()
    data = PlaintextFrames().pack(sent)
    assert [packet for piece in pieces(data, size) for packet in frames.feed(piece)] == sent


def test_an_encrypted_hello_is_refused_with_the_plaintext_marker() -> None:
    with pytest.raises(BadFrameError) as caught:
        list(PlaintextFrames().feed(b"\x01\x00\x00"))
    assert caught.value.reply.startswith(b"\x00")


class Client:
    """The other end of the handshake."""

    def __init__(self, key: bytes) -> None:
        self.noise = NoiseConnection.from_name(PROTOCOL)
        self.noise.set_as_initiator()
        self.noise.set_psks(key)
        self.noise.set_prologue(PROLOGUE + b"\x00\x00")
        self.noise.start_handshake()

    def hello(self) -> bytes:
        message = b"\x00" + bytes(self.noise.write_message())
        return b"\x01\x00\x00" + b"\x01" + len(message).to_bytes(2, "big") + message

    def seal(self, packet: Packet) -> bytes:
        head = packet.number.to_bytes(2, "big") + len(packet.payload).to_bytes(2, "big")
        sealed = bytes(self.noise.encrypt(head + packet.payload))
        return b"\x01" + len(sealed).to_bytes(2, "big") + sealed


@given(sent=packets, size=st.integers(1, 40))
def test_noise_survives_any_cut(sent: list[Packet], size: int) -> None:
    frames, client = NoiseFrames(KEY, Identity("slimmelezer")), Client(KEY)
    for piece in pieces(client.hello(), size):
        assert list(frames.feed(piece)) == []
    hello = b"\x01slimmelezer\x0002000000051e\x00"
    reply = frames.replies()
    assert reply[3 : 3 + len(hello)] == hello
    client.noise.read_message(reply[3 + len(hello) + 3 + 1 :])
    data = b"".join(map(client.seal, sent))
    assert [packet for piece in pieces(data, size) for packet in frames.feed(piece)] == sent


def test_another_key_fails_the_handshake_in_the_firmwares_words() -> None:
    with pytest.raises(BadFrameError) as caught:
        list(NoiseFrames(KEY, Identity("slimmelezer")).feed(Client(bytes(32)).hello()))
    assert caught.value.reply.endswith(b"\x01Handshake MAC failure")


def test_a_plaintext_hello_is_refused_with_the_noise_marker() -> None:
    with pytest.raises(BadFrameError) as caught:
        list(NoiseFrames(KEY, Identity("slimmelezer")).feed(b"\x00\x00\x01"))
    assert caught.value.reply.startswith(b"\x01")


@given(data=st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else(data: bytes) -> None:
    for frames in (PlaintextFrames(), NoiseFrames(KEY, Identity("slimmelezer"))):
        try:
            for _ in frames.feed(data):
                pass
        except BadFrameError:
            pass


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "no base64!", base64.b64encode(bytes(33)).decode()])
def test_a_bad_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        key_of(text)


@pytest.mark.parametrize(
    ("name", "object_id", "key"),
    [
        ("Current Phase 1", "current_phase_1", 3929924364),
        ("Power Consumed Phase 1", "power_consumed_phase_1", 1826659697),
        ("Voltage Phase 1", "voltage_phase_1", 1842825193),
        ("DSMR Version", "dsmr_version", 1054876666),
        ("Wi-Fi Signal", "wi-fi_signal", None),
    ],
)
def test_keys_are_those_seen_on_the_wire(name: str, object_id: str, key: int | None) -> None:
    spec = SensorSpec(name)
    assert spec.object_id == object_id
    assert key is None or spec.key == key


def test_messages_have_their_numbers() -> None:
    assert number_of(api_pb2.HelloRequest) == 1
    assert number_of(api_pb2.SensorStateResponse) == 25
