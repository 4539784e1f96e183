"""What could be known: a forward filter with the true parameters of the made-up market.

Run: `python -m benchmarks.oracle [--markets 3] [--accounts 5000] [--draws 4]`. Prints
what the experts' first day and the champion reach, as shares of the filter's
(SCIENCE 5.7). The filter sees what everybody sees, never a state or a cause: it knows
rates, densities, sizes and sector effects, and how likely an observed cause is true.
Features are drawn (`feature_market`): what extraction costs is not in these figures.
"""

import argparse
from collections.abc import Iterable, Iterator

import numpy as np
from scipy.stats import nbinom, norm, poisson

from benchmarks import estimator
from benchmarks.feature_market import (
    BURN_IN,
    CAUSES,
    COUNTS,
    EVENTS,
    FIRST_DAY,
    SHIFTS,
    THEME_JOBS,
    Market,
    Weekly,
    market,
    with_events,
)
from orchestration.scoring.coefficients import Vector
from orchestration.scoring.learning import (
    HORIZON,
    PUBLICATION_LAG,
    STEP,
    design,
    first_outcomes,
    outcomes,
)

STATES = 5
STEPS_AHEAD = 13
_AR, _AR_SD = 0.8, 0.6
_FLOOR = 0.05


def foretold(of: Market) -> Vector:
    """The filter's probability of a tender in 91 days, for each row of the market."""
    assert of.weekly is not None
    return np.concatenate(
        [
            p
            for week, p in enumerate(foretold_weekly(of.weekly, moved=False))
            if week >= BURN_IN and (week - BURN_IN) % 4 == 0
        ]
    )


def foretold_weekly(
    weekly: Weekly, moved: bool = True, more: Vector | None = None
) -> Iterator[Vector]:
    """The filter's probability of a tender in the 91 days after each week.

    Args:
        weekly: what was seen; a kind of shift that is not there is not used, and
            `hush`, if there, multiplies how many ads are expected.
        moved: whether the week's own tenders and awards are known already.
        more: log-likelihoods of what else was seen, weeks x accounts x states.
    """
    n = len(weekly.size)
    n_weeks = len(weekly.seen["award"])
    belief = np.zeros((n, STATES))
    belief[:, 0] = 1.0
    load = {name: np.zeros(n) for name in CAUSES}
    for week in range(n_weeks):
        for name, (rate, _, half, recall, false, _) in CAUSES.items():
            true = rate * recall / (rate * recall + false)
            missed = rate * (1 - recall)
            load[name] = (
                load[name] * 2 ** (-1 / half) + weekly.seen[name][week] * true + missed
            )
        belief = belief * _likelihood(weekly, week)
        if more is not None:
            belief *= np.exp(more[week])
        belief /= belief.sum(axis=1, keepdims=True)
        if not moved:
            yield _ahead(belief, weekly, load)
        step = _transition(weekly, load)
        # What moves in public is known: a tender published, a contract awarded.
        joint = belief[:, :, None] * step
        told_tender = weekly.seen["tender"][week] > 0
        told_award = weekly.seen["award"][week] > 0
        quiet = ~told_tender & ~told_award
        joint[quiet] *= 1.0 - _only(2, 3) - _only(3, 4)
        belief = joint.sum(axis=1)
        belief[told_tender] = _state(3)
        # A tender that is decided in its own week has been served at the end of it.
        belief[told_award] = _state(4)
        belief /= belief.sum(axis=1, keepdims=True)
        if moved:
            yield _ahead(belief, weekly, load)


def _only(before: int, after: int) -> Vector:
    only = np.zeros((STATES, STATES))
    only[before, after] = 1.0
    return only


def _state(which: int) -> Vector:
    return np.eye(STATES)[which]


def _hazard(weekly: Weekly, load: dict[str, Vector]) -> Vector:
    m = np.ones(len(weekly.size))
    for name, (_, effect, *_) in CAUSES.items():
        m *= 1 + (effect - 1) * np.minimum(load[name], 1)
    m *= 1 + 0.8 * np.minimum(load["leader_primary"], 1) * np.minimum(load["unrest"], 1)
    began = 0.0018 * np.exp(0.4 * weekly.size + weekly.sector_effect)
    return np.minimum(began * np.maximum(m, _FLOOR), 1.0)


def _transition(weekly: Weekly, load: dict[str, Vector]) -> Vector:
    step = np.zeros((len(weekly.size), STATES, STATES))
    began = _hazard(weekly, load)
    step[:, 0, 1], step[:, 0, 0] = began, 1 - began
    step[:, 1, 2], step[:, 1, 0], step[:, 1, 1] = 0.10, 0.03, 0.87
    step[:, 2, 3], step[:, 2, 0], step[:, 2, 2] = 0.125, 0.02, 0.855
    step[:, 3, 4], step[:, 3, 3] = 0.125, 0.875
    step[:, 4, 0], step[:, 4, 4] = 1 / 26, 25 / 26
    return step


def _ahead(belief: Vector, weekly: Weekly, load: dict[str, Vector]) -> Vector:
    """Mass that reaches procuring within 13 weeks, from any other state."""
    now = belief.copy()
    start = now[:, 3].copy()
    now[:, 3] = 0.0
    reached = np.zeros(len(now))
    fading = dict(load)
    for _ in range(STEPS_AHEAD):
        now = np.einsum("ij,ijk->ik", now, _transition(weekly, fading))
        reached += now[:, 3]
        now[:, 3] = 0.0
        fading = {
            name: value * 2 ** (-1 / CAUSES[name][2]) + CAUSES[name][0]
            for name, value in fading.items()
        }
    return reached / np.maximum(1.0 - start, 1e-12)


