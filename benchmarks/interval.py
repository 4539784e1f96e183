"""What the 90 % intervals of the score hold, on made-up markets without pages.

Run: `python -m benchmarks.interval [--accounts 4000] [--large 40000]`. Two questions:
how often the day-one interval holds the probability of a world drawn from the experts'
own doubt, with the intercept anchored anew in each; and how often intervals of day one
and of the champion hold the probability that a fit to a market many times as large
gives the same account. Both for all accounts and for the likeliest 2 %, the busy ones.
Features are drawn (`feature_market`), not read from pages.
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.estimator import WEEKS
from benchmarks.feature_market import experts, market, with_events
from orchestration.scoring.coefficients import (
    Z90,
    Coefficients,
    Vector,
    anchored_centre,
    anchored_intercept,
    logit_sd,
    sigmoid,
)
from orchestration.scoring.estimator import Posterior, Prior
from orchestration.scoring.learning import (
    HORIZON,
    PUBLICATION_LAG,
    Design,
    design,
    first_outcomes,
    learn,
)

BUSY = 0.02
TRUE_RATE = 0.03
# What a user may have said the base rate is, when it is not.
TOLD = (0.015, 0.018, 0.03, 0.048, 0.06)
EVENTS = (20, 100, 1_000)
INTERCEPT_SDS = (0.0, 0.42, 1.0)
KAPPA_SD = 0.5


def believed(names: tuple[str, ...], base_rate: float, x: Vector) -> Prior:
    """The experts' prior, with what they have no opinion of fixed at 0."""
    prior, _, _ = experts(names, 0.0)
    return replace(
        prior,
        sd=np.where(prior.weight == 0.0, 0.0, prior.sd),
        intercept=anchored_intercept(x @ prior.weight, base_rate),
    )


def of_day_one(prior: Prior, intercept_sd: float) -> Coefficients:
    """The day-one coefficients; the prior is the posterior of no outcome."""
    w, n = prior.weight, len(prior.weight)
    covariance = np.zeros((n + 2, n + 2))
    covariance[0, 0] = intercept_sd**2
    covariance[2:, 2:] = np.diag(prior.sd**2) + KAPPA_SD**2 * np.outer(w, w)
    return Coefficients(prior.names, w, covariance)


def worlds(prior: Prior, n: int, seed: int, is_cut: bool) -> Vector:
    """Betas drawn from the experts' doubt; where ``is_cut`` signs are kept."""
    g = np.random.default_rng(seed)
    kappa = np.abs(g.normal(1.0, KAPPA_SD, n))
    mean = kappa[:, None] * prior.weight
    beta = g.normal(mean, prior.sd)
    for _ in range(200 if is_cut else 0):
        wrong = beta * prior.sign < 0
        if not wrong.any():
            break
        beta[wrong] = g.normal(mean, prior.sd)[wrong]
    return beta


def _told(name: str, held: Vector, lower: Vector, upper: Vector, busy: Vector) -> None:
    width = upper - lower
    print(
        f"| {name} | {held.mean():.3f} | {held[..., busy].mean():.3f} "
        f"| {np.median(width):.3f} | {np.median(width[busy]):.3f} |"
    )


def _busy(p: Vector) -> Vector:
    return np.argsort(-p)[: max(1, round(BUSY * len(p)))]


def own_doubt(today: Design, n_worlds: int) -> None:
    """Print how often worlds drawn from the prior lie in the day-one interval."""
    prior = believed(today.names, TRUE_RATE, today.x)
    logit = prior.intercept + today.x @ prior.weight
    p = sigmoid(logit)
    centres = {
        "x (before)": np.zeros(today.x.shape[1]),
        "x - mean": today.x.mean(axis=0),
        "x - anchored centre": anchored_centre(today.x, p),
    }
    for is_cut in (False, True):
        beta = worlds(prior, n_worlds, 1, is_cut)
        scores = beta @ today.x.T
        anchored = np.array([anchored_intercept(s, TRUE_RATE) for s in scores])
        for sd in (0.0, 1.0):
            g = np.random.default_rng(2)
            true = scores + (anchored + sd * g.normal(size=len(beta)))[:, None]
            for name, centre in centres.items():
                reach = Z90 * logit_sd(of_day_one(prior, sd), today.x - centre)
                held = np.abs(true - logit) <= reach
                _told(
                    f"{name}, intercept sd {sd}{', signs kept' if is_cut else ''}",
                    held,
                    sigmoid(logit - reach),
                    sigmoid(logit + reach),
                    _busy(p),
                )


