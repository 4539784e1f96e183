"""Announcements by company: its list every third day, and the ones that say more.

Never the search of a day: what is asked for is one company on the list at a time.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from scrapy.http import Request, Response

from scrapers.account import Account
from scrapers.envelope import Envelope
from scrapers.extract.organisation_numbers import is_organisation_number
from scrapers.extract.refusal import ParseRefused
from scrapers.families.json_api import JsonApiSpider
from scrapers.sources.brreg_announcements.kinds import DETAILED
from scrapers.sources.brreg_announcements.parse import listed

_BASE = "https://w2.brreg.no/kunngjoring"
_HTML = {"Accept": "text/html"}
_ANSWERED = ("ok", "not_modified")
_REVISIT_DAYS = 3
# What is older says nothing of a buyer of today, and many companies go far back.
_DETAIL_DAYS = 400
_MAX_DETAILS = 20


class BrregAnnouncementsSpider(JsonApiSpider):
    """A list for each company whose turn it is, then what is new in it."""

    name = "brreg_announcements"

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the list of each Norwegian company whose turn it is."""
        for account in self.context.accounts:
            number = account.org_number
            if number is None or account.country not in (None, "NO"):
                continue
            if is_organisation_number(number) and self._is_due(number):
                yield self._ask_list(account, number)

    def _is_due(self, number: str) -> bool:
        known = self.context.known.get(_list_url(number))
        if known is None or known.outcome not in _ANSWERED:
            return True
        age = (self.context.day - known.fetched_on).days
        return (
            age >= _REVISIT_DAYS
            or (self.context.day.toordinal() + int(number[:8])) % _REVISIT_DAYS == 0
        )

    def _ask_list(self, account: Account, number: str) -> Request:
        return self.ask(
            _list_url(number),
            "list",
            self._list_came,
            account_id=account.account_id,
            headers=_HTML,
            kwargs={"number": number, "account_id": account.account_id},
        )

    def _list_came(
        self, response: Response, number: str, account_id: str
    ) -> Iterator[Request]:
        if response.status != 200:
            return
        kind = response.headers.get(b"Content-Type") or b""
        envelope = Envelope(
            self.name, response.url, "list", kind.decode("latin-1") or None, 200
        )
        try:
            items = list(listed(response.body, envelope))
        except ParseRefused as refusal:
            self.logger.warning("%s", refusal)
            return
        since = self.context.day - timedelta(days=_DETAIL_DAYS)
        wanted = [
            item.announcement_id
            for item in items
            if item.event_type in DETAILED
            and item.effective_on is not None
            and item.effective_on >= since
        ]
        for kid in wanted[:_MAX_DETAILS]:
            url = f"{_BASE}/hent_en.jsp?kid={kid}&sokeverdi={number}&spraak=nb"
            known = self.context.known.get(url)
            # An announcement never changes: one that corrects it has its own id.
            if known is None or known.outcome not in _ANSWERED:
                yield self.ask(
                    url,
                    "detail",
                    self._detail_came,
                    account_id=account_id,
                    headers=_HTML,
                )

    def _detail_came(self, response: Response) -> None:
        """The visit is all there is to do."""


def _list_url(number: str) -> str:
    return f"{_BASE}/hent_nr.jsp?orgnr={number}&deleted=true"
