"""What a publisher reserves is not mined: TDMRep by file, header and page.

`/.well-known/tdmrep.json` is asked for once a week and origin, before the first page;
an address it reserves is never asked for. A page that reserves itself by a header or a
meta element is cut off where it says so: nothing behind that is kept, read or followed.
Sources that list their hosts are let pass: theirs are APIs under a licence that
source.yml names.
"""

import asyncio
import logging
from datetime import timedelta
from typing import cast

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from scrapers.crawl_context import CrawlStopped
from scrapers.middlewares.crawler import LandingCrawler
from scrapers.middlewares.robots import OptedOut, origin_of
from scrapers.reservations import (
    HEADER,
    RULES_PATH,
    Rule,
    reservation_end,
    reserved_by,
    reserved_in_headers,
    tdm_rules,
)
from scrapers.visit import ANSWERED, RULE_SCOPES

RESERVED = "reserved"
_LOG = logging.getLogger(__name__)
_MAX_BYTES = 512_000
_ASKED_AGAIN_AFTER = timedelta(days=7)


class ReservationsMiddleware:
    """Refuses what is reserved, and flags what turns out to be."""

    def __init__(self, crawler: Crawler) -> None:
        owner = cast(LandingCrawler, crawler)
        self._owner = owner
        self._is_on = not owner.context.spec.hosts
        self._rules: dict[str, asyncio.Task[tuple[Rule, ...]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ReservationsMiddleware":
        """For Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse an address the site's rules reserve.

        Raises:
            OptedOut.
        """
        if not self._is_on or request.meta["scope"] in RULE_SCOPES:
            return
        origin = origin_of(request.url)
        task = self._rules.get(origin)
        if task is None:
            asked = self._asked(origin, request.meta.get("account_id"))
            task = self._rules[origin] = asyncio.ensure_future(asked)
        rules = task.result() if task.done() else await asyncio.shield(task)
        if rules and reserved_by(rules, request.url):
            raise OptedOut(f"{request.url}: {RULES_PATH} reserves it")

    async def _asked(self, origin: str, account_id: str | None) -> tuple[Rule, ...]:
        """The rules of an origin: known from this week, else asked for."""
        url = f"{origin}{RULES_PATH}"
        landing = self._owner.landing
        known = landing.known_rules.get(url)
        earlier = None
        if known is not None and known.payload_digest is not None:
            earlier = landing.body_before(known.account_id, url)
        if known is not None and (
            landing.day - known.visited_at.date() < _ASKED_AGAIN_AFTER
            and (known.outcome in ANSWERED or known.n_gone)
        ):
            return tdm_rules(earlier or b"") if not known.n_gone else ()
        question = Request(
            url,
            priority=900,
            meta={"scope": "reservation", "account_id": account_id},
            callback=NO_CALLBACK,
        )
        engine = self._owner.engine
        assert engine is not None
        try:
            answer = await engine.download_async(question)
        except CrawlStopped:
            raise
        except Exception as fault:  # noqa: BLE001 - its visit row tells the outcome
            _LOG.debug("%s: %s", url, fault)
            return tdm_rules(earlier or b"")
        if 200 <= answer.status < 300:
            return tdm_rules(answer.body[:_MAX_BYTES])
        # What was reserved stays so while the site cannot say otherwise.
        return () if 400 <= answer.status < 500 else tdm_rules(earlier or b"")

    def process_response(self, request: Request, response: Response) -> Response:
        """Cut a page off where it reserves itself."""
        if not self._is_on or request.meta["scope"] in RULE_SCOPES:
            return response
        values = response.headers.getlist(HEADER)
        if values and reserved_in_headers(v.decode("latin-1") for v in values):
            return _cut(response, 0)
        end = reservation_end(response.body)
        return response if end is None else _cut(response, end)


def _cut(response: Response, end: int) -> Response:
    return response.replace(
        body=response.body[:end], flags=[*response.flags, RESERVED]
    )  # fmt: skip
