"""Redirects that end in an answer, not in an exception.

Scrapy raises when there are too many, from a place where no other middleware hears of
it: the visit would leave no row.
"""

from typing import Any

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

LOOP = "redirect_loop"


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