def of_a_large_fit(
    n_accounts: int, n_large: int, n_draws: int, seed: int
) -> dict[str, list[Vector]]:
    """What intervals hold of the probabilities a large fit gives the same accounts."""
    large = market(700 + seed, n_large, WEEKS)
    rows = design(large.population, first_outcomes(large.notices), large.last_day)
    prior, groups, spreads = experts(rows.names, -3.5)
    # Nothing is pruned: the truth has no reason to be sparse.
    truth = learn(rows, prior, groups, spreads, prune=False).posterior
    # Accounts learned from and asked about are the first of the same market.
    own = rows.chosen(rows.account < n_accounts)
    today = own.chosen(own.day == own.day.max())
    past = own.chosen(own.day + HORIZON + PUBLICATION_LAG <= int(own.day.max()))
    true = truth.logit(today.x)
    found: dict[str, list[Vector]] = {}

    def add(name: str, logit: Vector, sd: Vector) -> None:
        reach = Z90 * sd
        held = np.abs(true - logit) <= reach
        found.setdefault(name, []).append(
            np.array(
                [
                    held.mean(),
                    held[_busy(logit)].mean(),
                    np.median(sigmoid(logit + reach) - sigmoid(logit - reach)),
                    np.median(
                        (sigmoid(logit + reach) - sigmoid(logit - reach))[_busy(logit)]
                    ),
                ]
            )
        )

    for rate in TOLD:
        believes = believed(today.names, rate, today.x)
        logit = believes.intercept + today.x @ believes.weight
        centre = anchored_centre(today.x, sigmoid(logit))
        for sd in INTERCEPT_SDS:
            add(
                f"day one, told {rate:.1%}, intercept sd {sd}",
                logit,
                logit_sd(of_day_one(believes, sd), today.x - centre),
            )
        if rate == TRUE_RATE:
            add(
                "day one, before",
                logit,
                logit_sd(of_day_one(believes, 1.0), today.x),
            )
    for n in EVENTS:
        for draw in range(n_draws if n < EVENTS[-1] else 1):
            train = with_events(past, n, draw)
            first = replace(
                prior, intercept=anchored_intercept(today.x @ prior.weight, TRUE_RATE)
            )
            for pruned in (True, False):
                learned: Posterior = learn(
                    train, first, groups, spreads, prune=pruned
                ).posterior
                add(
                    f"champion, {n:,} outcomes{'' if pruned else ', nothing dropped'}",
                    learned.logit(today.x),
                    learned.logit_sd(today.x),
                )
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=4_000)
    parser.add_argument("--large", type=int, default=40_000)
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--markets", type=int, default=2)
    asked = parser.parse_args(arguments)
    header = "| interval | holds, all | busy 2 % | median width | busy 2 % |"
    whole = market(100, asked.accounts, 120)
    rows = design(whole.population, first_outcomes(whole.notices), whole.last_day)
    print(header, "|---|---|---|---|---|", sep="\n")
    own_doubt(rows.chosen(rows.day == rows.day.max()), asked.worlds)
    every: dict[str, list[Vector]] = {}
    for seed in range(asked.markets):
        one = of_a_large_fit(asked.accounts, asked.large, asked.draws, seed)
        for name, values in one.items():
            every.setdefault(name, []).extend(values)
    print("", header, "|---|---|---|---|---|", sep="\n")
    for name, values in every.items():
        said = " | ".join(f"{v:.3f}" for v in np.mean(values, axis=0))
        print(f"| {name} | {said} |")


if __name__ == "__main__":
    main()
