"""No way of writing or resolving an address leads to one that is not public."""

import ipaddress
import socket
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scrapy.resolver import dnscache
from scrapy.settings import Settings
from twisted.internet import defer
from twisted.internet._resolver import GAIResolver
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from scrapers.addresses import (
    GuardedResolver,
    RefusedAddress,
    refused_host,
    refused_ip,
    refused_port,
)

PRIVATE_V4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
PRIVATE_V6 = [
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:db8::/32",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


def address_in(network: str) -> st.SearchStrategy[Any]:
    net = ipaddress.ip_network(network)
    last = net.num_addresses - 1
    return st.integers(0, last).map(lambda i: net.network_address + i)


private_v4 = st.sampled_from(PRIVATE_V4).flatmap(address_in)
private_v6 = st.sampled_from(PRIVATE_V6).flatmap(address_in)


def parts_in_any_base(ip: ipaddress.IPv4Address) -> st.SearchStrategy[str]:
    """One to four numbers, each decimal, octal or hexadecimal, as inet_aton reads."""

    def written(count: int) -> st.SearchStrategy[str]:
        packed = ip.packed
        numbers = [*packed[: count - 1], int.from_bytes(packed[count - 1 :], "big")]
        forms = [
            st.sampled_from([f"{n}", f"0{n:o}", f"0x{n:x}", f"0X{n:04X}", f"000{n:o}"])
            for n in numbers
        ]
        return st.tuples(*forms).map(".".join)

    return st.integers(1, 4).flatmap(written)


def dressed(host: str) -> st.SearchStrategy[str]:
    """The same host with what browsers and resolvers take away again."""
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in host)
    return st.sampled_from(
        [
            host,
            f"{host}.",
            host.upper(),
            wide,
            host.replace(".", "\u3002"),
            host.replace(".", "\uff0e"),
            host.replace(".", "%2e"),
            "".join(f"%{ord(c):02x}" for c in host),
            "".join(f"%25{ord(c):02x}" for c in host),
        ]
    )


@given(private_v4)
def test_a_private_address_is_refused(ip: ipaddress.IPv4Address) -> None:
    assert refused_ip(str(ip)) is not None
    assert refused_host(str(ip)) is not None


@given(private_v4.flatmap(parts_in_any_base).flatmap(dressed))
@example("2130706433")
@example("0x7f.1")
@example("0177.0.0.1")
@example("127.1")
@example("0")
@example("①②⑦.⓪.⓪.①")
def test_every_way_of_writing_a_private_address_is_refused(host: str) -> None:
    assert refused_host(host) is not None


@given(private_v6, st.booleans(), st.sampled_from(["", "%eth0", "%25eth0"]))
def test_a_private_ipv6_address_is_refused(
    ip: ipaddress.IPv6Address, is_exploded: bool, zone: str
) -> None:
    text = (ip.exploded if is_exploded else str(ip)) + zone
    assert refused_host(text) is not None
    assert refused_host(f"[{text}]") is not None
    assert refused_ip(str(ip)) is not None


@given(
    private_v4,
    st.sampled_from(["::ffff:0:0", "::", "::ffff:0:0:0", "64:ff9b::"]),
)
def test_a_private_address_carried_in_ipv6_is_refused(
    ip: ipaddress.IPv4Address, prefix: str
) -> None:
    carrier = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(ip))
    assert refused_host(f"[{carrier}]") is not None


@given(private_v4, st.integers(0, 2**80 - 1))
def test_a_private_address_behind_6to4_is_refused(
    ip: ipaddress.IPv4Address, rest: int
) -> None:
    carrier = ipaddress.IPv6Address((0x2002 << 112) + (int(ip) << 80) + rest)
    assert refused_ip(str(carrier)) is not None


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_what_python_calls_not_global_is_never_let_through(
    ip: ipaddress.IPv4Address,
) -> None:
    if not ip.is_global or ip.is_multicast:
        assert refused_ip(str(ip)) is not None


@given(st.integers(1, 223).flatmap(lambda n: address_in(f"{n}.0.0.0/8")))
@example(ipaddress.IPv4Address("93.184.216.34"))
def test_a_public_address_is_fetched(ip: ipaddress.IPv4Address) -> None:
    private = [*PRIVATE_V4, "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"]
    assume(not any(ip in ipaddress.ip_network(net) for net in private))
    assert refused_ip(str(ip)) is None
    assert refused_host(str(ip)) is None
    assert refused_ip(f"64:ff9b::{ip}") is None
    assert refused_ip(f"::ffff:{ip}") is None


