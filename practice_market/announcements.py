"""w2.brreg.no: announcements of the registers, as the pages that people read.

The list of a company prints a date once for all that was announced on it; the pages are
Latin-1 with entities. No search of a day is served: nobody needs everybody's.
"""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs

from practice_market import annual_accounts, hostility
from practice_market.answer import Answer, Request, text
from practice_market.company import HISTORY_DAYS, Market
from practice_market.draws import stream
from practice_market.story import Story

HOST = "w2.brreg.no"
_HTML = b"text/html;charset=ISO-8859-1"
_WORDS = {
    "navn": ("Foretaksnavn", "Endring av foretaksnavn"),
    "address": ("Forretningsadresse", "Endring av forretningsadresse"),
    "DAGL": ("Daglig leder", "Endring av daglig leder"),
    "LEDE": ("Styre", "Endring av styre"),
    "VARA": ("Styre", "Endring av styre"),
    "REVI": ("Revisor", "Endring av revisor"),
}
_MERGED_AFTER = 70


@dataclass(frozen=True)
class Told:
    """One announcement: how the list calls it, how it is headed, and what it adds."""

    day: int
    words: str
    heading: str
    amount: int | None = None
    partner: Story | None = None


def announcements(market: Market, stories: list[Story], story: Story) -> list[Told]:
    """All that is announced of a company, earliest first, with history before day 0."""
    one = story.company
    found = [
        Told(filing.filed, *_WORDS[filing.what])
        for filing in story.filings
        if filing.what in _WORDS
    ]
    partner = stories[(one.index + 1) % len(stories)]
    for cause in story.causes:
        if cause.kind == "merger" and cause.is_visible:
            planned = cause.day + 5
            done = planned + _MERGED_AFTER
            plan, fusion = "Fusjonsplan", "Gjennomføring av fusjon"
            found.append(Told(planned, plan, plan, partner=partner))
            found.append(Told(done, fusion, fusion, partner=partner))
    rng = stream(market.seed, "capital", one.index)
    for day in range(-HISTORY_DAYS, market.days):
        draw = rng.random()
        if draw < 0.5 / 365:
            amount = 100_000 * rng.randint(2, 90)
            rise = draw < 0.4 / 365
            words = "Kapitalforhøyelse" if rise else "Nedsettelse av kapital"
            found.append(Told(day, words, "Endring av kapital", amount=amount))
            if rng.random() < 0.2:
                right = "Rettelse av kapital"
                found.append(Told(day + 2, right, "Rettelse", amount=amount + 1_000))
    if annual_accounts.plan(market, one) is not None:
        for year in range(market.start.year - 2, market.last_date.year):
            shown = (annual_accounts.published_on(one, year) - market.start).days
            accounts = "Godkjente årsregnskap"
            found.append(Told(shown, accounts, accounts))
    return sorted(found, key=lambda told: (told.day, told.words))


