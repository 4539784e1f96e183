"""Job boards of some companies, in the wire formats of their systems, quirks included.

Greenhouse, Lever, Teamtailor and Workday as their public endpoints answer; those that
give a whole board in one answer stand in plain_boards.py. A company
with a board keeps its careers page, which links to it; its ads stand on both.
"""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, unquote

from practice_market import hostility, plain_boards
from practice_market.answer import Answer, Request, as_json, text
from practice_market.board_places import MORE_SYSTEMS, Board, boards_of
from practice_market.company import Market
from practice_market.draws import unit
from practice_market.site import Site
from practice_market.story import Job

GREENHOUSE = "boards-api.greenhouse.io"
LEVER = {False: "api.lever.co", True: "api.eu.lever.co"}
PER_PAGE = 20
LAST_OFFSET = 2000
_MASS_EDIT_DAYS = 30
_SPACE = uuid.UUID("8f0d8f8e-6b5f-4b7a-9a57-0d4c9a3e5b11")
_EAST = timezone(timedelta(hours=-4))


def ad_id(board: Board, job: Job) -> str:
    """The id of an ad in its system."""
    company, serial = (int(part) for part in job.key.split("-"))
    if board.source in ("personio_jobs", "jobylon_jobs", "recruitee_jobs"):
        return str(1_000_000 + 10_000 * company + serial)
    if board.source == "workable_jobs":
        return f"{0xA00000 + 0x400 * company + serial:X}"
    if board.source == "greenhouse_jobs":
        return str(4_000_000_000 + 100_000 * company + serial)
    if board.source == "workday_jobs":
        return f"JR-{100_000 * (company + 1) + serial}"
    return str(uuid.uuid5(_SPACE, job.key))


