"""Redirects that end in an answer, not in an exception, and take no key along.

Scrapy raises when there are too many, from a place where no other middleware hears of
it: the visit would leave no row. It takes cookies and Authorization off a request that
leads elsewhere, but no key of a service in a header of its own.
"""

from typing import Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

LOOP = "redirect_loop"
# What is said to anybody; all else is said to the service that was asked.
_SAID_TO_ALL = frozenset(
    (b"Accept", b"Accept-Encoding", b"Accept-Language", b"Content-Type", b"User-Agent")
)
_PORTS = {"http": 80, "https": 443}


class RedirectsMiddleware(RedirectMiddleware):
    """RedirectMiddleware that hands on the last redirect of too many."""

    def process_response(
        self, request: Request, response: Response, spider: Any = None
    ) -> Request | Response:
        """The next request, or the answer when there is none to be made."""
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            return response.replace(flags=[*response.flags, LOOP])
        except ValueError:
            # A Location that is no address.
            return response

    def _build_redirect_request(
        self, source_request: Request, response: Response, *, url: str, **kwargs: Any
    ) -> Request:
        made = super()._build_redirect_request(
            source_request, response, url=url, **kwargs
        )
        if _origin(made.url) != _origin(source_request.url):
            for name in set(made.headers) - _SAID_TO_ALL:
                del made.headers[name]
        return made


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
