"""ESPHome's encrypted framing, seen from the device: Noise_NNpsk0_25519_ChaChaPoly_SHA256."""

import base64
import binascii
import struct
from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from noise.connection import NoiseConnection
from noise.exceptions import NoiseHandshakeError, NoiseInvalidMessage

from bridge.simulator.esphome_frames import BAD_INDICATOR, NOISE, BadFrameError, Packet
from bridge.simulator.esphome_messages import Identity

PROTOCOL: Final = b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"
PROLOGUE: Final = b"NoiseAPIInit"
KEY_BYTES: Final = 32
CHOSEN: Final = b"\x01"
"""The one protocol there is, as named in the server's hello."""

_FRAME: Final = struct.Struct(">BH")
_MESSAGE: Final = struct.Struct(">HH")


def key_of(text: str) -> bytes:
    """Decode an encryption key. Raises ValueError unless it is base64 of 32 bytes."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("an encryption key is base64 of 32 bytes") from error
    if len(key) != KEY_BYTES:
        raise ValueError("an encryption key is base64 of 32 bytes")
    return key


class _Awaiting(Enum):
    HELLO = auto()
    HANDSHAKE = auto()
    MESSAGES = auto()


class NoiseFrames:
    """Marker 0x01, 16 bit length, then hello, handshake or sealed messages."""

    def __init__(self, key: bytes, identity: Identity) -> None:
        self._key = key
        self._identity = identity
        self._buffer = bytearray()
        self._replies = bytearray()
        self._awaiting = _Awaiting.HELLO
        self._noise: Any = None

    def feed(self, data: bytes) -> Iterable[Packet]:
        self._buffer += data
        while (frame := self._take()) is not None:
            if self._awaiting is _Awaiting.MESSAGES:
                yield self._open(frame)
            else:
                self._greet(frame)

    def pack(self, packets: Iterable[Packet]) -> bytes:
        sealed = (self._noise.encrypt(_MESSAGE.pack(n, len(payload)) + payload) for n, payload in packets)
        return b"".join(_frame(bytes(one)) for one in sealed)

    def replies(self) -> bytes:
        result = bytes(self._replies)
        self._replies.clear()
        return result

    def _take(self) -> bytes | None:
        if self._buffer and self._buffer[0] != NOISE:
            raise _rejection(BAD_INDICATOR)
        if len(self._buffer) < _FRAME.size:
            return None
        _marker, length = _FRAME.unpack_from(self._buffer)
        if len(self._buffer) < _FRAME.size + length:
            return None
        frame = bytes(self._buffer[_FRAME.size : _FRAME.size + length])
        del self._buffer[: _FRAME.size + length]
        return frame

    def _greet(self, frame: bytes) -> None:
        if self._awaiting is _Awaiting.HELLO:
            mac = self._identity.mac.replace(":", "")
            self._replies += _frame(CHOSEN + f"{self._identity.name}\0{mac}\0".encode())
            self._start(PROLOGUE + struct.pack(">H", len(frame)) + frame)
            self._awaiting = _Awaiting.HANDSHAKE
        else:
            self._shake_hands(frame)
            self._awaiting = _Awaiting.MESSAGES

    def _start(self, prologue: bytes) -> None:
        self._noise = NoiseConnection.from_name(PROTOCOL)
        self._noise.set_as_responder()
        self._noise.set_psks(self._key)
        self._noise.set_prologue(prologue)
        self._noise.start_handshake()

    def _shake_hands(self, frame: bytes) -> None:
        if not frame or frame[0] != 0:
            raise _rejection(b"Bad handshake error byte")
        try:
            self._noise.read_message(frame[1:])
        except InvalidTag as error:
            raise _rejection(b"Handshake MAC failure") from error
        except (NoiseHandshakeError, NoiseInvalidMessage, ValueError) as error:
            raise _rejection(b"Handshake error") from error
        self._replies += _frame(b"\x00" + bytes(self._noise.write_message()))

    def _open(self, frame: bytes) -> Packet:
        try:
            message = bytes(self._noise.decrypt(frame))
            number, _length = _MESSAGE.unpack_from(message)
        except (NoiseInvalidMessage, struct.error) as error:
            raise BadFrameError from error
        return Packet(number, message[_MESSAGE.size :])


def _frame(content: bytes) -> bytes:
    return _FRAME.pack(NOISE, len(content)) + content


def _rejection(reason: bytes) -> BadFrameError:
    return BadFrameError(_frame(b"\x01" + reason))
