"""Entities and roles of Enhetsregisteret, for the organisation numbers on the list."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from scrapers.families.json_api import JsonApiSpider

_BASE = "https://data.brreg.no/enhetsregisteret/api"
# The media type pins the shape: 406 when the version goes away.
_ENTITY = {
    "Accept": "application/vnd.brreg.enhetsregisteret.enhet.v2+json;charset=UTF-8"
}
_SUB_ENTITY = {
    "Accept": "application/vnd.brreg.enhetsregisteret.underenhet.v2+json;charset=UTF-8"
}
_ROLES = {"Accept": "application/json"}


class BrregRegistrySpider(JsonApiSpider):
    """One entity and one list of roles per account and day."""

    name = "brreg_registry"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the entity of each account that has an organisation number."""
        for account in self.context.accounts:
            if account.org_number is not None:
                yield self.ask(
                    f"{_BASE}/enheter/{account.org_number}",
                    "entity",
                    self._entity,
                    account_id=account.account_id,
                    headers=_ENTITY,
                )

    def _entity(self, response: Response) -> Iterator[Request]:
        assert response.request is not None
        account_id = response.request.meta["account_id"]
        number = urlsplit(response.request.url).path.rsplit("/", 1)[-1]
        if response.status == 404:
            # A sub-unit has a number of its own and no roles.
            yield self.ask(
                f"{_BASE}/underenheter/{number}",
                "entity",
                self._sub_entity,
                account_id=account_id,
                headers=_SUB_ENTITY,
            )
        elif response.status != 410:
            # 410: taken out of open data, so there is nothing to ask for.
            yield self.ask(
                f"{_BASE}/enheter/{number}/roller",
                "roles",
                self._roles,
                account_id=account_id,
                headers=_ROLES,
            )

    def _sub_entity(self, response: Response) -> None:
        """The visit is all there is to do."""

    def _roles(self, response: Response) -> None:
        """The visit is all there is to do; 404 means no roles."""
