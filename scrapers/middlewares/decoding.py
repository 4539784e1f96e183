"""Content decoding that turns a bomb and a torn body into an outcome.

Scrapy raises from `process_response` when a body grows past DOWNLOAD_MAXSIZE, and such
an exception reaches no other middleware: the visit would leave no row. A gzip stream
that ends early it hands on as if it were the whole page.
"""

import logging
import zlib
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

_LOG = logging.getLogger(__name__)

TOO_LARGE = "too_large"
UNDECODABLE = "undecodable"
# Codings whose end can be told from a tear.
_ACCEPTED = b"gzip, deflate"
_WINDOWS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
_STEP = 1 << 18


class _TooLarge(Exception):
    """A body that decodes to more than is let in."""


class _Torn(Exception):
    """A body that ends before its end; holds what could be decoded."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"{len(body)} bytes could be decoded")
        self.body = body


class DecodingMiddleware(HttpCompressionMiddleware):
    """HttpCompressionMiddleware whose refusals are flags on a response."""

    def process_request(self, request: Request, spider: Any = None) -> None:
        """Ask for the codings that are decoded here."""
        request.headers.setdefault(b"Accept-Encoding", _ACCEPTED)

    def process_response(
        self, request: Request, response: Response, spider: Any = None
    ) -> Request | Response:
        """Decode the body; flag it too_large, or undecodable with what was got."""
        if b"Content-Encoding" not in response.headers:
            return response
        try:
            return super().process_response(request, response)
        except (IgnoreRequest, _TooLarge):
            return _flagged(response, TOO_LARGE, b"")
        except _Torn as torn:
            return _flagged(response, UNDECODABLE, torn.body)
        except Exception as fault:  # noqa: BLE001 - its visit row tells the outcome
            # Each decoder has an error of its own, and none may cost the visit its row.
            _LOG.info("%s: %s: %s", response.url, type(fault).__name__, fault)
            return _flagged(response, UNDECODABLE, b"")

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        window = _WINDOWS.get(encoding)
        if window is None:
            decoded = HttpCompressionMiddleware._decode(body, encoding, max_size)
            if encoding == b"br" and not _is_whole_brotli(body):
                raise _Torn(decoded)
            return decoded
        if encoding == b"deflate" and not _has_zlib_header(body):
            # Some servers send the bare stream.
            window = -15
        return inflated(body, window, max_size)


def _is_whole_brotli(body: bytes) -> bool:
    """True when a stream that Scrapy could decode has its end."""
    if find_spec("brotli") is None:
        return True  # Scrapy leaves it as it came
    decoder = import_module("brotli").Decompressor()
    decoder.process(body)
    return bool(decoder.is_finished())


def _has_zlib_header(body: bytes) -> bool:
    """RFC 1950: method 8, and the first two bytes a multiple of 31."""
    return (
        len(body) > 1
        and body[0] & 15 == 8
        and int.from_bytes(body[:2], "big") % 31 == 0
    )


def inflated(body: bytes, window: int, limit: int) -> bytes:
    """The decoded stream, all members of it.

    Args:
        body: as it came over the wire; empty for an answer without a body.
        window: zlib's wbits.
        limit: bytes the result may have.

    Raises:
        _TooLarge: when it would have more.
        _Torn: when the stream ends before its end.
    """
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(window)
        while body and not stream.eof:
            part = stream.decompress(body, _STEP)
            size += len(part)
            if size > limit:
                raise _TooLarge
            parts.append(part)
            body = stream.unconsumed_tail
        if not stream.eof:
            raise _Torn(b"".join(parts))
        # Bytes behind the last member are padding.
        rest = stream.unused_data
        body = rest if window == 31 and rest.startswith(b"\x1f\x8b") else b""
    return b"".join(parts)


def _flagged(response: Response, flag: str, body: bytes) -> Response:
    headers = Headers(response.headers)
    headers.pop(b"Content-Encoding", None)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    return kind(
        response.url,
        status=response.status,
        headers=headers,
        body=body,
        flags=[*response.flags, flag],
        request=response.request,
    )
