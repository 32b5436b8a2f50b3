"""Who may reach an address, and how it is called from elsewhere."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

LOOPBACK = {4: "127.0.0.1", 6: "::1"}
NOBODY = {4: "192.0.2.1", 6: "2001:db8::1"}
"""Set aside for examples (RFC 5737, RFC 3849)."""
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


def is_open(listen: str) -> bool:
    """Whether others than this machine may reach what listens there."""
    address = _parsed(listen)
    return listen != "localhost" if address is None else not address.is_loopback


def local(listen: str) -> str:
    """Where this machine reaches what listens there."""
    address = _parsed(listen)
    return LOOPBACK[address.version] if address is not None and address.is_unspecified else listen


def reachable(listen: str) -> str:
    """Where another machine reaches it."""
    address = _parsed(listen)
    if address is None or not address.is_unspecified:
        return listen
    with socket.socket(FAMILY[address.version], socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: it asks the routing table which address of ours would be used.
            probe.connect((NOBODY[address.version], 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _parsed(listen: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(listen)
    except ValueError:
        return None
