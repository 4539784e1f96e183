"""ocds.practice.example: every notice as releases of Open Contracting (OCDS 1.1).

Pages of packages, newest first, that overlap by one release; the same procedures as
records with linked releases; one release alone. A release never changes.
"""

import re
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs

from practice_market.answer import Answer, Request, as_json
from practice_market.company import Market, company
from practice_market.notices import (
    AWARD,
    CANCELLED,
    COMPETITION,
    DIALOGUE,
    PLANNING,
    Notice,
    Notices,
    Party,
)

HOST = "ocds.practice.example"
PREFIX = "ocds-pm0001"
_PER_PAGE = 40
_TAGS = {
    PLANNING: "planning",
    DIALOGUE: "planning",
    COMPETITION: "tender",
    AWARD: "award",
    CANCELLED: "tenderCancellation",
}
_STATUS = {
    COMPETITION: "active",
    AWARD: "complete",
    CANCELLED: "cancelled",
    PLANNING: "planned",
    DIALOGUE: "planned",
}


def ocds_place_rows(market: Market) -> list[dict[str, str]]:
    """Where a publisher of its own notices is found, for every other company.

    Only where the market shows every source.
    """
    if not market.every_source:
        return []
    return [
        {
            "account_id": one.account_id,
            "source": "ocds_notices",
            "address": f"https://{HOST}/releases.json?buyer={one.org_number}",
        }
        for one in (company(market, index) for index in range(1, market.companies, 2))
    ]


class OcdsNotices:
    """A publisher of releases."""

    def __init__(self, market: Market, notices: Notices) -> None:
        self.market = market
        self._notices = notices
        self._by_key = {notice.key: notice for notice in notices.notices}

    def answer(self, request: Request) -> Answer:
        """Answer one request to the publisher."""
        shown = [n for n in self._notices.notices if n.day <= request.day]
        asked = {key: values[-1] for key, values in parse_qs(request.query).items()}
        buyer = asked.get("buyer")
        if buyer is not None:
            shown = [n for n in shown if n.buyer.digits == buyer]
        if request.path == "/releases.json":
            return self._page(shown[::-1], int(asked.get("page", "1")), buyer)
        if request.path == "/records.json":
            return as_json(200, {**self._package(), "records": self._records(shown)})
        found = re.fullmatch(r"/release/([\w-]+)\.json", request.path)
        one = [n for n in shown if found and n.key == found[1]]
        if not one:
            return as_json(404, {"message": "Not found"})
        return as_json(200, self.release(one[0]))

    def _package(self) -> dict[str, Any]:
        return {
            "version": "1.1",
            "uri": f"https://{HOST}/",
            "publishedDate": f"{self.market.start.isoformat()}T00:00:00Z",
            "publisher": {"name": "A publisher that does not exist"},
        }

    def _page(self, shown: list[Notice], page: int, buyer: str | None) -> Answer:
        first = (page - 1) * _PER_PAGE
        # A release published between two questions pushes one onto the next page.
        chosen = shown[max(first - 1, 0) : first + _PER_PAGE]
        content = {**self._package(), "releases": [self.release(n) for n in chosen]}
        if first + _PER_PAGE < len(shown):
            who = f"&buyer={buyer}" if buyer else ""
            content["links"] = {"next": f"/releases.json?page={page + 1}{who}"}
        return as_json(200, content)

    def _records(self, shown: list[Notice]) -> list[dict[str, Any]]:
        ordered = sorted(shown, key=lambda n: (n.procedure, n.day, n.key))
        records = []
        for procedure, group in groupby(ordered, key=lambda n: n.procedure):
            notices = list(group)
            compiled: dict[str, Any] = {}
            for notice in notices:
                compiled |= self.release(notice)
            date = compiled["date"]
            compiled |= {"tag": ["compiled"], "id": f"{compiled['ocid']}-{date}"}
            links = [
                {
                    "url": f"https://{HOST}/release/{notice.key}.json",
                    "date": self.release(notice)["date"],
                    "tag": [_TAGS[notice.type]],
                }
                for notice in notices
            ]
            ocid = f"{PREFIX}-{procedure}"
            records.append(
                {"ocid": ocid, "releases": links, "compiledRelease": compiled}
            )
        return records

    def release(self, notice: Notice) -> dict[str, Any]:
        """A notice as one release."""
        day = self.market.date_of(notice.day).isoformat()
        ocid = f"{PREFIX}-{notice.procedure}"
        parties = [_party(notice.buyer, "buyer")]
        tender: dict[str, Any] = {
            "id": notice.procedure,
            "title": notice.heading,
            "description": notice.description,
            "status": _STATUS[notice.type],
            "items": [
                {"id": "1", "classification": {"scheme": "CPV", "id": notice.cpv}}
            ],
        }
        if notice.value is not None:
            tender["value"] = {"amount": notice.value, "currency": "NOK"}
        if notice.deadline is not None:
            tender["tenderPeriod"] = {"endDate": f"{notice.deadline}T12:00:00+01:00"}
        release: dict[str, Any] = {
            "ocid": ocid,
            "id": f"{ocid}-{notice.key}",
            "date": f"{day}T06:00:00Z",
            "tag": ["tenderAmendment" if notice.corrects else _TAGS[notice.type]],
            "initiationType": "tender",
            "parties": parties,
            "buyer": {"id": parties[0]["id"], "name": notice.buyer.name},
            "tender": tender,
        }
        if notice.corrects:
            tender["amendments"] = [
                {"id": "1", "amendsReleaseID": f"{ocid}-{notice.corrects}"}
            ]
        if notice.winner is not None:
            supplier = _party(notice.winner, "supplier")
            parties.append(supplier)
            named = {"id": supplier["id"], "name": supplier["name"]}
            release["awards"] = [
                {
                    "id": "1",
                    "status": "active",
                    "value": {"amount": notice.value, "currency": "NOK"},
                    "suppliers": [named],
                }
            ]
        return release


def _party(party: Party, role: str) -> dict[str, Any]:
    country, scheme = {"NOR": ("NO", "NO-BRC"), "SWE": ("SE", "SE-BLV")}[party.country]
    return {
        "id": f"{scheme}-{party.digits}",
        "name": party.name,
        "roles": [role],
        "identifier": {"scheme": scheme, "id": party.number},
        "address": {"locality": party.city, "country": country},
    }
