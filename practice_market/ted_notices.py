"""api.ted.europa.eu and ted.europa.eu: a part of the notices, as TED shows them.

Version 3 of the search: dates and order are inside the query, an unknown field is an
error that lists the known ones, values are maps by language, a token to go on with
never comes. The notices themselves are those of the national service.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from practice_market.answer import Answer, Request, as_json
from practice_market.company import Market
from practice_market.draws import unit
from practice_market.notices import AWARD, Notice, Notices

API_HOST, SITE_HOST = "api.ted.europa.eu", "ted.europa.eu"
SHARE = 0.5
"""Share of procedures that are large enough to stand here too."""
DELAY = 2
"""Days from the national service to the Official Journal."""
ACCESSIBLE = 15_000
_MOST = 250
_KEYS = frozenset(
    "query fields page limit scope paginationMode iterationNextToken "
    "checkQuerySyntax onlyLatestVersions".split()
)
_QUERY = re.compile(
    r"\((?P<places>[a-z-]+=[A-Z]{3}(?: OR [a-z-]+=[A-Z]{3})*)\)"
    r" AND PD>=(?P<first>\d{8}) AND PD<=(?P<last>\d{8})(?P<order> SORT BY PD DESC)?"
)


class TedNotices:
    """What TED shows of the market's notices."""

    def __init__(self, market: Market, notices: Notices) -> None:
        self.market = market
        self._notices = notices
        chosen = [
            notice
            for notice in notices.notices
            if unit(market.seed, "ted", notice.procedure) < SHARE
        ]
        self.published: list[tuple[str, int, Notice]] = []
        serial: dict[int, int] = {}
        for notice in chosen:
            day = notice.day + DELAY
            year = market.date_of(day).year
            serial[year] = serial.get(year, 100_000) + 7
            self.published.append((f"{serial[year]}-{year}", day, notice))
        self._by_number = {row[0]: row for row in self.published}

    def search(self, request: Request) -> Answer:
        """Answer a question to the search interface."""
        if request.path != "/v3/notices/search":
            return as_json(404, {"message": "Not Found"})
        if request.method != "POST":
            return as_json(405, {"message": "Request method 'GET' is not supported"})
        try:
            asked = json.loads(request.body)
        except ValueError:
            return as_json(400, {"message": "JSON parse error"})
        refusal = _refusal(asked)
        if refusal is not None:
            return as_json(400, {"message": refusal})
        found = _QUERY.fullmatch(asked["query"])
        if found is None:
            return as_json(400, {"message": f"Syntax error in {asked['query']!r}"})
        first, last = (self._day_of(found[name]) for name in ("first", "last"))
        places = [place.split("=") for place in found["places"].split(" OR ")]
        hits = [
            row
            for row in self.published
            if first <= row[1] <= min(last, request.day) and _is_in(row[2], places)
        ]
        if found["order"]:
            hits = hits[::-1]
        limit, page = asked.get("limit", 10), asked.get("page", 1)
        content = {
            "notices": [
                self._hit(row, asked["fields"])
                for row in hits[(page - 1) * limit : page * limit]
            ],
            "totalNoticeCount": len(hits),
            "iterationNextToken": None,
            "timedOut": False,
        }
        return as_json(200, content)

    def notice(self, request: Request) -> Answer:
        """Answer for the full text of one notice."""
        found = re.fullmatch(r"/en/notice/(\d+-\d{4})/xml", request.path)
        row = self._by_number.get(found[1]) if found else None
        if row is None or row[1] > request.day:
            return as_json(404, {"message": "Not Found"})
        number, day, notice = row
        publication = (
            '<efac:Publication><efbc:NoticePublicationID schemeName="ojs-notice-id">'
            f"{number:0>13}</efbc:NoticePublicationID><efbc:PublicationDate>"
            f"{self._shown(day)}</efbc:PublicationDate></efac:Publication>"
        )
        body = self._notices.xml(notice, publication).encode()
        return Answer(200, ((b"content-type", b"application/xml"),), body)

    def _day_of(self, text: str) -> int:
        shown = date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
        return (shown - self.market.start).days

    def _shown(self, day: int) -> str:
        return f"{self.market.date_of(day).isoformat()}+01:00"

    def _hit(self, row: tuple[str, int, Notice], fields: list[str]) -> dict[str, Any]:
        number, day, notice = row
        hit = {"publication-number": number}
        for field in fields:
            value = FIELDS[field](self, number, day, notice)
            if value is not None:
                hit[field] = value
        return hit

    def _links(self, number: str) -> dict[str, dict[str, str]]:
        return {
            "xml": {"MUL": f"https://{SITE_HOST}/en/notice/{number}/xml"},
            "html": {"ENG": f"https://{SITE_HOST}/en/notice/-/detail/{number}"},
        }


