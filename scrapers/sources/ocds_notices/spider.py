"""Releases of OCDS publishers: the packages an account's places lead to."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urljoin, urlsplit

from scrapy.http import Request, Response

from scrapers.families.json_api import JsonApiSpider

_MAX_PAGES = 200


class OcdsNoticesSpider(JsonApiSpider):
    """Reads each package and follows its pages; a publisher of many is read once."""

    name = "ocds_notices"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first page of every publisher, for the first account it is of."""
        asked: set[str] = set()
        for account in self.context.accounts:
            for address in account.addresses(self.name):
                if address not in asked:
                    asked.add(address)
                    yield self._package(address, account.account_id, ())

    def _package(self, url: str, account_id: str, before: tuple[str, ...]) -> Request:
        return self.ask(
            url,
            "package",
            self._found,
            account_id=account_id,
            kwargs={"account_id": account_id, "before": (*before, url)},
        )

    def _found(
        self, response: Response, account_id: str, before: tuple[str, ...]
    ) -> Iterator[Request]:
        answer = self.read(response)
        if answer is None:
            self.logger.error(
                "%s: status %d where a package was due", before[-1], response.status
            )
            return
        links = answer.get("links")
        following = links.get("next") if isinstance(links, dict) else None
        if not isinstance(following, str) or not following.strip():
            return
        url = urljoin(response.url, following.strip())
        if urlsplit(url).hostname != urlsplit(before[0]).hostname:
            self.logger.error("%s: its next page is elsewhere: %s", before[-1], url)
        elif url in before:
            self.logger.error("%s: its next page was read before: %s", before[-1], url)
        elif len(before) >= _MAX_PAGES:
            self.logger.error(
                "%s: %d pages were read and there are more", before[0], _MAX_PAGES
            )
        else:
            yield self._package(url, account_id, before)
