"""Internet addresses of those who ask: read once, and which of them count as one visitor."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request


def parsed(address: str) -> IPv4Address | IPv6Address | None:
    """The address, as IPv4 where it is one in the dress of IPv6; None where it is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found


def same_visitor(address: str) -> str:
    """What counts as one address: an IPv4 address, or the 64 bits of an IPv6 network."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False).network_address)
    return str(found or address)


def origin_of(request: Request) -> str:
    """The internet address that asks, as `same_visitor` counts it; "" where it is not known."""
    return same_visitor(request.client.host) if request.client else ""
