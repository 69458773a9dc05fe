"""Where a request came from, and by which rule we believe it. Pure: no sockets, no settings.

The client's address is the rightmost one that is not a trusted proxy. What stands to its left was
written by whoever sent the request and is kept as evidence only, never believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IpAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST_CHAIN = 1024
_MOST_HOPS = 32
_SITE_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Derived:
    """An address with its derivation.

    ``rule`` is one of: ``no_peer`` (no network peer, address empty), ``peer`` (the peer is no
    proxy of ours; headers were not read), ``proxy_alone`` (a trusted proxy asked for itself),
    ``rightmost_untrusted``, ``all_trusted`` (every hop is ours: the outermost), ``broken_hop``
    (a trusted proxy passed on something that is no address: the last hop that is one).
    """

    address: str
    rule: str
    peer: str
    forwarded: str


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The trusted proxies of the settings as networks. Raises ValueError on what is none."""
    return tuple(ip_network(text, strict=False) for text in texts)


def derive(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> Derived:
    """The client's address from the socket's peer and the ``X-Forwarded-For`` lines, in order.

    Never fails: an address that cannot be known is empty, and the rule says so.
    """
    nearest = _parse(peer or "")
    if nearest is None:
        return Derived("", "no_peer", (peer or "")[:64], "")
    if not _is_in(nearest, trusted):
        return Derived(str(nearest), "peer", str(nearest), "")
    chain = ",".join(forwarded)
    address, rule = _walk(nearest, chain, trusted)
    return Derived(str(address), rule, str(nearest), chain[-_LONGEST_CHAIN:])


def site(address: str) -> str:
    """The key limits count under: an IPv4 address, or the /64 an IPv6 address lives in."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _SITE_PREFIX), strict=False))
    return str(parsed or "unknown")


def is_loopback(address: str) -> bool:
    """True for this machine's own address."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def _walk(nearest: IpAddress, chain: str, trusted: Sequence[Network]) -> tuple[IpAddress, str]:
    hops = [hop for hop in chain.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:] if hop.strip()]
    if not hops:
        return nearest, "proxy_alone"
    last_good = nearest
    for hop in reversed(hops):
        address = _parse(hop)
        if address is None:
            return last_good, "broken_hop"
        if not _is_in(address, trusted):
            return address, "rightmost_untrusted"
        last_good = address
    return last_good, "all_trusted"


def _parse(text: str) -> IpAddress | None:
    """An address out of ``1.2.3.4``, ``1.2.3.4:567``, ``::1``, ``[::1]:567``, mapped or scoped."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_in(address: IpAddress, trusted: Sequence[Network]) -> bool:
    return any(address.version == n.version and address in n for n in trusted)