class Announcements:
    """The announcements of every company in the market."""

    def __init__(self, market: Market, stories: list[Story]) -> None:
        self.market = market
        self._stories = stories
        self._by_number = {story.company.org_number: story for story in stories}
        self._told: dict[str, list[tuple[str, Told]]] = {}

    def of(self, number: str) -> list[tuple[str, Told]]:
        """(id, announcement) of a company, earliest first."""
        if number not in self._told:
            story = self._by_number[number]
            told = announcements(self.market, self._stories, story)
            self._told[number] = [
                (self._kid(story, position, item), item)
                for position, item in enumerate(told)
            ]
        return self._told[number]

    def _kid(self, story: Story, position: int, told: Told) -> str:
        """Year and serial; a longer market does not change what was announced."""
        year = self.market.date_of(told.day).year
        return f"{year}{story.company.index:06d}{position:04d}"

    def answer(self, request: Request) -> Answer:
        """Answer for one list or one announcement."""
        asked = {k: v[0] for k, v in parse_qs(request.query).items()}
        if hostility.is_registry_down(self.market, str(asked), request.day):
            return text(503, "Tjenesten er ikke tilgjengelig.")
        if request.path == "/robots.txt":
            return text(404, "Not Found")
        if request.path == "/kunngjoring/hent_nr.jsp":
            return _page(self._list(asked.get("orgnr", ""), request.day))
        if request.path == "/kunngjoring/hent_en.jsp":
            kid, number = asked.get("kid", ""), asked.get("sokeverdi", "")
            for found, told in self.of(number) if number in self._by_number else ():
                if found == kid and told.day <= request.day:
                    return _page(self._detail(number, told))
        return text(404, "Not Found")

    def _list(self, number: str, day: int) -> str:
        rows, last = [], ""
        shown = self.of(number) if number in self._by_number else []
        for kid, told in reversed(shown):
            if told.day > day:
                continue
            written = f"{self.market.date_of(told.day):%d.%m.%Y}"
            link = f"hent_en.jsp?kid={kid}&amp;sokeverdi={number}&amp;spraak=nb"
            rows.append(
                '<tr bgcolor="#ffffff"><td><p>&nbsp;</p></td><td nowrap="true"><p>'
                f"{'' if written == last else written}</p></td><td><p>&nbsp;</p></td>"
                f'<td nowrap="true"><p><a href="{link}">{_entities(told.words)}</a></p>'
                "</td><td><p>&nbsp;</p></td></tr>"
            )
            last = written
        if not rows:
            return "<p>Ingen kunngj&oslash;ringer funnet.</p>"
        head = (
            '<tr><td><p>&nbsp;</p></td><td nowrap="true"><p><strong>Dato</strong></p>'
            '</td><td><p>&nbsp;</p></td><td nowrap="true"><p><strong>Kunngj&oslash;ring'
            "</strong></p></td><td><p>&nbsp;</p></td></tr>"
        )
        return f"<table><tr><td><table>{head}{''.join(rows)}</table></td></tr></table>"

    def _detail(self, number: str, told: Told) -> str:
        one = self._by_number[number].company
        fields = [
            ("Foretaksnavn:", f"{one.name} AS".upper()),
            ("Organisasjonsnummer:", _spaced(number)),
        ]
        if told.amount is not None:
            written = f"{told.amount:,}".replace(",", ".")
            fields.append(("Kapital :", f"NOK {written},00"))
        body = "".join(
            f"<tr><td><strong>{key}</strong></td><td>{_entities(value)}</td></tr>"
            for key, value in fields
        )
        more = ""
        if told.partner is not None:
            other = told.partner.company
            more = (
                "<p>Foretaket fusjonerer som overtakende foretak med:</p>"
                f"<p>{_entities(f'{other.name} AS'.upper())}, "
                f"org.nr. {_spaced(other.org_number)}</p>"
            )
        written = f"{self.market.date_of(told.day):%d.%m.%Y}"
        return (
            f"<h3>{_entities(told.heading)}</h3><table>{body}</table>{more}"
            f"<p>Foretaksregisteret {written}</p>"
        )


def _spaced(number: str) -> str:
    return f"{number[:3]}&nbsp;{number[3:6]}&nbsp;{number[6:]}"


def _entities(words: str) -> str:
    """Escaped, some letters as entities and others as bytes of Latin-1."""
    if re.fullmatch(r"\d{3}&nbsp;\d{3}&nbsp;\d{3}", words):
        return words
    return escape(words, quote=False).replace("ø", "&oslash;").replace("å", "&aring;")


def _page(content: str) -> Answer:
    page = (
        "<html><head><title>Kunngj&oslash;ringer</title></head><body>"
        f'<div id="pagecontent">{content}</div></body></html>'
    )
    kind = (b"content-type", _HTML)
    return Answer(200, (kind,), page.encode("latin-1", "xmlcharrefreplace"))
