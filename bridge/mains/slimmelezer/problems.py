"""What can go wrong on the way to the device, each as one line with its cure."""

import binascii
import errno
from enum import Enum, auto
from typing import Final, NamedTuple

from aioesphomeapi.core import (
    BadNameAPIError,
    EncryptionErrorAPIError,
    EncryptionHelloAPIError,
    EncryptionPlaintextAPIError,
    InvalidAuthAPIError,
    InvalidEncryptionKeyAPIError,
    PingFailedAPIError,
    ProtocolAPIError,
    ReadFailedAPIError,
    RequiresEncryptionAPIError,
    ResolveAPIError,
    SocketAPIError,
    SocketClosedAPIError,
    TimeoutAPIError,
)


class Cause(Enum):
    """Why there are no telegrams. Told once per outage each."""

    UNREACHABLE = auto()
    REFUSED = auto()
    UNANSWERED = auto()
    DROPPED = auto()
    NOT_FOUND = auto()
    WRONG_KEY = auto()
    MALFORMED_KEY = auto()
    KEY_MISSING = auto()
    KEY_UNWANTED = auto()
    PASSWORD = auto()
    WRONG_NAME = auto()
    NOT_ESPHOME = auto()
    NO_SENSORS = auto()
    SILENT = auto()
    OTHER = auto()


KEY_BYTES: Final = 32

AWAY: Final = frozenset({Cause.UNREACHABLE, Cause.REFUSED, Cause.UNANSWERED, Cause.DROPPED})
"""Faces of one outage, a device that is off or out of reach: a log line for the first of them is enough."""


class Trouble(NamedTuple):
    """A cause, and the line that a person reads."""

    cause: Cause
    detail: str


class Place(NamedTuple):
    """Where the device should be, as the settings say."""

    host: str
    port: int
    expected_name: str | None = None
    encryption_key: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        """Without the key."""
        return f"Place({self})"


def explain(error: Exception, place: Place) -> Trouble:
    """Name the cause of a failed or broken connection, and its cure."""
    for kind, cause, line in _ROWS:
        if isinstance(error, kind):
            return Trouble(cause, line.format(place=place, name=getattr(error, "received_name", None) or "the device"))
    if isinstance(error, InvalidEncryptionKeyAPIError):
        return _bad_key(error, place)
    if isinstance(error, SocketAPIError):
        return _no_socket(error, place)
    said = " ".join(str(error).split())[:200]
    return Trouble(Cause.OTHER, f"no connection to {place}: {said or type(error).__name__}")


def unanswered(place: Place, seconds: float) -> Trouble:
    return Trouble(Cause.UNANSWERED, f"no answer from {place} for {seconds:.0f} s: {_IS_IT_THERE}")


def silent(seconds: float) -> Trouble:
    return Trouble(Cause.SILENT, f"connected, but no meter data for {seconds:.0f} s: is the P1 cable in?")


def no_sensors(place: Place, phases: str, names: str) -> Trouble:
    line = f"{place} has no sensor for {phases} (looked for {names}): is it the P1 reader, or are its sensors renamed?"
    return Trouble(Cause.NO_SENSORS, f"{line} Correct the host or name the sensors in the settings")


def hung_up(place: Place) -> Trouble:
    return Trouble(Cause.DROPPED, f"{place} ended the connection, as before a restart or an update: it is tried again")


_IS_IT_THERE: Final = "is the host right, and the device powered and in reach of the Wi-Fi?"

_ROWS: Final[tuple[tuple[type[Exception], Cause, str], ...]] = (
    (EncryptionErrorAPIError, Cause.DROPPED, "the encrypted connection to {place} broke: it is set up anew"),
    (
        RequiresEncryptionAPIError,
        Cause.KEY_MISSING,
        "{place} is encrypted: set encryption_key to the key under `api: encryption:` in the device's YAML",
    ),
    (
        EncryptionPlaintextAPIError,
        Cause.KEY_UNWANTED,
        "{place} is not encrypted, as the Slimmelezer's own firmware: remove encryption_key from the settings",
    ),
    (
        EncryptionHelloAPIError,
        Cause.KEY_UNWANTED,
        "{place} hung up on the encrypted hello: remove encryption_key if its YAML has none, else close other clients",
    ),
    (
        BadNameAPIError,
        Cause.WRONG_NAME,
        "at {place} answers {name}, not {place.expected_name}: correct the host or the expected name",
    ),
    (
        InvalidAuthAPIError,
        Cause.PASSWORD,
        "{place} wants an API password, which ESPHome gave up: replace `password:` by `encryption:` in its YAML",
    ),
    (
        ResolveAPIError,
        Cause.NOT_FOUND,
        "the name {place.host} is not known in this network: correct the host, or give the IP address",
    ),
    (PingFailedAPIError, Cause.DROPPED, "{place} no longer answers: if it does not come back, unplug it for a moment"),
    (TimeoutAPIError, Cause.UNANSWERED, "{place} does not answer: if it does not come back, unplug it for a moment"),
    (TimeoutError, Cause.UNANSWERED, "{place} does not answer: if it does not come back, unplug it for a moment"),
    (
        SocketClosedAPIError,
        Cause.DROPPED,
        "{place} closed the connection: it restarted, or has too many clients (an ESP8266 bears about four)",
    ),
    (
        ReadFailedAPIError,
        Cause.DROPPED,
        "{place} closed the connection: it restarted, or has too many clients (an ESP8266 bears about four)",
    ),
    (OSError, Cause.DROPPED, "the connection to {place} broke: it restarted, or is out of reach of the Wi-Fi"),
    (ProtocolAPIError, Cause.NOT_ESPHOME, "{place} does not speak ESPHome's API: correct host and port (6053)"),
)
"""First match wins: subclasses stand before their bases."""


def _bad_key(error: InvalidEncryptionKeyAPIError, place: Place) -> Trouble:
    if not _is_key(place.encryption_key or ""):
        line = "encryption_key is no key (base64 of 32 bytes): copy it again from the device's YAML"
        return Trouble(Cause.MALFORMED_KEY, line)
    name = error.received_name or "the device"
    line = f"{name} at {place} has another key: copy encryption_key again from `api: encryption:` in its YAML"
    return Trouble(Cause.WRONG_KEY, line)


def _is_key(text: str) -> bool:
    try:
        return len(binascii.a2b_base64(text)) == KEY_BYTES
    except binascii.Error:
        return False


def _no_socket(error: SocketAPIError, place: Place) -> Trouble:
    number = getattr(error.__cause__, "errno", None)
    if number == errno.ECONNREFUSED:
        return Trouble(Cause.REFUSED, f"{place} refuses: is it the P1 reader's address, and `api:` in its YAML?")
    return Trouble(Cause.UNREACHABLE, f"{place} cannot be reached: {_IS_IT_THERE}")
