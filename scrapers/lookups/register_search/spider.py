"""Ask Enhetsregisteret who an account is: by number, by home page, by name.

The register's name search drops punctuation, so a name is asked in the spellings it
may be kept under, one after another, until one is known. Which answer is the company
is not decided here.
"""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

from scrapy.http import Request, Response

from scrapers.account import Account
from scrapers.extract.company_names import search_spellings
from scrapers.families.json_api import JsonApiSpider
from scrapers.lookups.register_search.read import register_units

_BASE = "https://data.brreg.no/enhetsregisteret/api"
_MEDIA = "application/vnd.brreg.enhetsregisteret.{}.v2+json;charset=UTF-8"
_ENTITY = {"Accept": _MEDIA.format("enhet")}
_SUB_UNIT = {"Accept": _MEDIA.format("underenhet")}
_MOST_HITS = 50
_MOST_UNITS = 200


class RegisterSearchSpider(JsonApiSpider):
    """What the register knows of each account, with parent and sub-units."""

    name = "register_search"

    async def start(self) -> AsyncIterator[Request]:
        """By number where there is one; else by home page and name."""
        for account in self.context.accounts:
            if account.org_number is not None:
                yield self._by_number(account)
                continue
            for domain in account.domains:
                for host in dict.fromkeys(
                    (domain.removeprefix("www."), f"www.{domain.removeprefix('www.')}")
                ):
                    yield self._search(account, {"hjemmeside": host}, self._answered)
            spellings = search_spellings(account.name)
            if spellings:
                yield self._by_name(account, spellings)

    def _by_number(self, account: Account) -> Request:
        return self.ask(
            f"{_BASE}/enheter/{account.org_number}",
            "entity",
            self._entity,
            account_id=account.account_id,
            headers=_ENTITY,
            kwargs={"account": account},
        )

    def _by_name(self, account: Account, spellings: tuple[str, ...]) -> Request:
        return self._search(
            account,
            {"navn": spellings[0]},
            self._named,
            {"account": account, "spellings": spellings[1:]},
        )

    def _search(
        self,
        account: Account,
        asked: dict[str, str],
        callback: object,
        kwargs: dict[str, object] | None = None,
    ) -> Request:
        question = urlencode({**asked, "size": str(_MOST_HITS)})
        return self.ask(
            f"{_BASE}/enheter?{question}",
            "search",
            callback,  # type: ignore[arg-type]
            account_id=account.account_id,
            headers=_ENTITY,
            kwargs=kwargs,
        )

    def _named(
        self, response: Response, account: Account, spellings: tuple[str, ...]
    ) -> Iterator[Request]:
        is_known = response.status == 200 and register_units(response.body)
        if not is_known and spellings:
            yield self._by_name(account, spellings)

    def _entity(self, response: Response, account: Account) -> Iterator[Request]:
        if response.status == 404:
            # A sub-unit has a number of its own.
            yield self.ask(
                f"{_BASE}/underenheter/{account.org_number}",
                "entity",
                self._sub_unit,
                account_id=account.account_id,
                headers=_SUB_UNIT,
                kwargs={"account": account},
            )
        elif response.status == 200:
            question = urlencode(
                {"overordnetEnhet": str(account.org_number), "size": str(_MOST_UNITS)}
            )
            yield self.ask(
                f"{_BASE}/underenheter?{question}",
                "sub_units",
                self._answered,
                account_id=account.account_id,
                headers=_SUB_UNIT,
            )
            yield from self._parents(response, account)

    def _sub_unit(self, response: Response, account: Account) -> Iterator[Request]:
        if response.status == 200:
            yield from self._parents(response, account)

    def _parents(self, response: Response, account: Account) -> Iterator[Request]:
        for unit in register_units(response.body):
            if unit.parent_org_number is not None:
                yield self.ask(
                    f"{_BASE}/enheter/{unit.parent_org_number}",
                    "parent",
                    self._answered,
                    account_id=account.account_id,
                    headers=_ENTITY,
                )

    def _answered(self, response: Response) -> None:
        """The visit is all there is to do."""
