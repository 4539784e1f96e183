"""The latest annual accounts of each Norwegian account, asked for every four weeks."""

from collections.abc import AsyncIterator

from scrapy.http import Request, Response

from scrapers.extract.organisation_numbers import is_organisation_number
from scrapers.families.json_api import JsonApiSpider

_BASE = "https://data.brreg.no/regnskapsregisteret/regnskap"
_JSON = {"Accept": "application/json"}
# Nothing filed and a plan that is not served are answers too, as long as they last.
_SETTLED = ("ok", "not_modified", "parse_empty")
_REVISIT_DAYS = 28


class BrregAccountsSpider(JsonApiSpider):
    """One address for each company; accounts come once a year."""

    name = "brreg_accounts"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the accounts of each company whose turn it is."""
        for account in self.context.accounts:
            number = account.org_number
            if number is None or account.country not in (None, "NO"):
                continue
            if is_organisation_number(number) and self._is_due(number):
                yield self.ask(
                    f"{_BASE}/{number}",
                    "accounts",
                    self._came,
                    account_id=account.account_id,
                    headers=_JSON,
                    # The register says with these that there is nothing to read.
                    empty_on=(404, 500),
                )

    def _is_due(self, number: str) -> bool:
        known = self.context.known.get(f"{_BASE}/{number}")
        if known is None or known.outcome not in _SETTLED:
            return True
        age = (self.context.day - known.fetched_on).days
        return (
            age >= _REVISIT_DAYS
            or (self.context.day.toordinal() + int(number[:8])) % _REVISIT_DAYS == 0
        )

    def _came(self, response: Response) -> None:
        """The visit is all there is to do."""
