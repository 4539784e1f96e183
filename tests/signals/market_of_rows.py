"""A made-up market as rows: sites with leaders, careers pages and texts.

Built on the homes of tests/warehouse. People, companies and texts are made up.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime

from tests.warehouse.home_of_rows import Home, dbt_build, end_of, table, weeks

__all__ = ["Home", "careers", "dbt_build", "end_of", "market", "table", "text", "weeks"]

FIRST = date(2026, 1, 5)


def text(
    home: Home, account: str, at: datetime, blocks: Sequence[str], path: str
) -> str:
    """Land a page whose main blocks are these texts; terms are their words."""
    url = f"https://{account}.example{path}"
    return home.visit(
        account,
        url,
        at,
        {
            "pages": [
                {
                    "title": path,
                    "language": "nb",
                    "main_text": " ".join(blocks),
                    "text_digest": str(hash(tuple(blocks))),
                    "blocks": [
                        {"role": "main", "text": b, "terms": b.split()} for b in blocks
                    ],
                    "nav_labels": [],
                    "links": [],
                }
            ]
        },
        scope="content",
    )


def careers(
    home: Home, account: str, at: datetime, ads: Sequence[tuple[str, list[str]]]
) -> str:
    """Land a careers page that lists ads (title, terms)."""
    return home.visit(
        account,
        f"https://{account}.example/jobb/",
        at,
        {
            "job_ads": [
                {
                    "ad_id": title,
                    "ad_status": "active",
                    "title": title,
                    "place": "Oslo",
                    "terms": terms,
                    "is_listing": True,
                }
                for title, terms in ads
            ]
        },
        scope="careers",
    )


def market(
    rate: Callable[[int, int], float],
    n_accounts: int,
    n_weeks: int,
    segments: int = 1,
    seed: int = 7,
) -> Home:
    """Companies that post `rate(account, week)` jobs a week; ads stand four weeks."""
    rng = random.Random(seed)
    home = Home()
    for i in range(n_accounts):
        account = f"firma{i:02d}"
        home.account(account, segment=f"s{i % segments}")
        standing: list[tuple[int, str]] = []
        for week, day in enumerate(weeks(FIRST, n_weeks)):
            new = sum(rng.random() < rate(i, week) / 10 for _ in range(10))
            standing = [(w, t) for w, t in standing if week - w < 4]
            standing += [(week, f"Montør {i} {week} {chr(97 + k)}") for k in range(new)]
            careers(home, account, end_of(day), [(t, ["montør"]) for _, t in standing])
    return home
