"""api.company-information.service.gov.uk: a British register in its wire format.

Every company of the market has a British sister here with the same board, so that one
story is told by two registers. Lists come in pages of at most 35 whatever is asked for.
"""

import base64
import re
from typing import Any
from urllib.parse import parse_qs

from practice_market import hostility
from practice_market.answer import Answer, Request, as_json
from practice_market.company import Market, british_number
from practice_market.draws import stream
from practice_market.story import ALWAYS, Person, Story

HOST = "api.company-information.service.gov.uk"
_PER_PAGE = 35
_FORMS = {
    "navn": ("CERTNM", "certificate-change-of-name-company"),
    "address": ("AD01", "change-registered-office-address-company-with-date"),
    "LEDE": ("AP01", "appoint-person-director-company-with-name-date"),
    "DAGL": ("AP01", "appoint-person-director-company-with-name-date"),
    "REVI": ("AUD", "auditors-resignation-company"),
}
_DIRECTORS = ("LEDE", "MEDL1", "MEDL2")


def company_number(story: Story) -> str:
    """The number of the sister."""
    return british_number(story.company)


class CompaniesHouse:
    """The British register of the market."""

    def __init__(self, market: Market, stories: list[Story]) -> None:
        self.market = market
        self._by_number = {company_number(story): story for story in stories}

    def _day(self, day: int) -> str:
        return self.market.date_of(day).isoformat()

    def officers(self, story: Story, day: int) -> list[dict[str, Any]]:
        """Directors with the days they came and went, those who left too."""
        found = []
        for role in _DIRECTORS:
            filings = [f for f in story.filings if f.what == role and f.filed <= day]
            terms: list[tuple[Person, int]] = [(story.first_holders[role], ALWAYS)]
            terms += [(f.person, f.day) for f in filings if f.person is not None]
            for position, (person, since) in enumerate(terms):
                until = terms[position + 1][1] if position + 1 < len(terms) else None
                found.append(self._officer(story, person, since, until))
        # The newest first, so that every appointment moves the rest.
        return sorted(found, key=lambda item: item["appointed_on"], reverse=True)

    def _officer(
        self, story: Story, person: Person, since: int, until: int | None
    ) -> dict[str, Any]:
        year, month, _ = person.born.split("-")
        rng = stream("appointed", person.key)
        joined = f"{rng.randint(2008, 2022)}-{rng.randint(1, 12):02d}-01"
        item: dict[str, Any] = {
            "name": f"{person.last.upper()}, {person.first}",
            "officer_role": "director",
            "appointed_on": joined if since <= ALWAYS else self._day(since),
            "date_of_birth": {"year": int(year), "month": int(month)},
            "nationality": "British",
            "is_pre_1992_appointment": False,
            "links": {
                "officer": {"appointments": f"/officers/{person.key}/appointments"},
                "self": f"/company/{company_number(story)}/appointments/{person.key}",
            },
        }
        if until is not None:
            item["resigned_on"] = self._day(until)
        return item

    def filings(self, story: Story, day: int) -> list[dict[str, Any]]:
        """What has been filed, the newest first."""
        found = []
        for position, filing in enumerate(story.filings):
            if filing.what in _FORMS and filing.filed <= day:
                form, description = _FORMS[filing.what]
                found.append(
                    {
                        "transaction_id": f"{company_number(story)}-{position:05d}",
                        "date": self._day(filing.filed),
                        "action_date": self._day(filing.day),
                        "type": form,
                        "category": "miscellaneous",
                        "description": description,
                        "links": {},
                    }
                )
        return sorted(
            found, key=lambda f: (f["date"], f["transaction_id"]), reverse=True
        )

    def company(self, story: Story, day: int) -> dict[str, Any]:
        """The company as the register holds it at the end of the day."""
        one, name = story.company, f"{story.company.name} LIMITED".upper()
        street = "1 Example Street"
        for filing in story.filings:
            if filing.filed <= day and filing.what == "navn":
                name = filing.value.removesuffix(" AS") + " LIMITED"
            elif filing.filed <= day and filing.what == "address":
                street = filing.value
        return {
            "company_name": name,
            "company_number": company_number(story),
            "company_status": "active",
            "type": "ltd",
            "date_of_creation": "2001-04-01",
            "jurisdiction": "england-wales",
            "registered_office_address": {
                "address_line_1": street,
                "locality": one.city,
                "postal_code": "EX1 1AA",
                "country": "United Kingdom",
            },
            "sic_codes": ["62012"],
            "has_charges": False,
            "links": {"self": f"/company/{company_number(story)}"},
        }

    def answer(self, request: Request) -> Answer:
        """Answer one request; a key is asked for as the name of a user."""
        if request.path == "/robots.txt":
            return as_json(404, {})
        if not _has_key(request.headers.get(b"authorization", b"")):
            return as_json(
                401, {"error": "Invalid Authorization", "type": "ch:service"}
            )
        if hostility.is_registry_down(self.market, request.path, request.day):
            return as_json(503, {"error": "Service Unavailable"})
        found = re.fullmatch(
            r"/company/(\w{8})(/officers|/filing-history)?", request.path
        )
        story = self._by_number.get(found[1]) if found else None
        if found is None or story is None:
            return as_json(404, {"message": "404 NOT_FOUND"})
        if found[2] is None:
            return as_json(200, self.company(story, request.day))
        asked = {k: v[0] for k, v in parse_qs(request.query).items()}
        start = int(asked.get("start_index", "0"))
        size = min(int(asked.get("items_per_page", "35")), _PER_PAGE)
        if found[2] == "/officers":
            items, total = self.officers(story, request.day), "total_results"
        else:
            items, total = self.filings(story, request.day), "total_count"
        page = items[start : start + size]
        told = {"items": page, "start_index": start, "items_per_page": size}
        return as_json(200, {**told, total: len(items)})


def _has_key(header: bytes) -> bool:
    kind, _, token = header.partition(b" ")
    if kind != b"Basic":
        return False
    try:
        user, colon, password = base64.b64decode(token, validate=True).partition(b":")
    except ValueError:
        return False
    return bool(user and colon and not password)
