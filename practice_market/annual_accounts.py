"""Annual accounts in the wire format of Regnskapsregisteret: the latest year only.

A year's accounts show from a day in the summer after it. Some companies have filed
none, and some file as banks do, which the register refuses to serve.
"""

from datetime import date
from typing import Any

from practice_market import hostility
from practice_market.answer import Answer, Request, as_json
from practice_market.company import Company, Market
from practice_market.draws import stream, unit
from practice_market.story import Story

PATH = "/regnskapsregisteret/regnskap/"
_FIRST_YEAR = 2018
_NOT_STATED = 0.1


def plan(market: Market, one: Company) -> str | None:
    """The plan a company files by; None for one that files nothing."""
    if market.calm:
        return "store"
    draw = unit(market.seed, "accounts plan", one.index)
    if draw < 0.04:
        return None
    return "BANK" if draw < 0.08 else "store"


def published_on(one: Company, year: int) -> date:
    """The day from which a year's accounts show."""
    rng = stream("accounts published", one.org_number, year)
    return date(year + 1, rng.randint(6, 8), rng.randint(1, 28))


def latest_year(one: Company, today: date) -> int:
    """The latest year whose accounts show."""
    return next(
        year
        for year in range(today.year - 1, _FIRST_YEAR - 1, -1)
        if published_on(one, year) <= today
    )


def accounts(one: Company, year: int) -> dict[str, Any]:
    """One set of accounts; the same each time it is asked for."""
    rng = stream("accounts", one.org_number, year)
    revenue = round(one.employees * 1_600_000 * rng.uniform(0.8, 1.25))
    costs = round(revenue * rng.uniform(0.85, 1.08))
    result = revenue - costs
    before_tax = result - round(revenue * rng.uniform(0.0, 0.02))
    assets = round(revenue * rng.uniform(0.4, 1.2))
    equity = round(assets * rng.uniform(-0.05, 0.6))
    told: dict[str, Any] = {
        "id": int(one.org_number) % 1_000_000 * 100 + year % 100,
        "journalnr": f"{year + 1}{int(one.org_number) % 100_000:05d}",
        "regnskapstype": "SELSKAP",
        "virksomhet": {
            "organisasjonsnummer": one.org_number,
            "organisasjonsform": "ASA" if one.employees > 1500 else "AS",
            "morselskap": False,
        },
        "regnskapsperiode": {"fraDato": f"{year}-01-01", "tilDato": f"{year}-12-31"},
        "valuta": "NOK",
        "avviklingsregnskap": False,
        "oppstillingsplan": "store",
        "revisjon": {"ikkeRevidertAarsregnskap": False, "fravalgRevisjon": False},
        "regnkapsprinsipper": {
            "smaaForetak": one.employees < 50,
            "regnskapsregler": "regnskapslovenAlminneligRegler",
        },
        "egenkapitalGjeld": {
            "sumEgenkapitalGjeld": assets,
            "egenkapital": {"sumEgenkapital": equity},
            "gjeldOversikt": {"sumGjeld": assets - equity},
        },
        "eiendeler": {"sumEiendeler": assets},
        "resultatregnskapResultat": {
            "ordinaertResultatFoerSkattekostnad": before_tax,
            "aarsresultat": round(before_tax * 0.78),
            "driftsresultat": {
                "driftsresultat": result,
                "driftsinntekter": {"sumDriftsinntekter": revenue},
                "driftskostnad": {"sumDriftskostnad": costs},
            },
        },
    }
    if rng.random() < _NOT_STATED:
        del told["revisjon"]
    return told


def answer(market: Market, story: Story | None, request: Request) -> Answer:
    """Answer for one company."""
    if hostility.is_registry_down(market, request.path, request.day):
        return as_json(503, {"status": 503, "error": "Service Unavailable"})
    filed = story and plan(market, story.company)
    if story is None or filed is None:
        return as_json(404, {"status": "404", "error": "Not Found"})
    if filed != "store":
        return as_json(
            500,
            {
                "status": "500",
                "error": "Internal Server Error",
                "message": "Regnskapet inneholder en oppstillingsplan som ikke er "
                f"stottet ({filed})",
                "path": request.path,
            },
        )
    year = latest_year(story.company, market.date_of(request.day))
    return as_json(200, [accounts(story.company, year)])
