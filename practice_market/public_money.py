"""Lists of public money: grants of made-up companies, in two lists' real columns.

Loans, rows of strangers, rows given twice and organisation numbers with spaces are
mixed in, as the real lists have them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from practice_market import names
from practice_market.answer import Answer, Request, conditional, tag_of, text
from practice_market.company import HISTORY_DAYS, Company, Market
from practice_market.draws import poisson, stream
from practice_market.story import Story

INNOVATION_HOST = "indatapublic.blob.core.windows.net"
INNOVATION_PATH = "/tildelingsrapport/Tildelinger.csv"
RESEARCH_HOST = "raw.githubusercontent.com"
RESEARCH_PATH = "/Forskningsradet/open-data/main/datasets/bevilgningereu/dataset.csv"
_A_YEAR = 0.6
_PROGRAMMES = ("Innovasjonskontrakt", "Miljøteknologi", "Kommersialiseringstilskudd")
_INNOVATION_HEAD = (
    "Fylkesnavn;Kommunenavn;Org-nr;Bedriftsnavn;Virkemiddelkategori;Underkategori;"
    "Innvilget beløp;Innvilget dato;Beslutningsenhet;Næringshovedområde;Næring;"
    "Type finansiering"
)
_RESEARCH_HEAD = (
    "Rammeprogram,Programkortnavn (H2020),Prosjektnr,Prosjektkortnavn,Prosjektnavn,"
    "Kontraktstatus,Kontrakt signeringsdato,Organisasjonsnummer,Organisasjonsnavn,"
    "Organisasjon rolle,Deltakernr,Innvilget beløp organisasjon EUR"
)


@dataclass(frozen=True)
class Grant:
    """An award to a company of the market; shown from its day."""

    day: int
    company: Company
    list_name: str
    programme: str
    amount: float
    serial: int
    role: str | None = None


class PublicMoney:
    """Both lists of the market."""

    def __init__(self, market: Market, stories: list[Story]) -> None:
        self.market = market
        self.grants = sorted(
            (grant for story in stories for grant in self._of(story.company)),
            key=lambda grant: (grant.day, grant.company.index, grant.serial),
        )

    def _of(self, one: Company) -> Iterator[Grant]:
        rng = stream(self.market.seed, "grants", one.index)
        span = HISTORY_DAYS + self.market.days
        for serial in range(poisson(rng, _A_YEAR * span / 365)):
            day = rng.randrange(-HISTORY_DAYS, self.market.days)
            if rng.random() < 0.7:
                amount = float(rng.randrange(2, 60) * 50_000)
                programme = rng.choice(_PROGRAMMES)
                yield Grant(day, one, "innovasjon_norge", programme, amount, serial)
            else:
                amount = rng.randrange(100_000, 3_000_000) + 0.25
                role = rng.choice(("COORDINATOR", "PARTICIPANT"))
                yield Grant(
                    day, one, "forskningsradet_eu", "LEIT", amount, serial, role
                )

    def awarded(self, list_name: str, day: int) -> list[dict[str, Any]]:
        """Truth: grants of one list up to a day, oldest first, each once."""
        return [
            {
                "at": self.market.date_of(grant.day).isoformat(),
                "org_number": grant.company.org_number,
                "programme": grant.programme,
                "amount": grant.amount,
                "role": grant.role,
            }
            for grant in self._shown(list_name, day)
        ]

    def _shown(self, list_name: str, day: int) -> list[Grant]:
        return [g for g in self.grants if g.list_name == list_name and g.day <= day]

    def innovation(self, request: Request) -> Answer:
        """Answer for Innovasjon Norge's list."""
        if request.path != INNOVATION_PATH:
            return text(404, "There is no such blob.")
        lines = [_INNOVATION_HEAD]
        for number, grant in enumerate(self._shown("innovasjon_norge", request.day)):
            day, one = self.market.date_of(grant.day), grant.company
            digits = one.org_number
            if number % 5 == 0:
                digits = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
            amount = f"{grant.amount:,.2f}".replace(",", " ").replace(".", ",")
            when = f"{day:%d.%m.%y}" if number % 4 == 0 else f"{day:%d.%m.%Y}"
            line = (
                f"{one.city.title()};{one.city.title()};{digits};{one.name.upper()} AS;"
                f"Oppdrag;{grant.programme};{amount};{when};Oslo;Annet;Annet;Tilskudd"
            )
            lines.append(line)
            if number % 6 == 0:
                lines.append(line)
            if number % 3 == 0:
                lines.append(
                    line.replace("Tilskudd", "Lån").replace("Oppdrag", "Risikolån")
                )
        lines += list(self._strangers(request.day))
        body = "\r\n".join([*lines, ""]).encode("cp1252")
        kind = b"application/octet-stream"
        return conditional(request, kind, body, tag_of(body), None)

    def _strangers(self, day: int) -> Iterator[str]:
        """A row a week of somebody nobody watches, some of them without a number."""
        for week in range(-HISTORY_DAYS // 7, day // 7 + 1):
            when = self.market.date_of(7 * week)
            number = names.org_number(70_000 + week % 500) if week % 4 else ""
            yield (
                f"Oslo;Oslo;{number};FREMMED {week % 97} AS;Oppdrag;Etablerertilskudd;"
                f"100000,00;{when:%d.%m.%Y};Oslo;Annet;Annet;Tilskudd"
            )

    def research(self, request: Request) -> Answer:
        """Answer for the list of EU money that Forskningsrådet publishes."""
        if request.path != RESEARCH_PATH:
            return text(404, "404: Not Found")
        lines = [_RESEARCH_HEAD]
        for grant in self._shown("forskningsradet_eu", request.day):
            one, project = grant.company, 900_000 + 10 * grant.company.index
            lines.append(
                f"HORIZON,{grant.programme},{project + grant.serial},MADEUP,"
                f'"Safe, clean and made up {project}",SIGNED,'
                f"{self.market.date_of(grant.day):%d.%m.%Y} 00:00,{one.org_number},"
                f"{one.name.upper()} AS,{grant.role},{1 + grant.serial},{grant.amount}"
            )
        body = "\n".join([*lines, ""]).encode()
        kind = b"text/plain; charset=utf-8"
        return conditional(request, kind, body, tag_of(body), None)