def _likelihood(weekly: Weekly, week: int) -> Vector:
    n = len(weekly.size)
    log = np.zeros((n, STATES))
    for name, (rates, _) in EVENTS.items():
        fired = weekly.seen[name][week][:, None] > 0
        p = np.array(rates)[None, :]
        log += np.where(fired, np.log(p), np.log1p(-p))
    hush = weekly.seen["hush"][week] if "hush" in weekly.seen else np.ones(n)
    often = hush * np.sqrt(weekly.activity)
    rate = 0.02 * often[:, None] * np.array(THEME_JOBS)[None, :]
    log += poisson.logpmf(weekly.seen["theme_jobs"][week][:, None], rate)
    for name, (mean, multiples, shape) in COUNTS.items():
        usual = mean * weekly.activity * (hush if name == "job_tempo" else 1.0)
        mu = usual[:, None] * np.array(multiples)[None, :]
        log += nbinom.logpmf(
            weekly.seen[name][week][:, None], shape, shape / (shape + mu)
        )
    for name, means in SHIFTS.items():
        if name not in weekly.seen:
            continue
        z, m = weekly.seen[name], np.array(means, dtype=float)[None, :]
        if week == 0:
            log += norm.logpdf(z[0][:, None], m, 1.0)
            continue
        # The noise is carried from week to week; states mostly stay, so the mean
        # of the week before is taken to be this week's.
        expected = m + _AR * (z[week - 1][:, None] - m)
        log += norm.logpdf(z[week][:, None], expected, _AR_SD)
    return np.exp(log - log.max(axis=1, keepdims=True))


def drawn(n_markets: int, n_accounts: int) -> Iterator[tuple[Market, Vector]]:
    """Made-up markets, and the filter's probabilities of their rows."""
    for seed in range(n_markets):
        whole = market(100 + seed, n_accounts, estimator.WEEKS, watched=True)
        yield whole, foretold(whole)


def compare(
    markets: Iterable[tuple[Market, Vector]], n_accounts: int, n_draws: int
) -> None:
    """Print the experts and the champion as shares of the filter.

    Args:
        markets: each with the filter's probabilities of its rows: all accounts on
            every STEP-th day from FIRST_DAY on.
        n_accounts: of each market.
        n_draws: sets of outcomes to learn from, for each number of them.
    """
    found: dict[str, list[dict]] = {}
    kept: dict[str, list[int]] = {}
    for seed, (whole, filter_says) in enumerate(markets):
        first = first_outcomes(whole.notices)
        rows = design(whole.population, first, whole.last_day)
        starts = int(rows.day.max()) - (estimator.TEST_LANDMARKS - 1) * STEP
        test = rows.chosen(rows.day >= starts)
        past = rows.chosen(rows.day + HORIZON + PUBLICATION_LAG <= starts)
        outcome_day = outcomes(test.account, test.day, first)
        knows = filter_says.reshape(-1, n_accounts)
        at = (test.day - FIRST_DAY) // STEP

        def add(name: str, p: Vector, probable: bool = True) -> None:
            found.setdefault(name, []).append(
                estimator.judged(test, outcome_day, p, probable)  # noqa: B023
            )

        add("filter oracle", knows[at, test.account])
        add("points (+10)", estimator.points(test), probable=False)
        add("day one", estimator.day_one(test))
        for n in estimator.EVENTS:
            for draw in range(n_draws if n < estimator.EVENTS[-1] else 1):
                learned_from = with_events(past, n, 10 * seed + draw)
                maximum, _, nothing = estimator.champion(learned_from, test)
                name = f"champion, {n:,} outcomes"
                add(name, maximum)
                kept.setdefault(name, []).append(nothing)
    mean = {
        name: {k: float(np.mean([m[k] for m in measures])) for k in measures[0]}
        for name, measures in found.items()
    }
    best, points = mean["filter oracle"], mean["points (+10)"]
    print(
        "| model | AUC | share of AUC - .5 | P@100 | share | over points "
        "| caught28 | share | ECE - floor | kept of 10 without effect |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, m in mean.items():
        above = f"{m['ECE'] - m['floor']:+.4f}" if "ECE" in m else "-"
        nothing = f"{np.mean(kept[name]):.2f}" if name in kept else "-"
        print(
            f"| {name} | {m['AUC']:.4f} "
            f"| {(m['AUC'] - 0.5) / (best['AUC'] - 0.5):.3f} "
            f"| {m['P@100']:.3f} | {m['P@100'] / best['P@100']:.3f} "
            f"| {m['P@100'] / points['P@100']:.2f} "
            f"| {m['caught28']:.3f} | {m['caught28'] / best['caught28']:.3f} "
            f"| {above} | {nothing} |"
        )


def main(arguments: list[str] | None = None) -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markets", type=int, default=3)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--draws", type=int, default=4)
    asked = parser.parse_args(arguments)
    compare(drawn(asked.markets, asked.accounts), asked.accounts, asked.draws)


if __name__ == "__main__":
    main()