def _refusal(asked: dict[str, Any]) -> str | None:
    unknown = sorted(set(asked) - _KEYS)
    if unknown:
        return f"Unrecognized field {unknown[0]!r}"
    odd = [field for field in asked.get("fields") or [""] if field not in FIELDS]
    if odd:
        return (
            f"Parameter 'fields' contains unsupported value ({odd[0]}), the following "
            f"values are supported: {', '.join(sorted(FIELDS))}"
        )
    limit, page = asked.get("limit", 10), asked.get("page", 1)
    if not 1 <= limit <= _MOST:
        return f"Parameter 'limit' is not between 1 and {_MOST}"
    if page * limit > ACCESSIBLE:
        return f"Only {ACCESSIBLE} notices can be reached by page"
    return None


def _is_in(notice: Notice, places: list[list[str]]) -> bool:
    countries = {
        "buyer-country": notice.buyer.country,
        "winner-country": notice.winner.country if notice.winner else None,
    }
    return any(countries.get(field) == code for field, code in places)


_Field = Callable[[TedNotices, str, int, Notice], Any]


def _winner(field: str, is_map: bool = False) -> _Field:
    def value(ted: TedNotices, number: str, day: int, notice: Notice) -> Any:
        if notice.winner is None:
            return None
        texts = [getattr(notice.winner, field)]
        return {"nob": texts} if is_map else texts

    return value


def _money(ted: TedNotices, number: str, day: int, notice: Notice) -> str | None:
    return None if notice.value is None else f"{notice.value}.00"


def _deadline(ted: TedNotices, number: str, day: int, notice: Notice) -> Any:
    if notice.deadline is None or notice.type == AWARD:
        return None
    return [f"{notice.deadline.isoformat()}+01:00"]


FIELDS: dict[str, _Field] = {
    "publication-number": lambda ted, number, day, notice: number,
    "publication-date": lambda ted, number, day, notice: ted._shown(day),
    "notice-identifier": lambda ted, number, day, notice: str(
        ted._notices.uuid_of(notice)
    ),
    "procedure-identifier": lambda ted, number, day, notice: notice.procedure,
    "notice-type": lambda ted, number, day, notice: ted._notices.kind_of(notice),
    "notice-title": lambda ted, number, day, notice: {
        "nob": f"Norge – Anskaffelse – {notice.heading}",
        "eng": f"Norway – Procurement – {notice.heading}",
    },
    "title-proc": lambda ted, number, day, notice: {"nob": notice.heading},
    "buyer-name": lambda ted, number, day, notice: {"nob": [notice.buyer.name]},
    "buyer-country": lambda ted, number, day, notice: [notice.buyer.country],
    "organisation-identifier-buyer": lambda ted, number, day, notice: [
        notice.buyer.number
    ],
    "winner-name": _winner("name", is_map=True),
    "winner-country": _winner("country"),
    "winner-identifier": _winner("number"),
    "classification-cpv": lambda ted, number, day, notice: [notice.cpv],
    "deadline-receipt-request": _deadline,
    "deadline-receipt-tender-date-lot": _deadline,
    "estimated-value-proc": _money,
    "estimated-value-cur-proc": lambda ted, number, day, notice: "NOK",
    "total-value": lambda ted, number, day, notice: (
        notice.value if notice.type == AWARD else None
    ),
    "links": lambda ted, number, day, notice: ted._links(number),
}
