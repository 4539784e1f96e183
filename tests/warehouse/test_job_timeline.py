"""Real weekly lists of ads through the models: are openings and closings where they
were?

The lists carry a flag for each ad, so each ad's true spells are known to the gap
between two lists. They are landed twice over: as one board per employer, and as one
long list. In two weeks of their own the lists are emptied, and cut short, by this test.
"""

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.home_of_rows import ROOT, Home, dbt_build, sha, table

DATA = ROOT / "../shared/data/job_timeline/SimplifyJobs__New-Grad-Positions"
SELECTED = (
    "--select", "+job_ad_history", "--exclude-resource-type", "unit_test",
    "--indirect-selection", "cautious",
)  # fmt: skip
# Lists of these weeks are emptied and cut to a third, in homes of their own.
SPOILED = {"emptied": 14, "cut": 19}
BACK = timedelta(days=30)

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="no recorded lists here")


@dataclass(frozen=True)
class Spell:
    """Lists between which an ad was opened and closed; None where it is not known."""

    job: str
    opened: tuple[datetime, datetime] | None
    closed: tuple[datetime, datetime] | None


def lists() -> list[tuple[datetime, dict[str, dict]]]:
    """Every list by its moment: active ads by their id."""
    found = []
    for file in sorted(DATA.glob("*.json.gz")):
        at = datetime.strptime(file.name[:17], "%Y-%m-%dT%H%M%S")
        rows = json.loads(gzip.decompress(file.read_bytes()))
        found.append((at, {row["id"]: row for row in rows if row["active"]}))
    return found


def spells(weeks: list[tuple[datetime, dict[str, dict]]]) -> list[Spell]:
    """True spells: what is back within 30 days of being missed twice never left."""
    moments = [at for at, _ in weeks]
    seen: dict[str, list[int]] = defaultdict(list)
    for n, (_, ads) in enumerate(weeks):
        for ad in ads:
            seen[ad].append(n)
    told = []
    for ad, at in seen.items():
        runs = [[at[0], at[0]]]
        for n in at[1:]:
            missed_twice = moments[min(runs[-1][1] + 2, len(weeks) - 1)]
            if n - runs[-1][1] <= 2 or moments[n] - missed_twice <= BACK:
                runs[-1][1] = n
            else:
                runs.append([n, n])
        for first, last in runs:
            told.append(
                Spell(
                    ad,
                    (moments[first - 1], moments[first]) if first else None,
                    (moments[last], moments[last + 1])
                    if last + 2 < len(weeks)
                    else None,
                )
            )
    return told


def job_ad(ad: dict) -> dict:
    return {
        "ad_id": ad["id"],
        "ad_status": "active",
        "title": ad["title"],
        "employer_name": ad["company_name"],
        "place": "; ".join(ad["locations"]),
        "terms": [],
        "is_listing": True,
        "posted_at": datetime.fromtimestamp(ad["date_posted"]),
        "ad_url": f"https://ads.example/{ad['id']}",
    }


def account_of(company: str) -> str:
    return "e" + sha(company.strip().lower())[7:19]


def landed(weeks: list[tuple[datetime, dict[str, dict]]]) -> Home:
    """Each list as a visit of one long list, and as one of each employer's board."""
    home = Home()
    home.account("long")
    known: set[str] = set()
    for at, ads in weeks:
        home.visit(
            "long", "https://long.example/jobs", at,
            {"job_ads": [job_ad(ad) for ad in ads.values()]},
            source="greenhouse_jobs", scope="board",
        )  # fmt: skip
        boards: dict[str, list[dict]] = {account: [] for account in sorted(known)}
        for ad in ads.values():
            boards.setdefault(account_of(ad["company_name"]), []).append(ad)
        for account, board in boards.items():
            if account not in known:
                known.add(account)
                home.account(account)
            home.visit(
                account, f"https://boards.example/{account}", at,
                {"job_ads": [job_ad(ad) for ad in board]},
                source="greenhouse_jobs", scope="board",
            )  # fmt: skip
    return home


