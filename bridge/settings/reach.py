"""How far an address is: what crosses a network that others use wants to be encrypted."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_LOCAL_NAMES: Final = (".local", ".lan", ".home", ".internal", ".home.arpa", ".localdomain", ".fritz.box")
"""Ends of names that are only known at home."""


def is_on_the_way(url: str) -> bool:
    """Tell whether somebody may read what is sent there: unencrypted, and not to this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_here(parts.hostname or "")


def is_here(host: str) -> bool:
    """This very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def is_near(host: str) -> bool:
    """This machine or the network at home, as far as an address tells; a name without a dot counts."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(_LOCAL_NAMES)
    return address.is_private or address.is_link_local
