"""pam-stilling-feed.nav.no: the job feed in its real shape, quirks included.

Pages are named by their first item and overlap by one; a page with two or more newer
items has a next page; entries of ads that are gone carry no content.
"""

import base64
import hashlib
import json
import uuid
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from practice_market import names
from practice_market.answer import Answer, Request, as_json, http_date, moment_of, text
from practice_market.company import Company, Market
from practice_market.draws import stream, unit
from practice_market.site import Site
from practice_market.story import Job, Story
from practice_market.text import Voice
from practice_market.titles import FUNCTIONS, JOBS

HOST = "pam-stilling-feed.nav.no"
PAGE_SIZE = 200
BACKLOG_DAYS = 60
"""How long before the market opens the feed begins."""
SHARE_OF_UNITS = 0.25
"""Share of companies whose ads carry the number of the sub-unit."""
_TOKEN_DAYS = 35
_SPACE = uuid.UUID("5e9d0c0e-7f0e-4a55-9a4b-2c6b8e1a7d10")


@dataclass(frozen=True)
class Ad:
    """An ad on the feed, of a company of the market or of somebody else."""

    key: str
    title: str
    employer: str
    employer_number: str
    homepage: str
    city: str
    postal_code: str
    opened: int
    closed: int
    is_masked: bool
    job: Job | None
    site: Site | None


@dataclass(frozen=True)
class Item:
    """One change of an ad, as the feed lists it."""

    id: str
    ad: Ad
    at: datetime
    day: int
    is_active: bool


def _zone(day: date) -> timezone:
    """Norwegian time on that day, without the system's time zone files.

    Summer time from the last Sunday of March to the last Sunday of October.
    """

    def last_sunday(month: int) -> date:
        last = date(day.year, month, 31)
        return last - timedelta(days=(last.weekday() + 1) % 7)

    is_summer = last_sunday(3) <= day < last_sunday(10)
    return timezone(timedelta(hours=2 if is_summer else 1))


def _uuid(*name: object) -> str:
    return str(uuid.uuid5(_SPACE, "/".join(str(part) for part in name)))


def _employer_number(market: Market, one: Company) -> str:
    is_unit = unit(market.seed, "unit", one.index) < SHARE_OF_UNITS
    return one.unit_number if is_unit else one.org_number


