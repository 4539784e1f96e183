"""The forward filter on the practice market itself: its own stories, its own tenders.

Run: `python -m benchmarks.market_oracle [--seed 7] [--companies 1500] [--days 730]
[--need-scale 1]`. Prints how well a filter that knows the rates, the densities, sizes
and sectors, and sees what the market shows but never a state, foretells the tenders of
91 days (SCIENCE 5.7). Nothing is crawled here; `http_features` sets what was read over
HTTP beside it.

It reads the share of the theme's words without error, as no reader of a week's text
can. How often paragraphs open with the theme and the mix of jobs are left out.
"""

import argparse
from collections.abc import Sequence
from math import log

import numpy as np
from scipy.stats import norm

from benchmarks.feature_market import CAUSES, SHIFTS, Weekly
from benchmarks.oracle import foretold_weekly
from orchestration.scoring import calibration as c
from orchestration.scoring.coefficients import Vector
from practice_market.company import HISTORY_DAYS, Market, sector_effect, sector_shock
from practice_market.story import STATES, Story, tell

HORIZON = 91
_NAMES = {"reorg": "reorganisation", "hiring_freeze": "freeze"}
"""What the feature market calls a cause that the practice market names otherwise."""
_HUSHED_DAYS, _HUSHED = 70, 0.15
# Of the story: share of the theme's words at z = -1 and below, what a theme ad has
# more, and what a sector's shock adds to z.
_USUAL, _THEME_AD, _SHOCK = 0.02, 0.12, 1.2