def spoiled(
    weeks: list[tuple[datetime, dict[str, dict]]], how: str
) -> list[tuple[datetime, dict[str, dict]]]:
    """The lists with one of them emptied or cut short, for every employer alike."""
    at, ads = weeks[SPOILED[how]]
    boards: dict[str, list[str]] = defaultdict(list)
    for ad, row in ads.items():
        boards[row["company_name"]].append(ad)
    kept = (
        {ad for board in boards.values() for ad in board[: len(board) // 3]}
        if how == "cut"
        else set()
    )
    left = {ad: row for ad, row in ads.items() if ad in kept}
    return [*weeks[: SPOILED[how]], (at, left), *weeks[SPOILED[how] + 1 :]]


@pytest.fixture(scope="module")
def weeks() -> list[tuple[datetime, dict[str, dict]]]:
    return lists()


@pytest.fixture(scope="module")
def events(
    weeks: list[tuple[datetime, dict[str, dict]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> pl.DataFrame:
    out = landed(weeks).write(tmp_path_factory.mktemp("timeline") / "home")
    dbt_build(out, *SELECTED)
    return table(out, "hist_job_ad_events").filter(pl.col("superseded_at").is_null())


def judged(
    events: pl.DataFrame, told: list[Spell], event: str, is_long: bool
) -> tuple[int, int, list[Spell]]:
    """True events, those whose gap is inside an interval that was told, the rest."""
    of_kind = (pl.col("account_id") == "long") == is_long
    intervals: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in events.filter(of_kind & (pl.col("event") == event)).to_dicts():
        if row["effective_lo"] is not None:
            intervals[row["ad_id"]].append((row["effective_lo"], row["effective_hi"]))
    missed = []
    n = 0
    for spell in told:
        gap = spell.opened if event == "opened" else spell.closed
        if gap is None:
            continue
        n += 1
        if not any(lo <= gap[0] and gap[1] <= hi for lo, hi in intervals[spell.job]):
            missed.append(spell)
    return n, n - len(missed), missed


@pytest.mark.parametrize("is_long", [False, True], ids=["boards", "one list"])
@pytest.mark.parametrize("event", ["opened", "closed"])
def test_the_true_day_is_inside_the_interval(
    events: pl.DataFrame,
    weeks: list[tuple[datetime, dict[str, dict]]],
    event: str,
    is_long: bool,
) -> None:
    told = spells(weeks)
    if not is_long:
        # An employer whose board is seen for the first time opened its ads who knows
        # when.
        first: dict[str, datetime] = {}
        for at, ads in weeks:
            for ad in ads.values():
                first.setdefault(account_of(ad["company_name"]), at)
        owner = {
            key: account_of(ad["company_name"])
            for _, ads in weeks
            for key, ad in ads.items()
        }
        told = [
            s
            if s.opened and s.opened[1] > first[owner[s.job]]
            else Spell(s.job, None, s.closed)
            for s in told
        ]
    n, inside, missed = judged(events, told, event, is_long)
    print(f"{event}: {inside} of {n} inside, {inside / n:.4f}")
    for spell in missed[:12]:
        print(spell)
    assert n > 400
    assert inside / n >= 0.97


@pytest.mark.parametrize("how", sorted(SPOILED))
def test_one_spoiled_week_closes_nothing(
    events: pl.DataFrame,
    weeks: list[tuple[datetime, dict[str, dict]]],
    how: str,
    tmp_path: Path,
) -> None:
    out = landed(spoiled(weeks, how)).write(tmp_path / "home")
    dbt_build(out, *SELECTED)
    after = table(out, "hist_job_ad_events").filter(pl.col("superseded_at").is_null())

    def closings(of: pl.DataFrame) -> set[tuple[str, str]]:
        rows = of.filter(pl.col("event") == "closed")
        return set(zip(rows["account_id"], rows["ad_id"], strict=True))

    assert closings(after) - closings(events) == set()
