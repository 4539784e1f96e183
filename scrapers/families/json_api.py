"""The base of spiders that ask APIs for JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from scrapy import Spider
from scrapy.http import Request, Response

from scrapers.crawl_context import CrawlContext


class JsonApiSpider(Spider):
    """Builds requests of a scope and reads answers that may be anything."""

    name = "json_api"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context

    def ask(
        self,
        url: str,
        scope: str,
        callback: Callable[..., Any],
        *,
        errback: Callable[..., Any] | None = None,
        account_id: str | None = None,
        headers: dict[str, str] | None = None,
        kwargs: dict[str, Any] | None = None,
        payload: dict[str, Any] | None = None,
        **meta: Any,
    ) -> Request:
        """A request for one address; `meta` may hold unconditional, again, empty_on.

        ``empty_on`` names the statuses with which the source says that it has nothing.

        With ``payload`` it is a POST of that JSON object. What was asked becomes the
        fragment of the address: it tells the visits of two questions apart, and is
        never sent.
        """
        if payload is not None:
            body = json.dumps(payload, sort_keys=True, separators=(",", ":"))
            url = f"{url}#{quote(body, safe='')}"
            headers = {"Content-Type": "application/json", **(headers or {})}
        return Request(
            url,
            method="GET" if payload is None else "POST",
            body=None if payload is None else body.encode(),
            callback=callback,
            errback=errback or self.unreached,
            headers=headers,
            cb_kwargs=kwargs,
            meta={"scope": scope, "account_id": account_id, **meta},
        )

    def unreached(self, failure: Any) -> None:
        """Say that an address was not reached; its visit row tells the outcome."""
        self.logger.warning(
            "%s was not reached: %s", failure.request.url, failure.value
        )

    def read(self, response: Response) -> dict[str, Any] | None:
        """The JSON object of an answer; None when it is none or was refused."""
        if response.status != 200 or not response.body.strip():
            return None
        try:
            # Some publishers send control characters inside strings.
            document = json.loads(response.body, strict=False)
        except (ValueError, RecursionError):
            self.logger.warning("%s: the answer is not JSON", response.url)
            return None
        return document if isinstance(document, dict) else None


def count_of(answer: Mapping[str, Any], key: str, otherwise: int = 0) -> int:
    """A number of an answer; `otherwise` where it is missing or something else."""
    value = answer.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return otherwise
