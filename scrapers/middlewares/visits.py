"""One visits row for every attempt, whatever becomes of it.

The outermost downloader middleware: it sees a request first and its end last. It
refuses addresses on the private side (also after a redirect), asks conditionally,
answers from the archive what has landed today already, and lands everything else. What
a browser asks for to show a page (`is_part`) belongs to the visit of that page.
"""

import errno
import logging
from typing import cast
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from service_identity import VerificationError
from twisted.internet.error import ConnectError, NoRouteError

from scrapers.account import is_on_any
from scrapers.addresses import RefusedAddress, refused_host, refused_port
from scrapers.classify import classify
from scrapers.crawl_context import NETWORK_GONE, CrawlStopped
from scrapers.header_limit import HeadersTooLarge, reasons_of
from scrapers.landing import Capture
from scrapers.middlewares.crawler import LandingCrawler
from scrapers.middlewares.decoding import TOO_LARGE, UNDECODABLE
from scrapers.middlewares.network import Network
from scrapers.middlewares.patience import HostWaits
from scrapers.middlewares.redirects import LOOP
from scrapers.middlewares.reservations import RESERVED
from scrapers.middlewares.robots import OptedOut, RobotsDenied, RobotsUnreachable
from scrapers.visit import ANSWERED, Visit

NOT_MODIFIED = "not_modified"
LANDED = "landed"
_LOG = logging.getLogger(__name__)
_BLOCKED = frozenset((401, 403, 429, 451))
# Attempts of today that brought not one byte, and those that reached a machine.
_NO_ANSWER = frozenset(("dns_error", "timeout", "http_error"))
_REACHED = frozenset(("http_error", "truncated", "too_large", "tls_error"))
_NO_WAY = frozenset((errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH))
# How an answer was flagged, and what an attempt failed with, so that a resumed crawl
# goes on as the first would have.
_FLAGS = {
    NOT_MODIFIED: (NOT_MODIFIED,),
    "too_large": (TOO_LARGE,),
    "truncated": (UNDECODABLE,),
}
_FAILURES: dict[str, type[Exception]] = {
    "refused_address": RefusedAddress,
    "robots_denied": RobotsDenied,
    "opted_out": OptedOut,
    "blocked": HostWaits,
    "timeout": DownloadTimeoutError,
    "dns_error": CannotResolveHostError,
    "too_large": DownloadCancelledError,
    "truncated": ResponseDataLossError,
}


def outcome_of(status: int, body: bytes, content_type: str | None, url: str) -> str:
    """The outcome of an answer with a whole body (never not_modified)."""
    is_html = content_type is None or "html" in content_type
    if 200 <= status < 300:
        return (classify(body, content_type, url) if is_html else None) or "ok"
    # A challenge often comes as 403 or 503.
    if is_html and classify(body, content_type, url) == "challenge":
        return "challenge"
    return "blocked" if status in _BLOCKED else "http_error"


def outcome_of_failure(error: Exception) -> str:
    """The outcome of an attempt without an answer."""
    if isinstance(error, RefusedAddress | UnsupportedURLSchemeError):
        return "refused_address"
    if isinstance(error, OptedOut):
        return "opted_out"
    if isinstance(error, RobotsDenied):
        return "robots_denied"
    if isinstance(error, HostWaits):
        return "blocked"
    if isinstance(error, RobotsUnreachable):
        return outcome_of_failure(error.cause)
    if isinstance(error, DownloadTimeoutError):
        return "timeout"
    if isinstance(error, CannotResolveHostError):
        return "dns_error"
    if isinstance(error, DownloadCancelledError):
        return "too_large"
    if isinstance(error, ResponseDataLossError):
        return "truncated"
    reasons = reasons_of(error)
    if any(isinstance(reason, HeadersTooLarge) for reason in reasons):
        return "too_large"
    if any(isinstance(reason, SSL.Error | VerificationError) for reason in reasons):
        return "tls_error"
    return "http_error"


