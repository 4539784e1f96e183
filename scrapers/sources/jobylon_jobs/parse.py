"""Ads of a Jobylon feed."""

from collections.abc import Iterator, Mapping
from typing import Any

from scrapers.envelope import Envelope
from scrapers.extract.board_ads import (
    address_of,
    board_ad,
    identifier,
    joined_markup,
    keys_of,
    one_of_each,
    places,
    warn_unstated,
)
from scrapers.extract.dates import written_instant
from scrapers.extract.json_body import array, mapping, read_json, string, warn_unread
from scrapers.extract.refusal import ParseRefused
from scrapers.records import JobAd

PARSER_VERSION = "1"

_KNOWN = frozenset(
    (
        "benefits categories company contact departments descr employment_type "
        "experience from_date function id internal_reference language layers location "
        "locations owner questions skills slug title to_date urls video workspace_type"
    ).split()
)


def parse(body: bytes, envelope: Envelope) -> Iterator[JobAd]:
    """The ads of a feed; an empty feed gives none.

    Raises:
        ParseRefused: the payload is not a Jobylon feed.
    """
    url = envelope.url
    if envelope.scope != "board":
        raise ParseRefused(f"The scope {envelope.scope!r} of {url} is not board.")
    jobs = read_json(body, envelope.content_type, url)
    if not isinstance(jobs, list):
        raise ParseRefused(f"The feed {url} is not a list.")
    warn_unread("jobylon job", keys_of(jobs), _KNOWN)
    ads = one_of_each(_ad(mapping(job, f"A job of {url}"), url) for job in jobs)
    warn_unstated("jobylon_jobs", ads, url)
    yield from ads


def _ad(job: Mapping[str, Any], url: str) -> JobAd:
    ad_id = identifier(job.get("id"))
    if ad_id is None:
        raise ParseRefused(f"A job of {url} has no id.")
    company = job.get("company")
    addresses = job.get("urls")
    addresses = addresses if isinstance(addresses, dict) else {}
    return board_ad(
        ad_id=ad_id,
        title=string(job.get("title")),
        employer_name=string(company.get("name"))
        if isinstance(company, dict)
        else None,
        place=_place(job, url),
        description=joined_markup(
            job.get("descr"), job.get("skills"), _benefits(job.get("benefits"))
        ),
        department=_first(job.get("departments"), "department", "descr")
        or string(job.get("function")),
        posted_at=written_instant(job.get("from_date")),
        expires_at=written_instant(job.get("to_date")),
        modified_at=None,
        ad_url=string(addresses.get("ad")),
        apply_url=string(addresses.get("apply")),
    )


def _place(job: Mapping[str, Any], url: str) -> str | None:
    """The places of a job: a list of wrapped locations, one location, or a text."""
    stated = job.get("locations", job.get("location"))
    if isinstance(stated, str):
        return string(stated)
    if isinstance(stated, dict):
        stated = [stated]
    found = []
    for item in array(stated, f"locations of {url}"):
        inner = item.get("location", item) if isinstance(item, dict) else item
        if isinstance(inner, dict):
            found.append(
                address_of(
                    string(inner.get("city")) or inner.get("municipality"),
                    None,
                    inner.get("country"),
                )
                or string(inner.get("text"))
            )
        else:
            found.append(string(inner))
    return places(found)


def _first(values: Any, wrapper: str, key: str) -> str | None:
    for value in values if isinstance(values, list) else [values]:
        inner = value.get(wrapper, value) if isinstance(value, dict) else None
        if isinstance(inner, dict) and (text := string(inner.get(key))):
            return text
    return None


def _benefits(value: Any) -> str | None:
    if isinstance(value, list):
        texts = [string(v.get("text") if isinstance(v, dict) else v) for v in value]
        return "; ".join(text for text in texts if text) or None
    return string(value)
