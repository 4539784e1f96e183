"""Who the companies of the market are: what never changes about them.

What happens to them does not belong here (story.py).
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from practice_market import names
from practice_market.draws import stream, unit

HISTORY_DAYS = 364
"""Days simulated before the first day, so that the market does not begin empty."""

_OWNERS = ("Team Nord", "Team Sør", "Team Vest", "Team Øst")


@dataclass(frozen=True)
class Market:
    """The parameters that decide everything else.

    need_scale multiplies the hazard of a new need (S0 to S1); calm turns hostility off;
    empty_job_feed_on names days on which the job feed has no items; every_source gives
    each company a job board of every system in turn, some of them a publisher of their
    own notices, and a British sister that is watched, too.
    """

    seed: int = 7
    companies: int = 60
    days: int = 220
    start: date = date(2025, 1, 6)
    need_scale: float = 3.0
    calm: bool = False
    empty_job_feed_on: tuple[date, ...] = ()
    every_source: bool = False

    def date_of(self, day: int) -> date:
        """The date of a day; negative days lie before the market opens."""
        return self.start + timedelta(days=day)

    @property
    def last_date(self) -> date:
        """The last day that can be asked for."""
        return self.date_of(self.days - 1)


@dataclass(frozen=True)
class Company:
    """A company that does not exist."""

    index: int
    account_id: str
    name: str
    domain: str
    org_number: str
    unit_number: str
    language: str
    sector: str
    size: float
    activity: float
    employees: int
    city: str
    postal_code: str
    municipality: str
    auditor: str


def company(market: Market, index: int) -> Company:
    """The index-th company; the same whatever the number of companies."""
    rng = stream(market.seed, "company", index)
    sector = names.SECTORS[rng.randrange(len(names.SECTORS))]
    name, domain = names.company(index, sector)
    size = rng.gauss(0.0, 1.0)
    city, postal_code, municipality = rng.choice(names.PLACES)
    language = rng.choices(("nb", "nn", "en", "sv"), weights=(62, 12, 20, 6))[0]
    return Company(
        index=index,
        account_id=f"PM{index + 1:04d}",
        name=name,
        domain=domain,
        org_number=names.org_number(index + 100),
        unit_number=names.org_number(index + 100_000),
        language=language,
        sector=sector,
        size=size,
        activity=math.exp(0.6 * size),
        employees=max(6, round(90 * math.exp(0.9 * size))),
        city=city,
        postal_code=postal_code,
        municipality=municipality,
        auditor=rng.choice(names.AUDITORS),
    )


def sector_effect(market: Market, sector: str) -> float:
    """The log hazard of a sector, N(0, .3)."""
    return stream(market.seed, "sector", sector).gauss(0.0, 0.3)


def sector_shock(market: Market, sector: str, day: int) -> bool:
    """True while everybody in the sector talks of the theme without needing anything.

    Each 91 days with probability .15, for 70 days.
    """
    if market.calm or day < 0:
        return False
    quarter, within = divmod(day, 91)
    return within < 70 and unit(market.seed, "shock", sector, quarter) < 0.15


def account_rows(market: Market) -> list[dict[str, str]]:
    """The watch list of the market, one row per company."""
    rows = []
    for index in range(market.companies):
        one = company(market, index)
        rows.append(
            {
                "account_id": one.account_id,
                "name": one.name,
                "country": "NO",
                "org_number": one.org_number,
                "domains": one.domain,
                "segment": one.sector,
                "owner": _OWNERS[index % len(_OWNERS)],
                "employees": str(one.employees),
            }
        )
        if has_watched_sister(market, one):
            rows.append(
                {
                    **rows[-1],
                    "account_id": f"{one.account_id}-GB",
                    "name": f"{one.name} Limited",
                    "country": "GB",
                    "org_number": british_number(one),
                    "domains": "",
                }
            )
    return rows


def british_number(one: Company) -> str:
    """The number of a company's British sister: nobody's, since none begin with 99."""
    return f"99{one.index:06d}"


def has_watched_sister(market: Market, one: Company) -> bool:
    """True for a company whose British sister is an account of its own."""
    return market.every_source and one.index % 5 == 0