def weekly_of(market: Market, stories: Sequence[Story]) -> Weekly:
    """What each week showed, from HISTORY_DAYS before the market opened."""
    weeks = (HISTORY_DAYS + market.days) // 7
    names = [*CAUSES, "initiative", "partnership", "prior_information", "theme_jobs"]
    names += ["job_tempo", "edit_tempo", "press_tempo", "tender", "award"]
    seen = {name: np.zeros((weeks, len(stories))) for name in names}
    seen["hush"] = np.ones((weeks, len(stories)))

    def add(name: str, day: int, account: int) -> None:
        week = (day + HISTORY_DAYS) // 7
        if 0 <= week < weeks:
            seen[name][week, account] += 1

    for account, story in enumerate(stories):
        for cause in story.causes:
            if not cause.is_visible:
                continue
            add(_NAMES.get(cause.kind, cause.kind), cause.day, account)
            if cause.kind == "hiring_freeze":
                first = -(-(cause.day + 1 + HISTORY_DAYS) // 7)
                last = -(-(cause.day + _HUSHED_DAYS + HISTORY_DAYS) // 7)
                seen["hush"][first:last, account] = _HUSHED
        for job in story.jobs:
            # An unrelated ad has none of the theme's words: a nuisance.
            if job.is_theme or job.rho > 0:
                name = "theme_jobs" if job.is_theme else "job_tempo"
                add(name, job.opened, account)
        for edit in story.edits:
            add("edit_tempo", edit.day, account)
        for article in story.articles:
            if article.kind == "general":
                add("press_tempo", article.day, account)
            elif article.kind in ("initiative", "partnership"):
                add(article.kind, article.day, account)
        for notice in story.prior_notices:
            add("prior_information", notice.day, account)
        for tender in story.tenders:
            add("tender", tender.published, account)
            if tender.decided is not None:
                add("award", tender.decided, account)
    for name in ("tender", "award", "initiative", "partnership", "prior_information"):
        seen[name] = np.minimum(seen[name], 1.0)
    # The need's scale multiplies the hazard just as a sector does.
    scale = log(market.need_scale)
    return Weekly(
        size=np.array([one.company.size for one in stories]),
        sector_effect=np.array(
            [sector_effect(market, one.company.sector) + scale for one in stories]
        ),
        activity=np.array([one.company.activity for one in stories]),
        seen=seen,
    )


def shares_of_text(story: Story) -> list[tuple[int, float]]:
    """Days of an account's new texts, and the share of the theme's words in each."""
    shares = [(one.day, one.rho) for one in story.edits]
    shares += [(a.day, a.rho) for a in story.articles if a.kind == "general"]
    shares += [(j.opened, j.rho - _THEME_AD) for j in story.jobs if j.is_theme]
    return shares


def language(market: Market, stories: Sequence[Story]) -> Vector:
    """Log-likelihoods of the words of each week, weeks x accounts x states.

    The share of the theme's words in an edit, an item or an ad tells the week's z, or
    that it was below -1; a week without text tells nothing. What a sector's shock adds
    is known.
    """
    weeks = (HISTORY_DAYS + market.days) // 7
    told = np.zeros((weeks, len(stories), len(STATES)))
    means = np.array(SHIFTS["language"], dtype=float)
    for account, story in enumerate(stories):
        for day, share in shares_of_text(story):
            week = (day + HISTORY_DAYS) // 7
            if not 0 <= week < weeks:
                continue
            monday = 7 * week - HISTORY_DAYS
            shock = sector_shock(market, story.company.sector, monday)
            raised = _SHOCK if shock else 0.0
            z = (share - _USUAL) / _USUAL - 1.0 - raised
            is_floor = share <= _USUAL + 1e-9
            spread = norm.logcdf if is_floor else norm.logpdf
            told[week, account] = spread(z, loc=means)
    return told


def knows(market: Market, stories: Sequence[Story]) -> dict[int, Vector]:
    """The filter's probability of a tender in 91 days on every Monday, by day.

    Day 0 is the market's first. A Monday knows the weeks before it.
    """
    found = foretold_weekly(weekly_of(market, stories), more=language(market, stories))
    return {
        7 * (week + 1) - HISTORY_DAYS: p
        for week, p in enumerate(found)
        if 7 * (week + 1) >= HISTORY_DAYS
    }


def at_risk(story: Story, day: int) -> bool:
    """Whether no tender of the account's own is open on a day."""
    return not any(
        one.published <= day and (one.decided is None or one.decided > day)
        for one in story.tenders
    )


def comes(story: Story, day: int) -> bool:
    """Whether a first tender (none in the 365 days before) comes in 91 days."""
    before = None
    for one in story.tenders:
        is_first = before is None or one.published - before > 365
        before = one.published
        if is_first and day < one.published <= day + HORIZON:
            return True
    return False


def main(arguments: list[str] | None = None) -> None:
    """Print the filter's figures and those of the state itself."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--companies", type=int, default=1_500)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--need-scale", type=float, default=1.0)
    asked = parser.parse_args(arguments)
    market = Market(
        seed=asked.seed,
        companies=asked.companies,
        days=asked.days,
        need_scale=asked.need_scale,
    )
    stories = [tell(market, index) for index in range(market.companies)]
    y, p, state = [], [], []
    for day, told in sorted(knows(market, stories).items()):
        if day % 28 or day < 91 or day + HORIZON >= market.days:
            continue
        for account, story in enumerate(stories):
            if at_risk(story, day):
                y.append(comes(story, day))
                p.append(told[account])
                state.append(story.state(day))
    known, said, states = np.array(y, float), np.array(p), np.array(state)
    share = np.array(
        [
            known[states == s].mean() if (states == s).any() else 0.0
            for s in range(len(STATES))
        ]
    )
    print(f"{len(known):,} account-days, base rate {known.mean():.4f}")
    print("| who foretells | AUC | precision in the top 2 % | ECE | noise floor |")
    print("|---|---|---|---|---|")
    for name, made in (("the state itself", share[states]), ("the filter", said)):
        top = c.precision_at(known, made, max(1, len(known) // 50))
        floor = c.ece_noise_floor(made, draws=30)
        print(
            f"| {name} | {c.auc(known, made):.4f} | {top:.3f} "
            f"| {c.ece(known, made):.4f} | {floor:.4f} |"
        )


if __name__ == "__main__":
    main()