@pytest.mark.parametrize(
    "ip",
    [
        "2a02:c0::5efe:7f00:1",
        "2a02:c0::5efe:169.254.169.254",
        "2a02:c0::200:5efe:10.0.0.1",
        "2a02:c0::200:5efe:192.168.1.1",
    ],
)
def test_a_private_address_at_the_end_of_a_tunnel_within_a_site_is_refused(
    ip: str,
) -> None:
    assert "in IPv6" in (refused_ip(ip) or "")
    assert "in IPv6" in (refused_host(f"[{ip}]") or "")


def test_a_public_address_at_the_end_of_a_tunnel_within_a_site_is_fetched() -> None:
    assert refused_ip("2a02:c0::200:5efe:1.1.1.1") is None


@pytest.mark.parametrize(
    "host",
    [
        "١٢٧.٠.٠.١",
        # The same, as Scrapy writes it before it is judged.
        "xn--9hbcp.xn--8hb.xn--8hb.xn--9hb",
        "۱۲۷.۱",
        "१२७.0.0.1",
        "xn--" + "ⅼocalhost".encode("punycode").decode(),
    ],
)
def test_an_address_in_digits_of_another_script_is_refused(host: str) -> None:
    assert refused_host(host) is not None


@pytest.mark.parametrize("ip", ["2606:4700:4700::1111", "2a02:c0::1", "2400:cb00::1"])
def test_a_public_ipv6_address_is_fetched(ip: str) -> None:
    assert refused_ip(ip) is None
    assert refused_host(f"[{ip}]") is None


@pytest.mark.parametrize(
    "host",
    [
        "eksempel.no",
        "EKSEMPEL.no.",
        "www.blåbær.no",
        "xn--blbr-roah.no",
        "xn--rksmrgs-5wao1o.se",
        "xn--p1ai.example",
        "localhost.no",
        "internal.no",
        "local.eksempel.no",
        "127.0.0.1.eksempel.no",
        "a_b.eksempel.example",
        "3m.com",
        "1881.no",
        "%65ksempel.no",
        "bl%C3%A5b%C3%A6r.no",
    ],
)
def test_a_public_name_is_fetched(host: str) -> None:
    assert refused_host(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "..",
        "[]",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "localhost.localdomain",
        "ⓛocalhost",
        "%6cocalhost",
        "printer.local",
        "metadata.google.internal",
        "router.lan",
        "nas.home.arpa",
        "intranet",
        "eksempel.no@127.0.0.1",
        "user:pw@eksempel.no",
        "eksempel.no:80",
        "[::1]:80",
        "eksempel.no\\@127.0.0.1",
        "eksempel.no/..",
        "eksempel.no#x",
        "eksempel.no%00.example",
        "eksempel.no%2523",
        "eksem pel.no",
        "eksempel\u00ad.no",
        "eksempel\u200b.no",
        "eksempel..no",
        "1.2.3.4.5",
        "1.2.3.256",
        "4294967296",
        "eksempel.127",
        "0x",
        "::1::",
        "134744072",
    ],
)
def test_what_is_no_public_name_is_refused_in_one_sentence(host: str) -> None:
    reason = refused_host(host)
    assert reason is not None
    assert "\n" not in reason
    assert len(reason) < 200


@given(st.text(max_size=60))
def test_no_text_breaks_the_judgement(host: str) -> None:
    for reason in (refused_host(host), refused_ip(host)):
        assert reason is None or reason


# --- the resolver ------------------------------------------------------------------

PUBLIC = "93.184.216.34"
NAMES = {
    "public.example": (PUBLIC, "2606:4700::1111"),
    "private.example": ("10.0.0.7",),
    "half.example": (PUBLIC, "127.0.0.1"),
    "half-six.example": (PUBLIC, "fd00::1"),
    "mapped.example": ("::ffff:169.254.169.254",),
}


class _Pool:
    """A thread pool that works at once."""

    def callInThreadWithCallback(  # noqa: N802
        self, on_result: Any, function: Any, *args: Any
    ) -> None:
        try:
            result = function(*args)
        except OSError:
            on_result(False, Failure())
        else:
            on_result(True, result)


class _Reactor(MemoryReactorClock):
    nameResolver: Any = None  # noqa: N815

    def installNameResolver(self, resolver: Any) -> Any:  # noqa: N802
        self.nameResolver = resolver

    def callFromThread(self, function: Any, *args: Any) -> None:  # noqa: N802
        function(*args)


def _reactor(names: Mapping[str, tuple[str, ...]]) -> Any:
    def getaddrinfo(host: str, port: int, *_: int) -> list[Any]:
        if host in names:
            return [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
                if ":" in ip
                else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
                for ip in names[host]
            ]
        raise socket.gaierror(f"{host} is not there")

    reactor = _Reactor()
    reactor.nameResolver = GAIResolver(reactor, _Pool, getaddrinfo)  # type: ignore
    return reactor


