"""Wait when a server asks us to: Retry-After of a 429 or 503, once, up to a minute."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from scrapers.middlewares.crawler import LandingCrawler

_LONGEST_SECONDS = 60.0


def seconds_to_wait(value: bytes | None, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for; None without one that can be read."""
    if not value:
        return None
    text = value.decode("latin-1").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class PatienceMiddleware:
    """Asks once more after the time the server named."""

    def __init__(self, crawler: Crawler) -> None:
        self._is_replay = cast(LandingCrawler, crawler).context.is_replay

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PatienceMiddleware":
        """For Scrapy."""
        return cls(crawler)

    async def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Sleep and ask again when the server asks for at most a minute."""
        if response.status not in (429, 503) or request.meta.get("waited"):
            return response
        wait = seconds_to_wait(response.headers.get(b"Retry-After"), datetime.now(UTC))
        if wait is None or wait > _LONGEST_SECONDS:
            return response
        if not self._is_replay:
            await asyncio.sleep(wait)
        return request.replace(
            meta={**request.meta, "waited": True, "attempts": 2}, dont_filter=True
        )
