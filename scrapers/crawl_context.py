"""What a spider is told about its crawl, and how it stops one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scrapers.account import Account
from scrapers.source import SourceSpec


class CrawlStopped(RuntimeError):
    """A crawl that cannot go on; the message is the reason, in one sentence."""


@dataclass(frozen=True, slots=True)
class KnownVisit:
    """The latest visit of an address before the day of the crawl."""

    url: str
    scope: str
    account_id: str | None
    outcome: str
    payload_digest: str | None
    fetched_on: date


@dataclass(frozen=True)
class CrawlContext:
    """One crawl: a source, a day, the accounts and what is known from earlier days.

    ``secret`` is the value of the setting the source needs. ``archived`` gives the
    payload of an address that held before the day.
    """

    spec: SourceSpec
    home: Path
    day: date
    accounts: tuple[Account, ...]
    is_replay: bool
    known: Mapping[str, KnownVisit]
    secret: str | None
    archived: Callable[[str], bytes | None]
