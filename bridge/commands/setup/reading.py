"""Typed answers → values. Each raises ValueError with what is wrong and how it should look. Pure."""

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple

from pydantic import SecretStr

from bridge.core.phases import Phase
from bridge.settings import formats

HIGHEST_PORT: Final = 65535
LEARN: Final = "learn"
_PHONE: Final = re.compile(r"\+[0-9 ]{6,20}")
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(?:A|amperes?)?", re.IGNORECASE)


class Address(NamedTuple):
    """Where a device or a broker is."""

    host: str
    port: int | None = None
    """None where it was not said."""


def address(text: str) -> Address:
    """`host`, `host:port` or an IP address."""
    text = text.strip()
    host, colon, tail = text.rpartition(":")
    if colon and "/" not in text and not _is_ip(text):
        return Address(formats.host(host.strip("[]")), port(tail))
    return Address(formats.host(text.strip("[]")))


def port(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or not 1 <= int(text) <= HIGHEST_PORT:
        raise ValueError(f"a port is a whole number, 1 to {HIGHEST_PORT}")
    return int(text)


def current(lowest: float, highest: float) -> Callable[[str], float]:
    """Amperes within a range; a comma does as well as a point."""

    def read(text: str) -> float:
        found = _NUMBER.fullmatch(text.strip())
        if not found:
            raise ValueError(f"give a number of amperes, {lowest:g} to {highest:g}")
        value = float(found[1].replace(",", "."))
        if not lowest <= value <= highest:
            raise ValueError(f"{value:g} A is out of range: {lowest:g} to {highest:g}")
        return value

    return read


def whole(lowest: int, highest: int, *, or_zero: bool = False) -> Callable[[str], int]:
    """Whole amperes within a range, or 0 where that is allowed."""

    def read(text: str) -> int:
        value = current(0, 1000)(text)
        if not value.is_integer():
            raise ValueError("give whole amperes: the charger knows no others")
        if (or_zero and value == 0) or lowest <= value <= highest:
            return int(value)
        zero = "0, or " if or_zero else ""
        raise ValueError(f"{value:g} A is out of range: {zero}{lowest} to {highest}")

    return read


def choice(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        given = text.strip().lower()
        if given not in names:
            raise ValueError(f"give one of {', '.join(names)}")
        return given

    return read


def account(text: str) -> str:
    text = text.strip()
    if _PHONE.fullmatch(text):
        return text.replace(" ", "")
    if not _MAIL.fullmatch(text):
        raise ValueError("give the e-mail address of the Easee account, or its phone number with + and country code")
    return text


def secret(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    if not text.isprintable():
        raise ValueError("holds something that cannot be typed: type or paste it again")
    return text


def noise_key(text: str) -> str:
    try:
        return formats.noise_key(SecretStr(text.strip())).get_secret_value()
    except ValueError as error:
        raise ValueError(f"that {error}") from None


def phases(text: str) -> tuple[Phase, ...]:
    """`L2 L3 L1`, `213`, or one: `L2`."""
    names = re.findall(r"[Ll]?([0-9])", text)
    if not names or re.sub(r"[Ll]?[0-9]|[\s,;/\[\]\"']", "", text):
        raise ValueError("give the mains phases of P1, P2 and P3 in their order, like L2 L3 L1, or one: L2")
    if unknown := [name for name in names if f"L{name}" not in set(Phase)]:
        raise ValueError(f"there is no L{unknown[0]}: the mains have L1, L2 and L3")
    wiring = tuple(Phase(f"L{name}") for name in names)
    if len(set(wiring)) < len(wiring):
        twice = next(phase for phase in wiring if wiring.count(phase) > 1)
        raise ValueError(f"{twice} is named twice: each charger phase sits on a mains phase of its own")
    return formats.wiring(wiring)


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """A number of a list, or what stands there."""

    def read(text: str) -> str:
        text = text.strip()
        if text.isdigit() and 1 <= int(text) <= len(names):
            return names[int(text) - 1]
        for name in names:
            if name.lower() == text.lower():
                return name
        raise ValueError(f"give a number, 1 to {len(names)}, or one of {', '.join(names)}")

    return read


def optional(text: str) -> str:
    """`-` is nothing."""
    return "" if text.strip() == "-" else text.strip()


def _is_ip(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def serial(text: str) -> str:
    return formats.serial(text.upper())


url = formats.url
