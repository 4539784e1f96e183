"""Content decoding that turns a bomb into an outcome.

Scrapy raises from `process_response` when a body grows past DOWNLOAD_MAXSIZE, and such
an exception reaches no other middleware: the visit would leave no row.
"""

import zlib
from typing import Any

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

TOO_LARGE = "too_large"
UNDECODABLE = "undecodable"


class DecodingMiddleware(HttpCompressionMiddleware):
    """HttpCompressionMiddleware whose refusals are flags on an empty response."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: Any = None
    ) -> Request | Response:
        """Decode the body; flag it too_large or undecodable and drop it otherwise."""
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            return _emptied(response, TOO_LARGE)
        except (zlib.error, OSError, EOFError, ValueError):
            return _emptied(response, UNDECODABLE)


def _emptied(response: Response, flag: str) -> Response:
    headers = response.headers.copy()
    headers.pop(b"Content-Encoding", None)
    return Response(
        response.url,
        status=response.status,
        headers=headers,
        flags=[*response.flags, flag],
        request=response.request,
    )