class VisitsMiddleware:
    """Lands every attempt of a crawl."""

    def __init__(self, crawler: Crawler) -> None:
        owner = cast(LandingCrawler, crawler)
        self._owner = owner
        self._landing = owner.landing
        self._is_market_wide = bool(owner.context.spec.hosts)
        self._account_of_host: dict[str, str | None] = {}
        self._opted_out = owner.context.opted_out
        # A source may have been stopped by these (no token, a refused key); what a
        # company's site answered counts for the day.
        self._to_ask_again = {
            (visit.account_id, visit.url)
            for visit in (self._landing.visits if self._is_market_wide else ())
            if _may_pass(visit.http_status)
        }
        self._asked_again: set[tuple[str | None, str]] = set()
        # A recorded web is the machine's own: it ends, it is not cut off.
        self._network: Network | None = None
        if not owner.context.is_replay:
            self._network = Network(
                urlsplit(known.url).hostname or ""
                for known in self._landing.known.values()
                if known.outcome in ANSWERED
            )
            # Where the network was gone for a while nobody was asked in truth.
            self._to_ask_again |= {
                (visit.account_id, visit.url)
                for visit in self._landing.visits
                if visit.http_status is None and visit.outcome in _NO_ANSWER
            }

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "VisitsMiddleware":
        """For Scrapy."""
        return cls(crawler)

    def _key(self, request: Request) -> tuple[str | None, str]:
        chain = request.meta.get("redirect_urls")
        return request.meta.get("account_id"), chain[0] if chain else request.url

    def process_request(self, request: Request) -> Response | None:
        """Name robots.txt requests, guard, answer from today's archive, or condition.

        Raises:
            RefusedAddress: for an address that must not be fetched.
            OptedOut: for one on a domain that opted out, also after a redirect.
            The failure of an attempt of today, when the crawl was resumed.
        """
        meta = request.meta
        parts = urlsplit(request.url)
        if "scope" not in meta:
            # Only robots.txt is asked by a middleware and not by a spider.
            meta["scope"] = "robots"
            meta["account_id"] = self._account_of_host.get(parts.netloc)
        elif not self._is_market_wide:
            self._account_of_host.setdefault(parts.netloc, meta.get("account_id"))
        is_first_hop = not meta.get("redirect_urls")
        is_part = bool(meta.get("is_part"))
        if is_first_hop and not meta.get("again") and not is_part:
            key = self._key(request)
            visit = self._landing.visits.get(key)
            if key in self._to_ask_again:
                self._to_ask_again.discard(key)
                self._asked_again.add(key)
            elif visit is not None:
                return self._from_today(visit, request)
        if parts.scheme not in ("http", "https"):
            raise RefusedAddress(f"{request.url}: neither http nor https")
        reason = refused_host(parts.hostname or "") or refused_port(parts.netloc)
        if reason is not None:
            raise RefusedAddress(f"{request.url}: {reason}")
        if is_on_any(parts.hostname or "", self._opted_out):
            raise OptedOut(f"{request.url}: its domain has opted out")
        if self._landing.suppressed.is_about(request.url):
            # No row: the address itself would be the name.
            raise OptedOut("the address names a person who was erased")
        if is_first_hop and not meta.get("unconditional") and not is_part:
            self._condition(request)
        return None

    def _condition(self, request: Request) -> None:
        known = self._landing.known.get(self._key(request))
        if known is None or known.payload_digest is None or known.is_redirected:
            return
        if known.etag:
            request.headers.setdefault(b"If-None-Match", known.etag)
        if known.last_modified:
            request.headers.setdefault(b"If-Modified-Since", known.last_modified)

    def _from_today(self, visit: Visit, request: Request) -> Response:
        # Judged once is enough: nothing asks, waits or follows again.
        request.meta.update(
            dont_retry=True, dont_redirect=True, waited=True, is_from_today=True
        )
        if visit.http_status is None:
            failure = _FAILURES.get(visit.outcome, DownloadFailedError)
            raise failure(f"{visit.url}: {visit.outcome} earlier today")
        body = b""
        headers = Headers()
        url = request.url
        if visit.outcome == NOT_MODIFIED:
            body = self._landing.body_before(visit.account_id, visit.url) or b""
        record = self._landing.landed(visit)
        if record is not None:
            headers = Headers(record.http_headers)
            headers.pop(b"Content-Encoding", None)
            url = record.warc_headers.get("WARC-Target-URI", url)
            if record.warc_type == "response":
                body = record.payload
            elif not body:
                body = self._landing.body_before(visit.account_id, visit.url) or b""
        status = 200 if visit.outcome == NOT_MODIFIED else visit.http_status
        flags = [LANDED, *_FLAGS.get(visit.outcome, ())]
        return _response(url, status, headers, body, flags, request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Land an answer; hand over the earlier body of one that was not modified."""
        if LANDED in response.flags:
            return response
        if self._network is not None:
            self._network.answered(urlsplit(response.url).hostname or "")
        if request.meta.get("is_part"):
            return response
        account_id, asked = self._key(request)
        known = self._landing.known.get((account_id, asked))
        chain = tuple(request.meta.get("redirect_urls", ()))
        content_type = _text(response.headers.get(b"Content-Type"))
        headers = _pairs(response.headers)
        body: bytes | None = response.body
        is_truncated = "dataloss" in response.flags
        earlier: bytes | None = None
        if response.status == 304 and known is not None:
            earlier = self._landing.body_before(account_id, asked)
        if TOO_LARGE in response.flags:
            outcome, body = "too_large", None
        elif RESERVED in response.flags:
            # What was cut off is what we may not read.
            outcome, is_truncated, earlier = "opted_out", True, None
        elif UNDECODABLE in response.flags or is_truncated:
            outcome, is_truncated = "truncated", True
        elif LOOP in response.flags:
            outcome = "redirect_loop"
        elif earlier is not None:
            outcome, body = NOT_MODIFIED, None
        else:
            outcome = outcome_of(
                response.status, response.body, content_type, response.url
            )
            # A source may know that a status is its way of saying that there is none.
            if outcome == "http_error" and response.status in request.meta.get(
                "empty_on", ()
            ):
                outcome = "parse_empty"
        self._land(
            Capture(
                account_id=account_id,
                scope=request.meta["scope"],
                url=asked,
                outcome=outcome,
                http_status=response.status,
                headers=headers,
                body=body,
                final_url=response.url,
                redirect_chain=chain,
                truncated=is_truncated,
                attempts=_attempts(request),
            ),
            is_asked_again=bool(request.meta.get("again")),
        )
        if earlier is None or known is None:
            return response
        if known.content_type:
            response.headers[b"Content-Type"] = known.content_type
        return _response(
            response.url, 200, response.headers, earlier, [NOT_MODIFIED], request
        )

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Land an attempt that had no answer; the error goes on to the spider."""
        cause = getattr(exception, "cause", exception)
        if isinstance(cause, CrawlStopped):
            self._owner.stop_for(str(cause))
            return
        account_id, asked = self._key(request)
        if request.meta.get("is_part") or self._landing.suppressed.is_about(asked):
            return
        outcome = outcome_of_failure(exception)
        if outcome == "http_error":
            _LOG.info("%s: %s: %s", asked, type(exception).__name__, exception)
        self._mind_the_network(request, exception, outcome)
        chain = list(request.meta.get("redirect_urls", ()))
        if chain and outcome in ("refused_address", "opted_out"):
            chain.append(request.url)
        self._land(
            Capture(
                account_id=account_id,
                scope=request.meta["scope"],
                url=asked,
                outcome=outcome,
                final_url=request.url,
                redirect_chain=tuple(chain),
                truncated=outcome == "truncated",
                attempts=_attempts(request),
            )
        )

    def _mind_the_network(
        self, request: Request, error: Exception, outcome: str
    ) -> None:
        """Stop when it is the network that is gone; the day is gone on with later."""
        if self._network is None or request.meta.get("is_from_today"):
            return
        host = urlsplit(request.url).hostname or ""
        if outcome in _REACHED and not _is_unreached(error):
            self._network.answered(host)
        elif _is_unreached(error):
            self._network.failed(host)
        if self._network.is_gone:
            hosts = self._network.silent
            self._owner.stop_for(
                f"{NETWORK_GONE}: {len(hosts)} hosts that have answered before say "
                f"nothing, one after the other ({', '.join(hosts[:3])}; the last ended "
                f"in {outcome}); nothing is told of anybody, and the same run started "
                "again goes on where it stopped"
            )

    def _land(self, capture: Capture, *, is_asked_again: bool = False) -> None:
        # What is asked twice a day has one row, the first: a token, a resumed attempt.
        # A refusal gives way to what a new token was answered.
        key = (capture.account_id, capture.url)
        held = self._landing.visits.get(key)
        if key in self._asked_again:
            self._asked_again.discard(key)
            self._landing.land(capture, is_again=True)
        elif held is None:
            self._landing.land(capture)
        elif is_asked_again and held.http_status == 401:
            self._landing.land(capture, is_again=True)


def _is_unreached(error: Exception) -> bool:
    """True when not even the machine that was asked was there to refuse."""
    cause = error.cause if isinstance(error, RobotsUnreachable) else error
    if isinstance(cause, DownloadTimeoutError | CannotResolveHostError | NoRouteError):
        return True
    return isinstance(cause, ConnectError) and cause.osError in _NO_WAY


def _may_pass(status: int | None) -> bool:
    """True for an answer, or none, that may be another one in an hour."""
    return status is None or status in (401, 403, 429) or status >= 500


def _attempts(request: Request) -> int:
    return int(request.meta.get("retry_times", 0)) + int(
        request.meta.get("attempts", 1)
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    # The body is archived decoded, so its coding and length are not said again.
    dropped = (b"content-encoding", b"content-length", b"transfer-encoding")
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        if name.lower() not in dropped
        for value in (values if isinstance(values, list) else [values])
    )


def _response(
    url: str,
    status: int,
    headers: Headers,
    body: bytes,
    flags: list[str],
    request: Request,
) -> Response:
    kind = responsetypes.from_args(headers=headers, url=url, body=body)
    return kind(
        url, status=status, headers=headers, body=body, flags=flags, request=request
    )