class Boards:
    """The hosts of all boards of the market."""

    def __init__(self, market: Market, sites: list[Site]) -> None:
        self.market = market
        self._sites: dict[tuple[str, str], tuple[Site, Board]] = {}
        for site in sites:
            for board in boards_of(market, site.one):
                self._sites[board.source, board.token] = site, board

    def hosts(self) -> dict[str, Callable[[Request], Answer]]:
        """What answers for each host."""
        found: dict[str, Callable[[Request], Answer]] = {GREENHOUSE: self._greenhouse}
        found |= dict.fromkeys(LEVER.values(), self._lever)
        for source, token in self._sites:
            if source == "teamtailor_jobs":
                found[f"{token}.teamtailor.com"] = self._teamtailor
            elif source == "workday_jobs":
                found[f"{token}.wd3.myworkdayjobs.com"] = self._workday
            elif source in MORE_SYSTEMS:
                found[plain_boards.host(source, token)] = self._plain
        return found

    def post_hosts(self) -> frozenset[str]:
        """Hosts whose lists are asked with a POST."""
        return frozenset(
            f"{token}.wd3.myworkdayjobs.com"
            for source, token in self._sites
            if source == "workday_jobs"
        )

    def _found(self, source: str, token: str) -> tuple[Site, Board] | None:
        return self._sites.get((source, token))

    def _fault(self, site: Site, request: Request) -> Answer | None:
        target = f"board {request.path}?{request.query}{request.body!r}"
        fault = hostility.fetch_fault(self.market, site.one.index, target, request.day)
        if fault is None:
            return None
        if fault == "timeout":
            gone = (b"lyttepost-replay-error", b"timeout")
            return text(504, "The host did not answer in time.", gone)
        statuses = {"error": 500, "soft_404": 502, "blocked": 403}
        return as_json(statuses[fault], {"error": fault})

    def _plain(self, request: Request) -> Answer:
        """A board that one answer holds."""
        if request.path == "/robots.txt":
            return text(404, "Not found")
        asked = plain_boards.asked(request.host, request.path)
        found = self._found(*asked) if asked else None
        if asked is None or found is None:
            return as_json(404, {"error": "Not found"})
        site, board = found
        ads = [
            plain_boards.Ad(
                id=ad_id(board, job),
                title=job.title,
                department=job.function,
                city=self._city(site),
                posted=self._moment(job),
                parts=self._markup(site, job),
            )
            for job in site.open_jobs(request.day)
        ]
        return self._fault(site, request) or plain_boards.answer(
            asked[0], asked[1], site.one.name, ads
        )

    def _day(self, job: Job) -> date:
        return self.market.date_of(job.opened)

    def _moment(self, job: Job) -> datetime:
        second = int(unit("posted at", job.key) * 36_000) + 6 * 3600
        midnight = datetime.combine(self._day(job), time(), UTC)
        return midnight + timedelta(seconds=second)

    def _markup(self, site: Site, job: Job) -> tuple[str, list[str], list[str]]:
        intro, tasks, wanted = site.job_text(job)
        return (
            f"<p>{escape(intro)}</p>",
            [f"<li>{escape(task)}</li>" for task in tasks],
            [f"<li>{escape(want)}</li>" for want in wanted],
        )

    def _city(self, site: Site) -> str:
        return site.one.city.split()[0].capitalize()

    # Greenhouse

    def _greenhouse(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        if request.path == "/robots.txt":
            return text(200, "User-agent: *\nDisallow: /embed/internal")
        found = self._found("greenhouse_jobs", parts[2]) if len(parts) == 4 else None
        if found is None or parts[:2] != ["v1", "boards"] or parts[3] != "jobs":
            return as_json(404, {"status": 404, "error": "Job not found"})
        site, board = found
        jobs = site.open_jobs(request.day)
        listed = [self._greenhouse_job(site, board, job, request) for job in jobs]
        answer = {"jobs": listed, "meta": {"total": len(listed)}}
        return self._fault(site, request) or as_json(200, answer)

    def _greenhouse_job(
        self, site: Site, board: Board, job: Job, request: Request
    ) -> dict[str, Any]:
        posted = self._moment(job).astimezone(_EAST)
        # All ads of a board are touched now and then.
        touched = request.day - request.day % _MASS_EDIT_DAYS
        edited = max(posted, posted + timedelta(days=touched - job.opened))
        number = ad_id(board, job)
        content = {}
        if "content=true" in request.query:
            intro, tasks, wanted = self._markup(site, job)
            whole = escape(f"{intro}<ul>{''.join((*tasks, *wanted))}</ul>")
            content = {"content": escape(whole) if board.is_odd else whole}
        return {
            "absolute_url": f"https://job-boards.greenhouse.io/{board.token}"
            f"/jobs/{number}",
            "internal_job_id": int(number) - 1,
            "location": {"name": f"{self._city(site)}, Norway"},
            "metadata": None,
            "id": int(number),
            "updated_at": edited.isoformat(timespec="seconds"),
            "requisition_id": job.key,
            "title": job.title,
            "company_name": f"{site.one.name} ",
            "first_published": posted.isoformat(timespec="seconds"),
            "language": "en",
            "application_deadline": None,
            **content,
            "departments": [{"id": 1, "name": job.function}],
            "offices": [{"id": 2, "name": self._city(site)}],
        }

    # Lever

    def _lever(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        if request.path == "/robots.txt":
            return text(200, "User-agent: *\nCrawl-delay: 1")
        found = self._found("lever_jobs", parts[2]) if len(parts) == 3 else None
        if found is None or request.host != LEVER[found[1].is_odd]:
            return as_json(404, {"ok": False, "error": "Document not found"})
        site, board = found
        jobs = [self._lever_job(site, board, j) for j in site.open_jobs(request.day)]
        return self._fault(site, request) or as_json(200, jobs)

    def _lever_job(self, site: Site, board: Board, job: Job) -> dict[str, Any]:
        intro, tasks, wanted = self._markup(site, job)
        number = ad_id(board, job)
        city = self._city(site)
        return {
            "id": number,
            "text": job.title,
            "createdAt": int(self._moment(job).timestamp() * 1000),
            "country": "NO",
            "workplaceType": "hybrid",
            "categories": {
                "commitment": "Permanent",
                "department": job.function,
                "location": city,
                "team": job.function,
                "allLocations": [city],
            },
            "description": intro,
            "lists": [
                {"text": site.words["tasks"], "content": "".join(tasks)},
                {"text": site.words["wanted"], "content": "".join(wanted)},
            ],
            "additional": "",
            "hostedUrl": f"{board.link}/{number}",
            "applyUrl": f"{board.link}/{number}/apply",
        }

    # Teamtailor

    def _teamtailor(self, request: Request) -> Answer:
        if request.path == "/robots.txt":
            return text(200, "User-agent: *\nDisallow: /connect")
        token = request.host.removesuffix(".teamtailor.com")
        found = self._found("teamtailor_jobs", token)
        if found is None:
            return text(404, "Not found")
        site, board = found
        jobs = site.open_jobs(request.day)
        if request.path == "/jobs.json":
            return self._fault(site, request) or self._json_feed(site, board, jobs)
        if request.path != "/jobs.rss" or board.is_odd:
            return text(404, "Not found")
        query = parse_qs(request.query)
        offset = int(query.get("offset", ["0"])[0])
        shown = jobs[offset : offset + min(int(query.get("per_page", ["25"])[0]), 100)]
        return self._fault(site, request) or self._rss(site, board, shown)

    def _ad_address(self, board: Board, job: Job) -> str:
        return f"{board.link}/{int(job.key.split('-')[1])}"

    def _rss(self, site: Site, board: Board, jobs: list[Job]) -> Answer:
        items = []
        for job in jobs:
            intro, tasks, wanted = self._markup(site, job)
            words = escape(f"{intro}<ul>{''.join((*tasks, *wanted))}</ul>")
            items.append(
                f"<item><title>{escape(job.title)}</title>"
                f"<description>{words}</description>"
                f"<pubDate>{format_datetime(self._moment(job))}</pubDate>"
                f"<link>{self._ad_address(board, job)}</link>"
                "<remoteStatus>hybrid</remoteStatus>"
                f"<guid>{ad_id(board, job)}</guid>"
                "<tt:locations><tt:location><tt:name>Hovedkontor</tt:name>"
                f"<tt:city>{self._city(site)}</tt:city><tt:country>Norway</tt:country>"
                "</tt:location></tt:locations>"
                f"<tt:department>{escape(job.function)}</tt:department></item>"
            )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
            'xmlns:tt="https://teamtailor.com/locations"><channel>'
            f"<title>{escape(site.one.name)}</title><link>{board.link}</link>"
            f"{''.join(items)}</channel></rss>"
        )
        kind = (b"content-type", b"application/rss+xml; charset=utf-8")
        return Answer(200, (kind,), body.encode())

    def _json_feed(self, site: Site, board: Board, jobs: list[Job]) -> Answer:
        items = []
        for job in jobs:
            intro, tasks, wanted = self._markup(site, job)
            posted = self._moment(job).isoformat(timespec="seconds")
            items.append(
                {
                    "id": ad_id(board, job),
                    "title": job.title,
                    "url": self._ad_address(board, job),
                    "content_html": f"{intro}<ul>{''.join((*tasks, *wanted))}</ul>",
                    "date_published": posted,
                    "_jobposting": {
                        "@context": "http://schema.org/",
                        "@type": "JobPosting",
                        "title": job.title,
                        "datePosted": posted,
                        "hiringOrganization": {
                            "@type": "Organization",
                            "name": site.one.name,
                        },
                        "jobLocation": [
                            {
                                "@type": "Place",
                                "address": {
                                    "@type": "PostalAddress",
                                    "addressLocality": self._city(site),
                                    "addressCountry": "NO",
                                },
                            }
                        ],
                    },
                }
            )
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": site.one.name,
            "home_page_url": board.link,
            "feed_url": f"{board.link}.json",
            "items": items,
        }
        return as_json(200, feed, b"application/feed+json")

    # Workday

    def _workday(self, request: Request) -> Answer:
        if request.path == "/robots.txt":
            return text(200, "User-agent: *\nDisallow: /*/userHome")
        token = request.host.split(".")[0]
        found = self._found("workday_jobs", token)
        base = f"/wday/cxs/{token}/Karriere"
        if found is None or not request.path.startswith(base):
            return as_json(404, {"errorCode": "HTTP_404", "httpStatus": 404})
        site, board = found
        jobs = site.open_jobs(request.day)
        rest = unquote(request.path).removeprefix(base)
        if rest == "/jobs":
            return self._fault(site, request) or self._workday_page(
                site, board, jobs, request
            )
        for job in jobs:
            if rest == self._workday_path(site, board, job):
                return self._fault(site, request) or as_json(
                    200, self._workday_ad(site, board, job, request.day)
                )
        return as_json(404, {"errorCode": "HTTP_404", "httpStatus": 404})

    def _workday_path(self, site: Site, board: Board, job: Job) -> str:
        slug = site.job_slug(job).rpartition("-")[0]
        return f"/job/{self._city(site)}/{slug}_{ad_id(board, job)}"

    def _workday_page(
        self, site: Site, board: Board, jobs: list[Job], request: Request
    ) -> Answer:
        try:
            asked = json.loads(request.body)
            limit, offset = int(asked["limit"]), int(asked["offset"])
        except (ValueError, KeyError, TypeError):
            limit, offset = 0, 0
        if request.method != "POST" or not 0 < limit <= PER_PAGE:
            return as_json(400, {"errorCode": "HTTP_400", "httpStatus": 400})
        if not 0 <= offset <= LAST_OFFSET:
            return as_json(400, {"errorCode": "HTTP_400", "httpStatus": 400})
        shown = jobs[offset : offset + limit]
        postings = [
            {
                "title": job.title,
                "externalPath": self._workday_path(site, board, job),
                # Some name a number of places and no place.
                "locationsText": "2 Locations"
                if unit("places", job.key) < 0.2
                else f"{self._city(site)}, Norway",
                "postedOn": _posted_on(request.day - job.opened),
                "bulletFields": [ad_id(board, job)],
            }
            for job in shown
        ]
        return as_json(
            200,
            {
                "total": len(jobs) if offset == 0 else 0,
                "jobPostings": postings,
                "facets": [],
                "userAuthenticated": False,
            },
        )

    def _workday_ad(
        self, site: Site, board: Board, job: Job, day: int
    ) -> dict[str, Any]:
        intro, tasks, wanted = self._markup(site, job)
        path = self._workday_path(site, board, job)
        host = f"{board.token}.wd3.myworkdayjobs.com"
        return {
            "jobPostingInfo": {
                "id": job.key,
                "title": job.title,
                "jobDescription": f"{intro}<ul>{''.join((*tasks, *wanted))}</ul>",
                "location": f"{self._city(site)}, Norway",
                "postedOn": _posted_on(day - job.opened),
                "startDate": self._day(job).isoformat(),
                "timeType": "Full time",
                "jobReqId": ad_id(board, job),
                "country": {"descriptor": "Norway", "id": "no"},
                "canApply": True,
                "externalUrl": f"https://{host}/Karriere{path}",
            },
            "hiringOrganization": {"name": site.one.name, "url": ""},
        }


def _posted_on(age: int) -> str:
    if age == 0:
        return "Posted Today"
    if age == 1:
        return "Posted Yesterday"
    return "Posted 30+ Days Ago" if age > 30 else f"Posted {age} Days Ago"
