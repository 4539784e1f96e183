"""What employers' job boards have in common once a payload is read.

How one system names its fields belongs to its source; how a stated title, place, date
or piece of markup becomes a field of a JobAd belongs here.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from scrapers.extract.dates import written_instant
from scrapers.extract.html import clean
from scrapers.extract.json_body import string
from scrapers.extract.language import language_of
from scrapers.extract.markup_text import markup_to_text
from scrapers.extract.terms import terms_of
from scrapers.records.job_ads import JobAd

_LOG = logging.getLogger(__name__)
_EPOCH = datetime(1970, 1, 1)
# Milliseconds of the years 2000 to 2100: anything else is no time of an ad.
_EPOCH_MS = range(946_684_800_000, 4_102_444_800_000)


def board_ad(
    *,
    ad_id: str,
    title: str | None,
    employer_name: str | None,
    place: str | None,
    description: str | None,
    department: str | None,
    posted_at: datetime | None,
    expires_at: datetime | None,
    modified_at: datetime | None,
    ad_url: str | None,
    apply_url: str | None,
    is_listing: bool = True,
) -> JobAd:
    """An open ad of a board; the description may be markup, escaped or not."""
    heading = clean(markup_to_text(title)) if title else ""
    text = markup_to_text(description) if description else ""
    words = " \n".join(part for part in (heading, text) if part)
    return JobAd(
        ad_id=ad_id,
        ad_status="active",
        title=heading or None,
        employer_name=clean(employer_name) or None,
        employer_org_number=None,
        place=clean(place) or None,
        description=text or None,
        terms=terms_of(words, language_of(words, None)) if words else (),
        department=clean(department) or None,
        posted_at=posted_at,
        expires_at=expires_at,
        modified_at=modified_at,
        ad_url=ad_url,
        apply_url=apply_url,
        is_listing=is_listing,
    )


def identifier(value: Any) -> str | None:
    """An id as text, whether the system writes it as a number or as a string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return string(value)


def one_of_each(ads: Iterable[JobAd]) -> list[JobAd]:
    """The ads without repeats of an id, in order; a repeat only adds its places.

    Some boards list a position once per place, some simply twice.
    """
    kept: dict[str, JobAd] = {}
    for ad in ads:
        first = kept.get(ad.ad_id)
        if first is None:
            kept[ad.ad_id] = ad
        elif ad.place:
            named = (first.place or "").split("; ") + ad.place.split("; ")
            kept[ad.ad_id] = replace(first, place=places(named))
    return list(kept.values())


def places(*parts: Any) -> str | None:
    """Places as written, each once, separated by semicolons."""
    named: dict[str, None] = {}
    for part in parts:
        for value in part if isinstance(part, list | tuple) else [part]:
            if text := clean(string(value)):
                named.setdefault(text)
    return "; ".join(named) or None


def address_of(city: Any, region: Any, country: Any) -> str | None:
    """A place out of its parts, as "City, Region, Country"; parts may be missing."""
    named: dict[str, None] = {}
    for part in (city, region, country):
        if text := clean(string(part)):
            named.setdefault(text)
    return ", ".join(named) or None


def joined_markup(*parts: Any) -> str | None:
    """Pieces of markup as one, in order."""
    texts = [text for part in parts if (text := string(part))]
    return "\n".join(f"<div>{text}</div>" for text in texts) or None


def named_list(title: Any, items: Any) -> str | None:
    """A list of an ad under its heading, as markup."""
    body = string(items)
    if body is None:
        return None
    if re.match(r"\s*<li\b", body, re.IGNORECASE):
        body = f"<ul>{body}</ul>"
    heading = string(title)
    return f"<h3>{heading}</h3>{body}" if heading else body


def epoch_instant(milliseconds: Any) -> datetime | None:
    """Naive UTC of milliseconds since 1970; None for what is no such number."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    whole = int(milliseconds) if abs(milliseconds) < 1e15 else 0
    return _EPOCH + timedelta(milliseconds=whole) if whole in _EPOCH_MS else None


def feed_instant(text: Any) -> datetime | None:
    """Naive UTC of an RFC 2822 date, as RSS has them, or of an ISO one."""
    value = string(text)
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return written_instant(value)
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def warn_unstated(source: str, ads: Iterable[JobAd], url: str) -> None:
    """Name the ads that state no title or no date, which every board states."""
    for name in ("title", "posted_at"):
        lacking = [ad.ad_id for ad in ads if getattr(ad, name) is None]
        if lacking:
            _LOG.warning(
                "%s: %d ads of %s state no %s, such as %s",
                source,
                len(lacking),
                url,
                name,
                lacking[0],
            )


def keys_of(items: Iterable[Any]) -> set[str]:
    """All keys of some objects, to name those nobody reads."""
    return {key for item in items if isinstance(item, Mapping) for key in item}
