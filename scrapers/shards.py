"""Which accounts a shard of a crawl asks.

An account's shard is a hash of its id; accounts that share a host are in one shard, so
that a host is asked by one crawl at a time however many there are. How a shard lands is
said in landing.py, and how the shards of a day become one day in joined.py.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapers.account import Account
from scrapers.source import SourceSpec, load_source


class ShardsRefused(ValueError):
    """Shards that do not fit what has landed; says what to do."""


@dataclass(frozen=True)
class Shard:
    """One of so many shares of a watch list; numbers begin at 1."""

    number: int
    of: int

    def __post_init__(self) -> None:
        """Refuse a share that is none.

        Raises:
            ShardsRefused: the number is not one of those there are.
        """
        if not 1 <= self.number <= self.of <= 9_999:
            raise ShardsRefused(f"there is no shard {self.number} of {self.of}")

    @property
    def name(self) -> str:
        """How partitions, folders and files call it: `02of08`."""
        width = max(2, len(str(self.of)))
        return f"{self.number:0{width}d}of{self.of:0{width}d}"

    @property
    def folder(self) -> str:
        """Its folder inside of a day's."""
        return f"shard={self.name}"


def shard_named(name: str) -> Shard:
    """The shard that a partition, folder or argument names.

    Raises:
        ShardsRefused: it names none.
    """
    number, of, total = name.removeprefix("shard=").partition("of")
    if not (of and number.isdecimal() and total.isdecimal()):
        raise ShardsRefused(f"{name!r} is no shard; one is called 02of08")
    return Shard(int(number), int(total))


def every_shard(of: int) -> tuple[Shard, ...]:
    """All shards of so many."""
    return tuple(Shard(number, of) for number in range(1, of + 1))


def is_sharded(spec: SourceSpec) -> bool:
    """Whether a source is crawled in shards: one that asks the accounts' own hosts.

    A source with hosts of its own is asked by one crawl: its host sets the pace.
    """
    return not spec.hosts


def shards_of(accounts: Iterable[Account], of: int) -> dict[str, int]:
    """The number of the shard of every account, the whole watch list being given.

    sha256 of the account_id, its first eight bytes as a number, modulo the shards.
    Accounts whose domains or places share a host go where the first of them by id goes.
    """
    accounts = tuple(accounts)
    domains = {d.lower() for account in accounts for d in account.domains}
    leads: dict[str, str] = {}

    def lead(key: str) -> str:
        while (above := leads.get(key, key)) != key:
            leads[key] = leads.get(above, above)
            key = leads[key]
        return key

    for account in accounts:
        # Two kinds of key in one forest: a space keeps them apart.
        own = f"account {account.account_id}"
        for host in _hosts(account):
            one, other = sorted((lead(own), lead(_on(host, domains))))
            # Keys of accounts sort first, and the first of them leads.
            leads[other] = one
    numbers = {}
    for account in accounts:
        first = lead(f"account {account.account_id}").removeprefix("account ")
        numbers[account.account_id] = _hashed(first) % of + 1
    return numbers


def ids_in(accounts: Iterable[Account], shard: Shard) -> frozenset[str]:
    """Ids of the accounts of a shard, the whole watch list being given."""
    numbers = shards_of(accounts, shard.of)
    return frozenset(key for key, number in numbers.items() if number == shard.number)


def _hashed(account_id: str) -> int:
    return int.from_bytes(hashlib.sha256(account_id.encode()).digest()[:8])


def _hosts(account: Account) -> set[str]:
    """Where the sources that are sharded ask about an account."""
    hosts = {domain.lower() for domain in account.domains}
    for place in account.places:
        if is_sharded(load_source(place.source)):
            try:
                host = urlsplit(place.address).hostname
            except ValueError:
                host = None
            # A place without an address is a name on a host that only it is on.
            hosts.add(host or f"{place.source} {place.address}")
    return hosts


def _on(host: str, domains: set[str]) -> str:
    """A key for a host: the widest watched domain it is on, else itself."""
    parts = host.removeprefix("www.").split(".")
    above = (".".join(parts[at:]) for at in reversed(range(len(parts))))
    return "host " + next((d for d in above if d in domains), ".".join(parts))
