"""What a spider is told about its crawl, and how it stops one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scrapers.account import Account
from scrapers.source import SourceSpec

# How the reason of a crawl begins that stopped because nobody could be reached.
NETWORK_GONE = "the network is gone"


class CrawlStopped(RuntimeError):
    """A crawl that cannot go on; the message is the reason, in one sentence."""


@dataclass(frozen=True, slots=True)
class KnownVisit:
    """The latest visit of an address before the day of the crawl.

    The counts are those of `Known`: how often it was compared, and differed.
    """

    url: str
    scope: str
    account_id: str | None
    outcome: str
    payload_digest: str | None
    fetched_on: date
    n_compared: float = 0.0
    n_changed: float = 0.0
    compared_days: float = 0.0


@dataclass(frozen=True)
class CrawlContext:
    """One crawl: a source, a day, the accounts and what is known from earlier days.

    ``secret`` is the value of the setting the source needs. ``archived`` gives the
    payload of an address (of an account, when it was visited for one) that held before
    the day. When ``is_paced``, pages that are not worth a visit yet are left out
    (pace.py). Hosts on the domains ``opted_out`` are not asked, whatever leads there.
    """

    spec: SourceSpec
    home: Path
    day: date
    accounts: tuple[Account, ...]
    is_replay: bool
    known: Mapping[str, KnownVisit]
    secret: str | None
    archived: Callable[..., bytes | None]
    is_paced: bool = False
    opted_out: frozenset[str] = frozenset()
