"""A limit to the headers of one answer, which Twisted has for a line but not for all.

Installed once, before the first request; bodies have their own limit in Scrapy.
"""

from scrapy.core.downloader.handlers import http11

MAX_HEADER_BYTES = 256_000


class HeadersTooLarge(ValueError):
    """Headers that do not end where those of an honest server have ended long ago."""


class LimitedParser(http11._LenientHTTPClientParser):
    """Scrapy's reader of answers, which gives up on headers without an end."""

    _n_header_bytes = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """One line of the head of an answer."""
        self._n_header_bytes += len(line)
        if self._n_header_bytes > MAX_HEADER_BYTES:
            raise HeadersTooLarge(f"more than {MAX_HEADER_BYTES} bytes of headers")
        super().lineReceived(line)


def reasons_of(error: BaseException) -> list[BaseException]:
    """Why a connection failed, which Scrapy hides two layers down."""
    reasons = getattr(error.__cause__, "reasons", None) or ()
    return [reason.value for reason in reasons]


def install_header_limit() -> None:
    """Let Scrapy's HTTP/1.1 client read answers with the limit.

    It has no setting for the class of its parser.
    """
    http11._LenientHTTPClientParser = LimitedParser  # type: ignore[misc]
