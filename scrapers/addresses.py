"""Addresses that are never fetched, by host as written and by what a name resolves to.

Only public unicast addresses are fetched: a page must not be able to send the crawler
into the network it runs in. Which pages of a public host may be asked for does not
belong here (middlewares/robots.py).
"""

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.resolver import CachingHostnameResolver, HostResolution
from twisted.internet.address import IPv4Address as TwistedAddress

# IANA's special-purpose registries (RFC 6890 and later), and Azure's own address.
_REFUSED_V4 = tuple(
    (ipaddress.IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a shared address behind a carrier's translation"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "an address of a cloud's machinery"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "an address for protocol assignments"),
        ("192.0.2.0/24", "an address for documentation"),
        ("192.88.99.0/24", "an address of a retired relay"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "an address for benchmarks"),
        ("198.51.100.0/24", "an address for documentation"),
        ("203.0.113.0/24", "an address for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)
_REFUSED_V6 = tuple(
    (ipaddress.IPv6Network(network), what)
    for network, what in (
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("64:ff9b:1::/48", "an address of a local translation"),
        ("2001::/23", "an address for protocol assignments"),
        ("2001:db8::/32", "an address for documentation"),
        ("3fff::/20", "an address for documentation"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
    )
)
# Networks whose addresses carry an IPv4 address, and how far it stands from the right.
_CARRIERS = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (
        ("::ffff:0:0/96", 0),
        ("64:ff9b::/96", 0),
        ("2002::/16", 80),
    )
)
# ISATAP (RFC 5214) has no network of its own: its mark stands before the IPv4 address.
_ISATAP_MARKS = frozenset((0x0000_5EFE, 0x0200_5EFE))
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_LOCAL_SUFFIXES = frozenset(
    "localhost localdomain local internal intranet lan home corp private "
    "home.arpa".split()
)
_PUBLIC_ONLY = "only public addresses are fetched"
_CANONICAL_V4 = re.compile(r"(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}")
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
# What has a meaning of its own in an address, or no place in a host.
_NOT_IN_NAMES = re.compile(r"[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]")


# Ports of other protocols, as the Fetch standard refuses them to browsers: what speaks
# SMTP or Redis there would read a request as commands.
_REFUSED_PORTS = frozenset(
    int(port)
    for port in (
        "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 "
        "104 109 110 111 113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 "
        "513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 "
        "1719 1720 1723 2049 3306 3389 3659 4045 4190 5060 5061 5432 6000 6379 6566 "
        "6665 6666 6667 6668 6669 6679 6697 9200 10080 11211 27017"
    ).split()
)


class RefusedAddress(ValueError):
    """An address that must not be fetched; the text says why in one sentence."""


def refused_ip(address: str) -> str | None:
    """Why an IP address must not be connected to, in one sentence; None if it may.

    Args:
        address: IPv4 in dotted decimal or IPv6, with or without a zone.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return f"{address!r} is no IP address"
    what = _refused_v4(ip) if isinstance(ip, ipaddress.IPv4Address) else _refused_v6(ip)
    return None if what is None else f"{address} is {what}; {_PUBLIC_ONLY}"


def _refused_v4(ip: ipaddress.IPv4Address) -> str | None:
    return next((what for network, what in _REFUSED_V4 if ip in network), None)


def _refused_v6(ip: ipaddress.IPv6Address) -> str | None:
    # A zone ("%eth0") makes an address unequal to the same one in a network.
    ip = ipaddress.IPv6Address(int(ip))
    for network, what in _REFUSED_V6:
        if ip in network:
            return what
    for network, shift in _CARRIERS:
        if ip in network:
            return _refused_carried(int(ip) >> shift)
    if ip not in _GLOBAL_UNICAST:
        return "a reserved address"
    if (int(ip) >> 32) & 0xFFFF_FFFF in _ISATAP_MARKS:
        return _refused_carried(int(ip))
    return None


def _refused_carried(bits: int) -> str | None:
    carried = ipaddress.IPv4Address(bits & 0xFFFF_FFFF)
    found = _refused_v4(carried)
    return None if found is None else f"{carried} in IPv6, {found}"


def refused_port(netloc: str) -> str | None:
    """Why a port must not be asked, in one sentence; None when it may be.

    Args:
        netloc: host and port as found in a URL.
    """
    try:
        port = urlsplit(f"//{netloc}").port
    except ValueError:
        return f"{netloc!r} has a port that is no number"
    if port is None or port not in _REFUSED_PORTS:
        return None
    return f"{netloc} is a port of another protocol"


@lru_cache(maxsize=50_000)
def refused_host(host: str) -> str | None:
    """Why a host must not be fetched, in one sentence; None when it may be.

    What a public name resolves to is not asked here; GuardedResolver does that.

    Args:
        host: a name or an address as found in a URL, with or without brackets.
    """
    name = _plain(host)
    if not name:
        return "the address has no host"
    if ":" in name or name.startswith("["):
        return refused_ip(name.removeprefix("[").removesuffix("]"))
    if _NOT_IN_NAMES.search(name) or any(not c.isprintable() for c in name):
        return f"{host!r} is no host name"
    labels = name.split(".")
    if "" in labels:
        return f"{host!r} is no host name"
    if _NUMBER.fullmatch(labels[-1]):
        return _refused_number(host, name, labels)
    if len(labels) == 1 or any(
        name == suffix or name.endswith(f".{suffix}") for suffix in _LOCAL_SUFFIXES
    ):
        return f"{name} is a name of a local network; {_PUBLIC_ONLY}"
    return None


def _plain(host: str) -> str:
    """The host as a resolver may come to read it: decoded, one form, lower case."""
    for _ in range(3):
        host = unquote(host)
    # Compatibility forms: digits in circles, full-width letters, ideographic stops.
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower()
    name = ".".join(map(_unpuny, name.split(".")))
    # Digits of other scripts; what no resolver reads as an address one day may.
    name = "".join(str(unicodedata.decimal(c, c)) for c in name)
    return name.removesuffix(".")


def _unpuny(label: str) -> str:
    """A label as it was before it was made ASCII."""
    if not label.startswith("xn--"):
        return label
    try:
        return unicodedata.normalize("NFKC", label[4:].encode().decode("punycode"))
    except UnicodeError:
        return label


def _refused_number(host: str, name: str, labels: Sequence[str]) -> str | None:
    """Judge a host that a C library reads as an IPv4 address."""
    if _CANONICAL_V4.fullmatch(name):
        return refused_ip(name)
    read = _as_c_reads(labels)
    if read is None:
        return f"{host!r} is a number but no IP address"
    # Libraries differ in how they read such forms, and no honest link has them.
    return f"{host!r} is the IP address {read} in disguise"


def _as_c_reads(labels: Sequence[str]) -> ipaddress.IPv4Address | None:
    """An IPv4 address of one to four numbers, as inet_aton(3) reads them."""
    if len(labels) > 4:
        return None
    try:
        numbers = [_number(label) for label in labels]
    except ValueError:
        return None
    *leading, last = numbers
    if any(n > 255 for n in leading) or last >= 256 ** (4 - len(leading)):
        return None
    return ipaddress.IPv4Address(
        sum(n << (24 - 8 * i) for i, n in enumerate(leading)) + last
    )


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver for IPv4 and IPv6 that refuses names of refused addresses.

    A name is refused when any of its addresses is, and the addresses that were judged
    are the ones connected to. A refused lookup makes the request fail with
    RefusedAddress; a name without addresses fails as any other. ``trusted`` are hosts
    the user named, above all the replay proxy's.

    Scrapy installs it from TWISTED_DNS_RESOLVER only when a CrawlerProcess runs; who
    runs a Crawler in a reactor of his own calls ``install_on_reactor``.
    """

    def __init__(
        self, reactor: Any, cache_size: int, trusted: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(reactor, cache_size)
        self.trusted = trusted

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "GuardedResolver":
        """For Scrapy; trusts the host of the setting REPLAY_PROXY."""
        resolver = super().from_crawler(crawler, reactor)
        proxy = urlsplit(crawler.settings.get("REPLAY_PROXY") or "").hostname
        resolver.trusted = frozenset((proxy,) if proxy else ())
        return resolver

    def resolveHostName(  # noqa: N802 - the interface's name
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        """See twisted.internet.interfaces.IHostnameResolver."""
        receiver = resolutionReceiver
        if hostName not in self.trusted:
            receiver = _Guard(resolutionReceiver, hostName)
            reason = refused_host(hostName)
            if reason is not None:
                resolution = HostResolution(hostName)
                receiver.resolutionBegan(resolution)
                receiver.refuse(reason)
                return resolution
        return super().resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


class _Guard:
    """An IResolutionReceiver that holds addresses back, then hands on all or none."""

    def __init__(self, receiver: Any, name: str) -> None:
        self._name = name
        self._receiver = receiver
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        reasons = (refused_ip(address.host) for address in self._addresses)
        reason = next((reason for reason in reasons if reason is not None), None)
        if reason is not None:
            self.refuse(f"{self._name} resolves to a refused address: {reason}")
            return
        for address in self._addresses:
            self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()

    def refuse(self, reason: str) -> None:
        """End the lookup with an address nobody can connect to."""
        self._receiver.addressResolved(_Refusal(reason))
        self._receiver.resolutionComplete()


class _Refusal(TwistedAddress):
    """An address that raises when it is about to be connected to.

    A resolver has no way to tell why: without any address Twisted would make a name
    that does not exist out of one that is refused.
    """

    reason: str

    def __init__(self, reason: str) -> None:
        # Twisted's addresses are frozen.
        object.__setattr__(self, "reason", reason)

    def __repr__(self) -> str:
        return f"<refused: {self.reason}>"

    @property
    def host(self) -> str:  # type: ignore[override]
        raise RefusedAddress(self.reason)
