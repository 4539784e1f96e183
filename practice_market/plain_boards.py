"""Boards that one answer holds whole: five systems' formats and their quirks.

Ashby lists what is hidden and says so; Workable writes days without a time; Recruitee
writes moments of its own kind and lists what is not public; Personio repeats positions
and wraps texts in CDATA; Jobylon gives a bare list with wrapped places.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from practice_market.answer import Answer, as_json

_HOSTS = {
    "ashby_jobs": "api.ashbyhq.com",
    "workable_jobs": "apply.workable.com",
    "recruitee_jobs": "{token}.recruitee.com",
    "personio_jobs": "{token}.jobs.personio.de",
    "jobylon_jobs": "feed.jobylon.com",
}
_TARGETS = (
    ("ashby_jobs", r"api\.ashbyhq\.com/posting-api/job-board/([\w-]+)"),
    ("workable_jobs", r"apply\.workable\.com/api/v1/widget/accounts/([\w-]+)"),
    ("recruitee_jobs", r"([\w-]+)\.recruitee\.com/api/offers/"),
    ("personio_jobs", r"([\w-]+)\.jobs\.personio\.de/xml"),
    ("jobylon_jobs", r"feed\.jobylon\.com/feeds/feed-([\w-]+)/"),
)


@dataclass(frozen=True)
class Ad:
    """An ad of a board; parts are its introduction, tasks and wishes as markup."""

    id: str
    title: str
    department: str
    city: str
    posted: datetime
    parts: tuple[str, list[str], list[str]]

    @property
    def lists(self) -> str:
        """Tasks and wishes as one list."""
        return f"<ul>{''.join((*self.parts[1], *self.parts[2]))}</ul>"


def host(source: str, token: str) -> str:
    """The host that answers for a board."""
    return _HOSTS[source].format(token=token)


def asked(name: str, path: str) -> tuple[str, str] | None:
    """System and token of the board that a request is for."""
    for source, pattern in _TARGETS:
        found = re.fullmatch(pattern, name + path)
        if found is not None:
            return source, found[1]
    return None


def answer(source: str, token: str, employer: str, ads: Sequence[Ad]) -> Answer:
    """The whole board."""
    if source == "personio_jobs":
        body = _personio(employer, ads).encode()
        return Answer(200, ((b"content-type", b"text/xml; charset=utf-8"),), body)
    if source == "ashby_jobs":
        return as_json(200, {"apiVersion": "1", "jobs": _ashby(token, ads)})
    if source == "workable_jobs":
        jobs = [_workable(token, ad) for ad in ads]
        return as_json(200, {"name": employer, "description": None, "jobs": jobs})
    if source == "recruitee_jobs":
        return as_json(200, {"offers": _recruitee(token, employer, ads)})
    return as_json(200, [_jobylon(employer, ad) for ad in ads])


def _ashby(token: str, ads: Sequence[Ad]) -> list[dict[str, Any]]:
    base = f"https://jobs.ashbyhq.com/{token}"
    jobs = [
        {
            "id": ad.id,
            "title": ad.title,
            "department": ad.department,
            "team": ad.department,
            "employmentType": "FullTime",
            "location": ad.city,
            "secondaryLocations": [],
            "publishedAt": ad.posted.isoformat(timespec="milliseconds"),
            "isListed": True,
            "isRemote": False,
            "address": {"postalAddress": {"addressLocality": ad.city}},
            "jobUrl": f"{base}/{ad.id}",
            "applyUrl": f"{base}/{ad.id}/application",
            "descriptionHtml": ad.parts[0] + ad.lists,
        }
        for ad in ads
    ]
    hidden = [
        {**job, "id": f"hidden-{job['id']}", "isListed": False} for job in jobs[:1]
    ]
    return jobs + hidden


def _workable(token: str, ad: Ad) -> dict[str, Any]:
    base = f"https://apply.workable.com/j/{ad.id}"
    return {
        "title": ad.title,
        "shortcode": ad.id,
        "code": "",
        "employment_type": "Full-time",
        "telecommuting": False,
        "department": ad.department,
        "url": base,
        "shortlink": base,
        "application_url": f"https://apply.workable.com/{token}/j/{ad.id}/apply",
        "published_on": ad.posted.date().isoformat(),
        "created_at": ad.posted.date().isoformat(),
        "country": "Norway",
        "city": ad.city,
        "state": "",
        "locations": [
            {"country": "Norway", "city": ad.city, "region": "", "hidden": False},
            {"country": "Sweden", "city": "Kiruna", "region": "", "hidden": True},
        ],
        "description": ad.parts[0] + ad.lists,
    }


def _recruitee(token: str, employer: str, ads: Sequence[Ad]) -> list[dict[str, Any]]:
    base = f"https://{token}.recruitee.com/o"
    offers: list[dict[str, Any]] = [
        {
            "id": int(ad.id),
            "slug": f"stilling-{ad.id}",
            "title": ad.title,
            "status": "published",
            "company_name": employer,
            "department": ad.department,
            "location": f"{ad.city}, Norway",
            "city": ad.city,
            "country": "Norway",
            "published_at": f"{ad.posted:%Y-%m-%d %H:%M:%S} UTC",
            "created_at": f"{ad.posted:%Y-%m-%d %H:%M:%S} UTC",
            "careers_url": f"{base}/stilling-{ad.id}",
            "careers_apply_url": f"{base}/stilling-{ad.id}/c/new",
            "description": ad.parts[0],
            "requirements": ad.lists,
        }
        for ad in ads
    ]
    internal = [
        {**one, "id": one["id"] + 9_000, "status": "internal"} for one in offers
    ]
    return offers + internal[:1]


def _personio(employer: str, ads: Sequence[Ad]) -> str:
    positions = [
        f"<position><id>{ad.id}</id><subcompany>{escape(employer)}</subcompany>"
        f"<office>{escape(ad.city)}</office><department>{escape(ad.department)}"
        f"</department><name>{escape(ad.title)}</name><jobDescriptions>"
        f"<jobDescription><name>Om</name><value><![CDATA[{ad.parts[0]}]]></value>"
        f"</jobDescription><jobDescription><name>Mer</name><value><![CDATA[{ad.lists}"
        "]]></value></jobDescription></jobDescriptions>"
        "<employmentType>permanent</employmentType>"
        f"<createdAt>{ad.posted.isoformat(timespec='seconds')}</createdAt></position>"
        for ad in ads
    ]
    listed = "".join([*positions, *positions[:1]])
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><workzag-jobs>{listed}</workzag-jobs>'
    )


def _jobylon(employer: str, ad: Ad) -> dict[str, Any]:
    base = f"https://emp.jobylon.com/jobs/{ad.id}"
    return {
        "id": int(ad.id),
        "title": ad.title,
        "descr": ad.parts[0] + ad.lists,
        "skills": "",
        "company": {"id": 1, "name": employer, "website": ""},
        "departments": [{"department": {"descr": ad.department}}],
        "locations": [{"location": {"city": ad.city, "country": "Norway"}}],
        "from_date": ad.posted.date().isoformat(),
        "to_date": None,
        "urls": {"ad": f"{base}-stilling/", "apply": f"{base}-stilling/apply/"},
    }
