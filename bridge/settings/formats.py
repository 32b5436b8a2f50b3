"""Texts that must have a certain form. Each check returns the text or raises ValueError without repeating it."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

from bridge.core.phases import Phase, PhaseMap

NOISE_KEY_BYTES = 32
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})")
_INSTANCE = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SERIAL = re.compile(r"[A-Za-z0-9-]{1,32}")
_LEVELS_OF_TOPIC = re.compile(r"[^$+#\x00-\x1f\x7f][^+#\x00-\x1f\x7f]{0,199}")
"""Names that begin with $ are the broker's own, or share a subscription with others."""


def host(text: str) -> str:
    text = text.strip()
    if not _HOST.fullmatch(text):
        _address(text)
    return text


def _address(text: str) -> None:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        raise ValueError("must be a host name or an address only, without http://, port or path") from None


def url(text: str) -> str:
    """An http or https address; a trailing slash goes."""
    try:
        parts = urlsplit(text.strip())
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address that begins with https://")
    return text.strip().rstrip("/")


def noise_key(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    try:
        is_sound = len(b64decode(text, validate=True)) == NOISE_KEY_BYTES
    except (Base64Error, ValueError):
        is_sound = False
    if not is_sound:
        raise ValueError(f"is no ESPHome encryption key, which is base64 of {NOISE_KEY_BYTES} bytes (44 characters)")
    return SecretStr(text)


def serial(text: str) -> str:
    if not _SERIAL.fullmatch(text.strip()):
        raise ValueError("must be letters and digits only")
    return text.strip()


def instance(text: str) -> str:
    if not _INSTANCE.fullmatch(text):
        raise ValueError("must be 1 to 32 letters, digits, _ or -")
    return text


def topic(text: str) -> str:
    """Levels of an MQTT topic, without slashes around them."""
    text = text.strip().strip("/")
    if not _LEVELS_OF_TOPIC.fullmatch(text):
        raise ValueError("must be an MQTT topic without + and #, with no $ at its start and of at most 200 letters")
    return text


def wiring(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """One phase, or all three in any order."""
    PhaseMap(phases)
    return phases
