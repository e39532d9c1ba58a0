"""Which network addresses are whose."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether *host* (a name or an address) is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("example.com")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_public(address: str) -> bool:
    """Tell whether an IP *address* is on the public internet: not private, local, reserved or for many.

    >>> is_public("8.8.8.8"), is_public("10.0.0.1"), is_public("::ffff:192.168.0.1"), is_public("169.254.169.254")
    (True, False, False, False)
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_global and not found.is_multicast
