"""The experts and the champion on the practice market's own stories, read perfectly.

Run: `python -m benchmarks.market_features [--markets 3] [--companies 5000]
[--draws 4]`. Prints the table of `oracle`, as shares of the filter of `market_oracle`.
Features are made of what the market showed each week, as SCIENCE 2.5 and 2.7 have them,
by a reader who misses nothing and misreads nothing: what extraction costs is not in
these figures (`http_features` has that). Stories are told at the pace of SCIENCE 5.1,
a third of what the market's pages are filled with otherwise.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.feature_market import (
    CAUSES,
    COUNTS,
    EVENTS,
    FIRST_DAY,
    PAIRS,
    Market,
    Weekly,
)
from benchmarks.market_oracle import at_risk, knows, shares_of_text, weekly_of
from benchmarks.oracle import compare
from orchestration.scoring.coefficients import Vector
from orchestration.scoring.learning import (
    FIRST_AFTER,
    HORIZON,
    STEP,
    Population,
    interactions,
    sector_columns,
)
from practice_market import company
from practice_market.company import HISTORY_DAYS
from practice_market.story import Story, tell

DAYS = 1_190
"""As long as `oracle`'s markets are after their burn-in."""
_LAM = 2 ** (-1 / 8)
_TENDER_RECENT = "own_tender_recent"


def features(
    weekly: Weekly, language: Vector, nuisances: dict[str, Vector]
) -> Iterator[dict[str, Vector]]:
    """After each week, what each account's features are (SCIENCE 2.7).

    Args:
        weekly: what was seen.
        language: z of each week's words, weeks x accounts; nan without any.
        nuisances: how often what means nothing was seen, weeks x accounts, by kind.
    """
    n = len(weekly.size)
    x = {name: np.zeros(n) for name in (*CAUSES, *EVENTS)}
    halves = {name: of[-1] for name, of in (*CAUSES.items(), *EVENTS.items())}
    carried = {name: np.zeros(n) for name in COUNTS}
    nothing = {name: np.zeros(n) for name in nuisances}
    jobs, words, award = np.zeros(n), np.zeros(n), np.zeros(n)
    since = np.full(n, 2.0 * FIRST_AFTER)
    for week in range(len(language)):
        for name, value in x.items():
            x[name] = value * 2 ** (-1 / halves[name]) + weekly.seen[name][week]
        for name, value in nothing.items():
            nothing[name] = value * _LAM + nuisances[name][week]
        jobs = jobs * _LAM + weekly.seen["theme_jobs"][week]
        award = award * 2 ** (-1 / 26) + weekly.seen["award"][week]
        for name, (mean, _, shape) in COUNTS.items():
            usual = mean * weekly.activity
            spread = np.sqrt(usual + usual**2 / shape)
            z = (weekly.seen[name][week] - usual) / spread
            carried[name] = _LAM * carried[name] + np.sqrt(1 - _LAM**2) * z
        words = _LAM * words + (1 - _LAM) * np.nan_to_num(language[week]) * 2
        since = np.where(weekly.seen["tender"][week] > 0, 0.0, since + 7)
        yield {
            **{name: np.minimum(value, 2.0) for name, value in x.items()},
            **{name: np.minimum(value, 2.0) for name, value in nothing.items()},
            "award": np.minimum(award, 2.0),
            "theme_jobs": np.sqrt(np.minimum(jobs, 6.0)),
            **{name: np.clip(value, 0, 5) for name, value in carried.items()},
            "language": np.clip(words, 0, 5),
            "size": weekly.size,
            # No first purchase can come of who bought within a year (decision 0017).
            _TENDER_RECENT: np.clip((FIRST_AFTER - since) / HORIZON, 0, 1),
        }


def language_z(stories: Sequence[Story], weeks: int) -> Vector:
    """Mean z of the shares of the theme's words of each week, weeks x accounts."""
    total, count = np.zeros((weeks, len(stories))), np.zeros((weeks, len(stories)))
    for account, story in enumerate(stories):
        for day, share in shares_of_text(story):
            week = (day + HISTORY_DAYS) // 7
            if 0 <= week < weeks:
                total[week, account] += (share - 0.02) / 0.02 - 1
                count[week, account] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def without_effect(stories: Sequence[Story], weeks: int) -> dict[str, Vector]:
    """How often each kind of nuisance was seen, weeks x accounts."""
    kinds = sorted({kind for story in stories for _, kind in story.nuisances})
    seen = {f"nuisance {kind}": np.zeros((weeks, len(stories))) for kind in kinds}
    for account, story in enumerate(stories):
        for day, kind in story.nuisances:
            week = (day + HISTORY_DAYS) // 7
            if 0 <= week < weeks:
                seen[f"nuisance {kind}"][week, account] += 1
    return seen


def observed(market: company.Market) -> tuple[Market, Vector]:
    """A market's features every fourth Monday, and the filter's probabilities."""
    stories = [tell(market, index) for index in range(market.companies)]
    weekly = weekly_of(market, stories)
    told = knows(market, stories)
    weeks = len(weekly.seen["award"])
    language, nothing = language_z(stories, weeks), without_effect(stories, weeks)
    tables, days, were_open, filter_says = [], [], [], []
    for week, columns in enumerate(features(weekly, language, nothing)):
        day = 7 * (week + 1) - HISTORY_DAYS
        if day < 0 or day % STEP or day not in told:
            continue
        names = tuple(columns)
        tables.append(np.column_stack(list(columns.values())))
        days.append(FIRST_DAY + day)
        filter_says.append(told[day])
        were_open.append(np.array([not at_risk(story, day) for story in stories]))
    table = np.vstack(tables)
    crossed, crossed_names = interactions(table, names, PAIRS)
    sectors, sector_names = sector_columns([story.company.sector for story in stories])
    n = len(stories)
    population = Population(
        names=(*names, *crossed_names, *sector_names),
        account=np.tile(np.arange(n), len(days)),
        day=np.repeat(np.array(days, dtype=np.int64), n),
        x=np.hstack([table, crossed, np.tile(sectors, (len(days), 1))]),
        observed_since=np.full(n * len(days), FIRST_DAY - HISTORY_DAYS),
        open_tender=np.concatenate(were_open),
    )
    notices = {
        account: [FIRST_DAY + one.published for one in story.tenders]
        for account, story in enumerate(stories)
        if story.tenders
    }
    whole = Market(population, notices, FIRST_DAY + market.days)
    return whole, np.concatenate(filter_says)


def main(arguments: list[str] | None = None) -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markets", type=int, default=3)
    parser.add_argument("--companies", type=int, default=5_000)
    parser.add_argument("--draws", type=int, default=4)
    asked = parser.parse_args(arguments)
    markets = (
        observed(
            company.Market(
                seed=7 + seed, companies=asked.companies, days=DAYS, need_scale=1.0
            )
        )
        for seed in range(asked.markets)
    )
    compare(markets, asked.companies, asked.draws)


if __name__ == "__main__":
    main()
