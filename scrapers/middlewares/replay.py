"""The way out of the crawler while a web is replayed.

Below every middleware: the request goes to the proxy as plain http with the day in a
header, the answer comes back as if from the address as asked. What the web would have
done (no such host, a time-out) the proxy says in a header.
"""

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Request, Response
from twisted.internet.error import ConnectError

from scrapers.crawl_context import CrawlStopped
from scrapers.header_limit import HeadersTooLarge, reasons_of

DAY_HEADER = b"Lyttepost-Replay-Day"
ERROR_HEADER = b"Lyttepost-Replay-Error"
# How it ends when the proxy dies: refused, torn before the body, or reset while the
# connection stood in line to be accepted, which Scrapy hands on as Twisted says it.
_GONE = (DownloadConnectionRefusedError, DownloadFailedError, ConnectError)


class ReplayHandler(HTTP11DownloadHandler):
    """HTTP/1.1 through the replay proxy, whatever the scheme asked for."""

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._proxy = crawler.settings["REPLAY_PROXY"]
        self._day = crawler.settings["REPLAY_DAY"]

    async def download_request(self, request: Request) -> Response:
        """Ask the proxy.

        Raises:
            CannotResolveHostError, DownloadTimeoutError, DownloadFailedError: what the
                proxy says the web would have done.
            CrawlStopped: the proxy itself is gone, which says nothing of the web.
        """
        asked = request.url
        # A request is dear to copy, and nobody reads these but the handler.
        request.headers[DAY_HEADER] = self._day
        request.meta["proxy"] = self._proxy
        is_secure = asked.startswith("https:")
        wired = request.replace(url=f"http:{asked[6:]}") if is_secure else request
        try:
            answer = await super().download_request(wired)
        except _GONE as fault:
            if any(isinstance(r, HeadersTooLarge) for r in reasons_of(fault)):
                raise
            raise CrawlStopped(
                f"the replay proxy {self._proxy} did not answer: {fault}"
            ) from fault
        error = answer.headers.get(ERROR_HEADER)
        if error == b"dns_error":
            raise CannotResolveHostError(f"{asked}: there is no such host")
        if error == b"timeout":
            raise DownloadTimeoutError(f"{asked}: no answer in time")
        if error is not None:
            raise DownloadFailedError(f"{asked}: {error.decode('ascii', 'replace')}")
        return answer.replace(url=asked) if is_secure else answer