@pytest.fixture(autouse=True)
def _no_names_from_before() -> Iterator[None]:
    dnscache.clear()
    yield
    dnscache.clear()


def _connect(reactor: Any, host: str) -> "defer.Deferred[Any]":
    return HostnameEndpoint(reactor, host, 80).connect(Factory())


def _connected(reactor: Any) -> list[str]:
    return [client[0] for client in reactor.tcpClients]


def _fault(attempt: "defer.Deferred[Any]") -> BaseException | None:
    faults: list[Failure] = []
    attempt.addErrback(faults.append)
    return faults[0].value if faults else None


def test_a_public_name_is_connected_to_at_the_address_that_was_judged() -> None:
    reactor = _reactor(NAMES)
    GuardedResolver(reactor, 100).install_on_reactor()
    assert _fault(_connect(reactor, "public.example")) is None
    assert _connected(reactor) == [PUBLIC]
    assert reactor.tcpClients[0][1] == 80


@pytest.mark.parametrize(
    "host",
    [
        "private.example",
        "half.example",
        "half-six.example",
        "mapped.example",
        "127.0.0.1",
        "::1",
        "localhost",
        "127.1",
    ],
)
@pytest.mark.parametrize("cache_size", [0, 100])
def test_a_refused_name_fails_as_refused_and_nothing_is_connected_to(
    host: str, cache_size: int
) -> None:
    names = {**NAMES, "localhost": (PUBLIC,), "127.1": (PUBLIC,)}
    reactor = _reactor(names)
    GuardedResolver(reactor, cache_size).install_on_reactor()
    # The second time the answer may come from the cache.
    for _ in range(2):
        fault = _fault(_connect(reactor, host))
        assert isinstance(fault, RefusedAddress)
        assert "only public addresses" in str(fault) or "disguise" in str(fault)
    assert _connected(reactor) == []


def test_a_name_that_does_not_exist_is_not_called_refused() -> None:
    reactor = _reactor(NAMES)
    GuardedResolver(reactor, 100).install_on_reactor()
    fault = _fault(_connect(reactor, "nobody.example"))
    assert isinstance(fault, DNSLookupError)


def test_a_name_that_is_turned_to_a_private_address_is_never_followed() -> None:
    names: dict[str, tuple[str, ...]] = {"turning.example": (PUBLIC,)}
    reactor = _reactor(names)
    GuardedResolver(reactor, 0).install_on_reactor()
    assert _fault(_connect(reactor, "turning.example")) is None
    names["turning.example"] = ("127.0.0.1",)
    assert isinstance(_fault(_connect(reactor, "turning.example")), RefusedAddress)
    assert _connected(reactor) == [PUBLIC]


def test_only_the_replay_proxy_is_trusted() -> None:
    reactor = _reactor({"127.0.0.1": ("127.0.0.1",), "127.0.0.2": ("127.0.0.2",)})
    settings = Settings({"REPLAY_PROXY": "http://127.0.0.1:8123"})
    crawler = SimpleNamespace(settings=settings)
    GuardedResolver.from_crawler(crawler, reactor).install_on_reactor()
    assert _fault(_connect(reactor, "127.0.0.1")) is None
    assert _connected(reactor) == ["127.0.0.1"]
    assert isinstance(_fault(_connect(reactor, "127.0.0.2")), RefusedAddress)


def test_without_a_proxy_nothing_is_trusted() -> None:
    reactor = _reactor({"127.0.0.1": ("127.0.0.1",)})
    crawler = SimpleNamespace(settings=Settings())
    resolver = GuardedResolver.from_crawler(crawler, reactor)
    resolver.install_on_reactor()
    assert resolver.trusted == frozenset()
    assert isinstance(_fault(_connect(reactor, "127.0.0.1")), RefusedAddress)


@pytest.mark.parametrize(
    ("netloc", "is_refused"),
    [
        ("a.example", False),
        ("a.example:80", False),
        ("a.example:443", False),
        ("a.example:8080", False),
        ("a.example:45123", False),
        ("a.example:", False),
        ("a.example:25", True),
        ("a.example:0025", True),
        ("user@a.example:6379", True),
        ("[2a00::1]:22", True),
        ("a.example:99999", True),
        ("a.example:-1", True),
        ("a.example:http", True),
        ("a.example:٢٥", True),
    ],
)
def test_a_port_of_another_protocol_is_refused(netloc: str, is_refused: bool) -> None:
    assert (refused_port(netloc) is not None) == is_refused
