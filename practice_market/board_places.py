"""Which companies keep their ads in a system of boards, and where it is found.

What the systems answer does not belong here (boards.py).
"""

from dataclasses import dataclass

from practice_market.company import Company, Market, company
from practice_market.draws import unit

SHARE = 0.32
"""Share of companies with a board."""
SYSTEMS = ("greenhouse_jobs", "lever_jobs", "teamtailor_jobs", "workday_jobs")
"""What these companies use."""
MORE_SYSTEMS = (
    "ashby_jobs",
    "workable_jobs",
    "recruitee_jobs",
    "personio_jobs",
    "jobylon_jobs",
)
"""What companies use besides, where the market shows every source."""
_SECOND = 3


_SIMPLE = {
    "ashby_jobs": ("{token}", "https://jobs.ashbyhq.com/{token}"),
    "workable_jobs": ("{token}", "https://apply.workable.com/{token}/"),
    "recruitee_jobs": ("{token}", "https://{token}.recruitee.com/"),
    "personio_jobs": (
        "{token}.jobs.personio.de",
        "https://{token}.jobs.personio.de/",
    ),
    # The hash is a client's own; pages show it in the script that loads the ads.
    "jobylon_jobs": ("feed-{token}", "https://feed.jobylon.com/feeds/feed-{token}/"),
}
"""Address for the source, and link, where the name of the board is all that varies."""


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
    """The board that a company's careers page leads to, if it has one."""
    found = boards_of(market, one)
    return found[0] if found else None


def boards_of(market: Market, one: Company) -> tuple[Board, ...]:
    """The boards of a company, the same for every day and with the same ads.

    Where the market shows every source, each company has one, the systems in turn, and
    every third has another that no page leads to.
    """
    if market.every_source:
        systems = SYSTEMS + MORE_SYSTEMS
        first = one.index % len(systems)
        names = [systems[first]]
        if one.index % _SECOND == 0:
            names.append(systems[(first + 4) % len(systems)])
        return tuple(_board(market, one, name) for name in names)
    draw = unit(market.seed, "board", one.index)
    if draw >= SHARE:
        return ()
    return (_board(market, one, SYSTEMS[int(draw / SHARE * len(SYSTEMS))]),)


def _board(market: Market, one: Company, source: str) -> Board:
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
    if source in _SIMPLE:
        address, link = (text.format(token=token) for text in _SIMPLE[source])
        return Board(source, token, address, link, is_odd)
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
        for board in boards_of(market, one)
    ]