class JobFeed:
    """The feed of the whole market, with employers that nobody watches mixed in."""

    def __init__(self, market: Market, stories: list[Story], sites: list[Site]) -> None:
        self.market = market
        ads = [
            self._ad(story, site, job)
            for story, site in zip(stories, sites, strict=True)
            for job in story.jobs
            if job.on_feed and job.opened >= -BACKLOG_DAYS
        ]
        ads += self._others(len(stories))
        self._ads = {_uuid(market.seed, "ad", ad.key): ad for ad in ads}
        items = [
            item for name, ad in self._ads.items() for item in self._items(name, ad)
        ]
        self._items_in_order = sorted(items, key=lambda item: (item.day, item.at))
        self._days = [item.day for item in self._items_in_order]
        self._position = {item.id: k for k, item in enumerate(self._items_in_order)}
        self._names = {ad.key: name for name, ad in self._ads.items()}

    def _ad(self, story: Story, site: Site, job: Job) -> Ad:
        one = story.company
        return Ad(
            key=job.key,
            title=job.title,
            employer=f"{one.name} AS".upper(),
            employer_number=_employer_number(self.market, one),
            homepage=f"https://{one.domain}",
            city=one.city,
            postal_code=one.postal_code,
            opened=job.opened + job.feed_lag,
            closed=max(job.closed, job.opened + job.feed_lag + 1),
            is_masked=job.is_masked,
            job=job,
            site=site,
        )

    def ads_of(self, story: Story) -> list[tuple[str, Ad]]:
        """Truth: (id, ad) of one company's ads."""
        serials = {job.key for job in story.jobs}
        return [(name, ad) for name, ad in self._ads.items() if ad.key in serials]

    def _others(self, companies: int) -> list[Ad]:
        """Ads of employers that are not on the list: about 15 % of the feed."""
        ads = []
        for day in range(-BACKLOG_DAYS, self.market.days):
            for number in range(companies):
                rng_name = (self.market.seed, "other ad", day, number)
                if unit(*rng_name) >= 0.0066:
                    continue
                rng = stream(*rng_name)
                employer = rng.choice(names.OTHER_EMPLOYERS)
                city, postal_code, _ = rng.choice(names.PLACES)
                serial = names.OTHER_EMPLOYERS.index(employer)
                ads.append(
                    Ad(
                        key=f"other-{day}-{number}",
                        title=rng.choice(JOBS["nb"][rng.choice(FUNCTIONS)]),
                        employer=employer,
                        employer_number=names.org_number(300_000 + 11 * serial),
                        homepage="",
                        city=city,
                        postal_code=postal_code,
                        opened=day,
                        closed=day + rng.randint(14, 42),
                        is_masked=rng.random() < 0.10,
                        job=None,
                        site=None,
                    )
                )
        return ads

    def _items(self, name: str, ad: Ad) -> list[Item]:
        rng = stream(self.market.seed, "feed times", ad.key)
        changes = [(ad.opened, True), (ad.closed, False)]
        if rng.random() < 0.1 and ad.closed - ad.opened > 3:
            changes.insert(1, (rng.randint(ad.opened + 1, ad.closed - 1), True))
        return [
            Item(
                _uuid(self.market.seed, "item", ad.key, number),
                ad,
                self._moment(day, rng.randint(6 * 3600, 20 * 3600), number),
                day,
                is_active,
            )
            for number, (day, is_active) in enumerate(changes)
        ]

    def _moment(self, day: int, second: int, micro: int) -> datetime:
        date_of = self.market.date_of(day)
        start = datetime.combine(date_of, time(), _zone(date_of))
        return start + timedelta(seconds=second, microseconds=290_000 + 277 * micro)

    # Answers

    def token(self, day: int) -> str:
        """The public token of a day; it changes every 35 days."""
        period = day // _TOKEN_DAYS

        def part(content: dict[str, Any]) -> str:
            plain = json.dumps(content, separators=(",", ":")).encode()
            return base64.urlsafe_b64encode(plain).decode().rstrip("=")

        head = part({"typ": "JWT", "alg": "HS256"})
        claims = part({"sub": "practice-market", "kid": f"{self.market.seed}-{period}"})
        sign = hashlib.sha256(f"{head}.{claims}".encode()).hexdigest()[:43]
        return f"{head}.{claims}.{sign}"

    def answer(self, request: Request) -> Answer:
        """Answer one request to the feed."""
        if request.path == "/api/publicToken":
            day = request.day
            prose = f"Current public token for Nav Job Vacancy Feed:\n{self.token(day)}"
            return text(200, prose)
        if not request.path.startswith("/api/v1/"):
            return self._problem(404, "Endpoint not found")
        given = request.headers.get(b"authorization", b"").decode("latin-1")
        if given != f"Bearer {self.token(request.day)}":
            return self._problem(401, "Unauthorized")
        rest = request.path.removeprefix("/api/v1/")
        if rest == "feed":
            return self._first_page(request)
        if rest.startswith("feed/"):
            position = self._position.get(rest.removeprefix("feed/"))
            if position is None or position >= self._seen(request.day):
                return self._problem(404, "Not Found")
            return self._page(request, position)
        if rest.startswith("feedentry/"):
            return self._entry(rest.removeprefix("feedentry/"), request.day)
        return self._problem(404, "Endpoint not found")

    def _problem(self, status: int, title: str) -> Answer:
        return as_json(
            status,
            {
                "title": title,
                "status": status,
                "type": f"https://javalin.io/documentation#error-{status}",
                "details": {},
            },
        )

    def _seen(self, day: int) -> int:
        if self.market.date_of(day) in self.market.empty_job_feed_on:
            return 0
        return bisect_right(self._days, day)

    def _first_page(self, request: Request) -> Answer:
        count = self._seen(request.day)
        position = 0
        since = moment_of(request.headers.get(b"if-modified-since"))
        if since is not None:
            first = (since.date() - self.market.start).days - 1
            position = bisect_left(self._days, first)
            while position < count and self._items_in_order[position].at < since:
                position += 1
        if "last=true" in request.query.split("&"):
            position = max(0, count - 1)
        if position >= count:
            return Answer(304, ())
        return self._page(request, position)

    def _page(self, request: Request, position: int) -> Answer:
        end = min(position + PAGE_SIZE, self._seen(request.day))
        items = self._items_in_order[position:end]
        has_next = len(items) > 2
        last = items[-1]
        since = moment_of(request.headers.get(b"if-modified-since"))
        tag = f'"{last.id}"'.encode()
        if (
            since is not None
            and request.headers.get(b"if-none-match") == tag
            and last.at.replace(microsecond=0) < since
        ):
            return Answer(304, ((b"etag", tag),))
        if since is not None:
            items = [item for item in items if item.at >= since]
        feed_url = f"/api/v1/feed/{self._items_in_order[position].id}"
        content = {
            "version": "1.0",
            "title": "Stillingsfeeden fra arbeidsplassen.no",
            "home_page_url": "https://arbeidsplassen.nav.no",
            "feed_url": feed_url,
            "description": "Feed over stillinger som ikke finnes.",
            "next_url": f"/api/v1/feed/{last.id}" if has_next else None,
            "id": self._items_in_order[position].id,
            "next_id": last.id if has_next else None,
            "items": [self._listed(item, request.day) for item in items],
        }
        modified = http_date(last.at.date(), 23)
        return as_json(
            200,
            content,
            b"application/json",
            (b"etag", tag),
            (b"last-modified", modified),
        )

    def _listed(self, item: Item, day: int) -> dict[str, Any]:
        ad, name = item.ad, self._names[item.ad.key]
        is_masked = ad.is_masked and not item.is_active
        at = item.at.isoformat()
        return {
            "id": name,
            "url": f"/api/v1/feedentry/{name}",
            "title": "..." if is_masked else ad.title,
            "content_text": "Stillingsannonse",
            "date_modified": at,
            "_feed_entry": {
                "uuid": name,
                "status": "ACTIVE" if item.is_active else "INACTIVE",
                "title": "..." if is_masked else ad.title,
                "businessName": "" if is_masked else ad.employer,
                "municipal": ad.city,
                "sistEndret": at,
            },
        }

    def _entry(self, name: str, day: int) -> Answer:
        ad = self._ads.get(name)
        if ad is None or ad.opened > day:
            return self._problem(404, "Not Found")
        is_active = day < ad.closed
        changes = [item for item in self._items(name, ad) if item.day <= day]
        content: dict[str, Any] = {
            "uuid": name,
            "sistEndret": changes[-1].at.isoformat(),
            "status": "ACTIVE" if is_active else "INACTIVE",
            "ad_content": self._content(name, ad, changes) if is_active else None,
        }
        return as_json(200, content)

    def _description(self, ad: Ad) -> str:
        if ad.job is not None and ad.site is not None:
            intro, tasks, wanted = ad.site.job_text(ad.job)
        else:
            rng = stream(self.market.seed, "other text", ad.key)
            voice = Voice("nb", self.market.seed, ad.employer)
            intro = voice.paragraph(rng, 0.02, 3)
            tasks = [voice.sentence(rng, 0.02) for _ in range(3)]
            wanted = [voice.sentence(rng, 0.02)]
        listed = "".join(f"<li>{line}</li>" for line in (*tasks, *wanted))
        return f"<p>{intro}</p><ul>{listed}</ul>"

    def _content(self, name: str, ad: Ad, changes: list[Item]) -> dict[str, Any]:
        due = self.market.date_of(ad.opened + 28)
        return {
            "uuid": name,
            "published": changes[0].at.isoformat(),
            "expires": datetime.combine(
                due + timedelta(days=14), time(), _zone(due)
            ).isoformat(),
            "updated": changes[-1].at.isoformat(),
            "workLocations": [
                {
                    "country": "NORGE",
                    "address": "",
                    "city": ad.city,
                    "postalCode": ad.postal_code,
                    "county": "",
                    "municipal": ad.city,
                }
            ],
            "contactList": [],
            "title": ad.title,
            "description": self._description(ad),
            "sourceurl": "",
            "source": "Stillingsregistrering",
            "applicationUrl": "",
            "applicationDue": due.isoformat() if len(ad.key) % 3 else "Snarest",
            "occupationCategories": [{"level1": "Annet", "level2": "Annet"}],
            "categoryList": [
                {
                    "categoryType": "STYRK08",
                    "code": "2431",
                    "name": ad.title,
                    "description": "",
                    "score": 1.0,
                }
            ],
            "jobtitle": ad.title,
            "link": f"https://arbeidsplassen.nav.no/stillinger/stilling/{name}",
            "employer": {
                "name": ad.employer,
                "orgnr": ad.employer_number,
                "description": "",
                "homepage": ad.homepage,
            },
            "engagementtype": "Fast",
            "extent": "Heltid",
            "starttime": "Etter avtale",
            "positioncount": "1",
            "sector": "Privat",
        }
