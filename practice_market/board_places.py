"""Which companies keep their ads in a system of boards, and where it is found.

What the systems answer does not belong here (boards.py).
"""

from dataclasses import dataclass

from practice_market.company import Company, Market, company
from practice_market.draws import unit

SHARE = 0.32
"""Share of companies with a board."""
SYSTEMS = ("greenhouse_jobs", "lever_jobs", "teamtailor_jobs", "workday_jobs")


@dataclass(frozen=True)
class Board:
    """Which system a company keeps its ads in, and how it is found there.

    ``address`` is what the product's source of that system takes; ``link`` is where the
    company's careers page leads. ``is_odd``: content escaped twice (Greenhouse), the
    European host (Lever), no RSS (Teamtailor).
    """

    source: str
    token: str
    address: str
    link: str
    is_odd: bool


def board_of(market: Market, one: Company) -> Board | None:
    """The board of a company, if it has one; the same for every day."""
    draw = unit(market.seed, "board", one.index)
    if draw >= SHARE:
        return None
    source = SYSTEMS[int(draw / SHARE * len(SYSTEMS))]
    is_odd = unit(market.seed, "odd board", one.index) < 0.5
    token = one.domain.split(".")[0].replace("_", "-")
    if source == "greenhouse_jobs":
        link = f"https://boards.greenhouse.io/embed/job_board?for={token}"
        return Board(source, token, token, link, is_odd)
    if source == "lever_jobs":
        host = "jobs.eu.lever.co" if is_odd else "jobs.lever.co"
        address = f"eu:{token}" if is_odd else token
        return Board(source, token, address, f"https://{host}/{token}", is_odd)
    if source == "teamtailor_jobs":
        host = f"{token}.teamtailor.com"
        return Board(source, token, host, f"https://{host}/jobs", is_odd)
    host = f"{token}.wd3.myworkdayjobs.com"
    link = f"https://{host}/nb-NO/Karriere"
    return Board(source, token, f"{host}/{token}/Karriere", link, is_odd)


def place_rows(market: Market) -> list[dict[str, str]]:
    """Where each company with a board is found, one row per board."""
    return [
        {
            "account_id": one.account_id,
            "source": board.source,
            "address": board.address,
        }
        for one in (company(market, index) for index in range(market.companies))
        if (board := board_of(market, one)) is not None
    ]
