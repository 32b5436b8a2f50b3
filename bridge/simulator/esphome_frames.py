"""How ESPHome's native API puts messages on the wire, seen from the device; here in plaintext."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeAlias

PLAINTEXT, NOISE = 0x00, 0x01
"""The first byte of each frame."""

BAD_INDICATOR = b"Bad indicator byte"


class Packet(NamedTuple):
    """One message: its number in the protocol, and the protobuf."""

    number: int
    payload: bytes


class BadFrameError(Exception):
    """The client's bytes make no sense; `reply` is what the firmware still says before it hangs up."""

    def __init__(self, reply: bytes = b"") -> None:
        super().__init__(reply)
        self.reply = reply


class Frames(Protocol):
    """Bytes in, packets out, and back. No sockets."""

    def feed(self, data: bytes) -> Iterable[Packet]:
        """Yield what is complete. Raises BadFrameError."""

    def pack(self, packets: Iterable[Packet]) -> bytes:
        """Return the bytes of several packets, for one write."""

    def replies(self) -> bytes:
        """Drain what the framing itself has to say, such as handshakes."""


class PlaintextFrames:
    """Marker 0x00, length and number as varints, payload."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterable[Packet]:
        self._buffer += data
        while (found := self._take()) is not None:
            yield found

    def pack(self, packets: Iterable[Packet]) -> bytes:
        return b"".join(
            bytes((PLAINTEXT,)) + _varint(len(payload)) + _varint(number) + payload for number, payload in packets
        )

    def replies(self) -> bytes:
        return b""

    def _take(self) -> Packet | None:
        if not self._buffer:
            return None
        if self._buffer[0] != PLAINTEXT:
            # the marker alone tells the client that no encryption is spoken here
            raise BadFrameError(bytes((PLAINTEXT,)) + BAD_INDICATOR)
        length = _read_varint(self._buffer, 1)
        number = None if length is None else _read_varint(self._buffer, length.end)
        if length is None or number is None or len(self._buffer) < number.end + length.value:
            return None
        payload = bytes(self._buffer[number.end : number.end + length.value])
        del self._buffer[: number.end + length.value]
        return Packet(number.value, payload)


class _Varint(NamedTuple):
    value: int
    end: int


_Bytes: TypeAlias = bytes | bytearray


def _read_varint(buffer: _Bytes, start: int) -> _Varint | None:
    value = 0
    for place, byte in enumerate(buffer[start : start + 5]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            return _Varint(value, start + place + 1)
    return None


def _varint(value: int) -> bytes:
    result = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - the continuation bit
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)
