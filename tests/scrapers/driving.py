"""Drive a spider over a made-up web without network or engine.

Answers, requests of callbacks and failures are played in an order of choice; what the
machinery does around a spider (one request per address, redirects) is kept as simple.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scrapy import Spider
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import HtmlResponse, Request, Response, TextResponse

from scrapers.account import Account
from scrapers.crawl_context import CrawlContext, KnownVisit
from scrapers.source import load_source

DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Answer:
    """What an address answers; a status of 0 is a time-out."""

    body: str | bytes = ""
    status: int = 200
    url: str | None = None
    flags: tuple[str, ...] = ()


Web = Callable[[Request], Answer]


def account(
    account_id: str = "a1",
    name: str = "Eksempel AS",
    domains: tuple[str, ...] = ("eksempel.example",),
    org_number: str | None = "999601391",
) -> Account:
    """A made-up account."""
    return Account(account_id, name, "NO", org_number, domains)


def known(
    url: str, scope: str, *, account_id: str | None = None, **other: Any
) -> KnownVisit:
    """A visit of the day before, answered unless told otherwise."""
    values = {
        "outcome": "ok",
        "payload_digest": "sha256:1",
        "fetched_on": date(2026, 3, 1),
        **other,
    }
    return KnownVisit(url=url, scope=scope, account_id=account_id, **values)


def context(
    source: str,
    *accounts: Account,
    visits: tuple[KnownVisit, ...] = (),
    archive: Mapping[str, bytes] | None = None,
    **other: Any,
) -> CrawlContext:
    """The context of a replayed crawl of the source."""
    values: dict[str, Any] = {
        "spec": load_source(source),
        "home": Path("unused"),
        "day": DAY,
        "is_replay": True,
        "secret": None,
        **other,
    }
    return CrawlContext(
        accounts=accounts,
        known={visit.url: visit for visit in visits},
        archived=lambda url, account_id=None: (archive or {}).get(url),
        **values,
    )


def pages(site: Mapping[str, str | Answer]) -> Web:
    """A web of HTML pages by address; what it does not have is not found."""

    def answer(request: Request) -> Answer:
        page = site.get(request.url)
        if page is None:
            return Answer("<p>Siden finnes ikke</p>", 404)
        return Answer(page) if isinstance(page, str) else page

    return answer


async def _started(spider: Spider) -> list[Request]:
    return [request async for request in spider.start()]


def drive(spider: Spider, web: Web, seed: int | None = None) -> list[Request]:
    """Ask everything the spider asks; the requests in the order they were made.

    Args:
        spider: to be driven from its start.
        web: gives the answers.
        seed: answers come in an order drawn with it; in order of asking without.
    """
    draw = random.Random(seed)
    waiting = asyncio.run(_started(spider))
    seen: set[tuple[Any, str, int]] = set()
    asked: list[Request] = []
    while waiting:
        at = draw.randrange(len(waiting)) if seed is not None else 0
        request = waiting.pop(at)
        key = (
            request.meta["account_id"],
            request.url,
            request.meta.get("again", 0),
        )
        if key in seen:
            continue
        seen.add(key)
        asked.append(request)
        assert len(asked) < 2000, "the spider does not end"
        waiting += _called_back(request, web(request))
    return asked


def _called_back(request: Request, answer: Answer) -> list[Request]:
    if answer.status == 0:
        error = DownloadTimeoutError(f"{request.url}: no answer in time")
        failure = SimpleNamespace(request=request, value=error)
        assert request.errback is not None
        return list(request.errback(failure) or ())
    assert request.callback is not None
    return list(request.callback(_response(request, answer), **request.cb_kwargs) or ())


def _response(request: Request, answer: Answer) -> Response:
    body = answer.body
    kind: type[Response] = TextResponse
    if isinstance(body, bytes):
        kind = Response
    elif "<" in body:
        kind = HtmlResponse
    return kind(
        answer.url or request.url,
        status=answer.status,
        body=body if isinstance(body, bytes) else body.encode(),
        request=request,
        flags=list(answer.flags),
        **({} if kind is Response else {"encoding": "utf-8"}),
    )


def scopes(asked: list[Request]) -> dict[str, str]:
    """The scope of each address asked for."""
    return {request.url: request.meta["scope"] for request in asked}
