"""The client's address: the rightmost one that is not ours, and never one the client wrote."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paynow.address import derive, is_loopback, networks, site

PROXIES = networks(["10.0.0.0/8", "fd00::/8", "127.0.0.1"])
CLIENT = "203.0.113.9"
_PUBLIC = st.ip_addresses().map(str).filter(lambda a: not _ours(a))
_OURS = st.sampled_from(["10.1.2.3", "10.9.9.9", "fd00::17", "::ffff:10.0.0.1"])


def _ours(text: str) -> bool:
    address = ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address.version == n.version and address in n for n in PROXIES)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address", "rule"),
    [
        (CLIENT, [], CLIENT, "peer"),
        (CLIENT, ["198.51.100.1"], CLIENT, "peer"),
        (CLIENT, ["10.0.0.1"], CLIENT, "peer"),
        ("10.0.0.1", [], "10.0.0.1", "proxy_alone"),
        ("10.0.0.1", [" , "], "10.0.0.1", "proxy_alone"),
        ("10.0.0.1", [CLIENT], CLIENT, "rightmost_untrusted"),
        ("10.0.0.1", ["1.1.1.1, " + CLIENT], CLIENT, "rightmost_untrusted"),
        ("10.0.0.1", ["1.1.1.1, " + CLIENT + ", 10.0.0.2"], CLIENT, "rightmost_untrusted"),
        ("10.0.0.1", ["1.1.1.1", CLIENT + ", 10.0.0.2"], CLIENT, "rightmost_untrusted"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3", "all_trusted"),
        ("10.0.0.1", [CLIENT + ", unknown"], "10.0.0.1", "broken_hop"),
        ("10.0.0.1", [CLIENT + ", unknown, 10.0.0.2"], "10.0.0.2", "broken_hop"),
        ("10.0.0.1", ["unknown, " + CLIENT], CLIENT, "rightmost_untrusted"),
        ("10.0.0.1", [f"{CLIENT}:4711"], CLIENT, "rightmost_untrusted"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1", "rightmost_untrusted"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1", "rightmost_untrusted"),
        ("::ffff:10.0.0.1", [f"::ffff:{CLIENT}"], CLIENT, "rightmost_untrusted"),
        ("fd00::1", ["fe80::1%eth0"], "fe80::1", "rightmost_untrusted"),
        ("::ffff:203.0.113.9", ["1.1.1.1"], CLIENT, "peer"),
        (None, [CLIENT], "", "no_peer"),
        ("unix", [CLIENT], "", "no_peer"),
    ],
)
def test_each_rule(peer: str | None, forwarded: list[str], address: str, rule: str) -> None:
    found = derive(peer, forwarded, PROXIES)
    assert (found.address, found.rule) == (address, rule)


def test_the_derivation_is_kept() -> None:
    found = derive("10.0.0.1", ["1.1.1.1", CLIENT], PROXIES)
    assert (found.peer, found.forwarded) == ("10.0.0.1", f"1.1.1.1,{CLIENT}")


def test_a_chain_that_was_not_read_is_not_kept() -> None:
    assert derive(CLIENT, ["1.1.1.1"], PROXIES).forwarded == ""


@settings(deadline=None)
@given(
    client=_PUBLIC,
    written=st.lists(st.text(max_size=40), max_size=5),
    proxies=st.lists(_OURS, max_size=12),
)
def test_nothing_a_client_writes_moves_its_address(
    client: str, written: list[str], proxies: list[str]
) -> None:
    """Whatever stands to the left of the address our own proxy saw is never believed."""
    honest = derive("10.0.0.1", [", ".join([client, *proxies])], PROXIES)
    lied = derive("10.0.0.1", [*written, ", ".join([client, *proxies])], PROXIES)
    assert lied.address == honest.address
    assert lied.rule == "rightmost_untrusted"


@settings(deadline=None)
@given(peer=_PUBLIC, written=st.lists(st.text(max_size=60), max_size=4))
def test_headers_of_strangers_are_not_read(peer: str, written: list[str]) -> None:
    found = derive(peer, written, PROXIES)
    assert found == derive(peer, [], PROXIES)
    assert found.rule == "peer"


@settings(deadline=None)
@given(
    peer=st.one_of(st.none(), st.text(max_size=60), _OURS, _PUBLIC),
    written=st.lists(st.text(max_size=200), max_size=6),
)
def test_anything_gives_an_address_or_none_and_stays_short(
    peer: str | None, written: list[str]
) -> None:
    found = derive(peer, written, PROXIES)
    assert found.address == "" or ip_address(found.address)
    assert len(found.forwarded) <= 1024
    assert len(found.peer) <= 64


def test_a_very_long_chain_costs_nothing() -> None:
    found = derive("10.0.0.1", ["10.0.0.2," * 100_000 + "10.0.0.3"], PROXIES)
    assert (found.address, found.rule) == ("10.0.0.2", "all_trusted")


def test_limits_count_by_network_site() -> None:
    assert site("2001:db8:1:2:3::4") == site("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert site("2001:db8:1:3::4") != site("2001:db8:1:2::4")
    assert site("::ffff:203.0.113.9") == site(CLIENT) == CLIENT
    assert site("") == site("what") == "unknown"


def test_loopback_is_known_in_every_spelling() -> None:
    assert all(is_loopback(a) for a in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"))
    assert not any(is_loopback(a) for a in (CLIENT, "", "localhost"))


def test_trusting_everybody_is_no_network() -> None:
    with pytest.raises(ValueError, match=r"\*"):
        networks(["*"])
