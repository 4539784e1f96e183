"""The champion against simpler models, on made-up markets without pages.

Run: `python -m benchmarks.estimator [--markets 3] [--draws 4] [--accounts 5000]`.
Prints two tables: models learned from 20, 100 and 1,000 outcomes, judged on later
landmarks of the same market, and how often the 90 % intervals of lifts hold the lift of
a population twenty times as large. scikit-learn is imported here and nowhere else.

Features are drawn, not read from pages (`feature_market`): figures say what the
estimator is worth, not what extraction leaves of it.
"""

import argparse
import warnings
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

from benchmarks.feature_market import experts, market, with_events
from orchestration.scoring import calibration as c
from orchestration.scoring.backtest import FIRED, lead_times
from orchestration.scoring.coefficients import Vector, anchored_intercept, sigmoid
from orchestration.scoring.hierarchy import mean_probability
from orchestration.scoring.learning import (
    HORIZON,
    PUBLICATION_LAG,
    STEP,
    Design,
    design,
    first_outcomes,
    learn,
    outcomes,
)
from orchestration.scoring.lift import signal_lift

EVENTS = (20, 100, 1_000)
TEST_LANDMARKS = 13
# What an account is, or what counts against it: nobody gives points for it.
NO_SIGNALS = ("size", "award", "own_tender_recent")
BASE_RATE = 0.03
# What a user may have said the base rate is, when it is not.
WRONG_RATES = (0.018, 0.048)
WEEKS = 230


def champion(
    train: Design, test: Design, base_rate: float = BASE_RATE
) -> tuple[Vector, Vector, int]:
    """Pruned, sectors shrunk, anchored on a base rate before learning.

    Returns:
        Probabilities at the maximum, averaged over doubt, and how many of the signals
        without effect were kept.
    """
    prior, groups, spreads = experts(train.names, 0.0)
    a0 = anchored_intercept(test.x @ prior.weight, base_rate)
    learned = learn(train, replace(prior, intercept=a0), groups, spreads)
    nothing = [name.startswith("nuisance") for name in train.names]
    kept = int((learned.posterior.beta[nothing] != 0).sum())
    found = learned.posterior
    return found.probability(test.x), mean_probability(found, test.x), kept


def day_one(test: Design, base_rate: float = BASE_RATE) -> Vector:
    """The experts, anchored on a base rate without any outcome."""
    prior, _, _ = experts(test.names, 0.0)
    scores = test.x @ prior.weight
    return sigmoid(anchored_intercept(scores, base_rate) + scores)


def l2(train: Design, test: Design, tuned: bool) -> Vector:
    """scikit-learn's L2 logistic regression on standardised columns."""
    scaler = StandardScaler().fit(train.x)
    if tuned:
        # Folds by account would need more outcomes than 20; rows do it no harm.
        model = LogisticRegressionCV(
            Cs=np.logspace(-4, 1, 8), cv=3, scoring="neg_log_loss", max_iter=500
        )
    else:
        model = LogisticRegression(max_iter=500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(scaler.transform(train.x), train.y)
    return np.asarray(model.predict_proba(scaler.transform(test.x))[:, 1])


def points(test: Design) -> Vector:
    """Ten points a signal that fired; no probabilities, a ranking."""
    signals = [
        name not in NO_SIGNALS and not name.startswith("sector") and " x " not in name
        for name in test.names
    ]
    return (test.x[:, signals] >= FIRED).sum(axis=1) * 10.0


def judged(test: Design, outcome_day: Vector, p: Vector, probable: bool) -> dict:
    """The measures of a table row."""
    days = [test.day == day for day in np.unique(test.day)]
    found = {
        "AUC": c.auc(test.y, p),
        "P@100": float(np.mean([c.precision_at(test.y[d], p[d], 100) for d in days])),
        "caught28": lead_times(
            p, test.account, test.day, outcome_day, random_lists=1
        ).caught_early,
    }
    if probable:
        reference = np.full(len(test.y), test.y.mean())
        found |= {
            "log loss": c.log_loss(test.y, p),
            "Brier skill": c.skill(c.brier(test.y, p), c.brier(test.y, reference)),
            "ECE": c.ece(test.y, p),
            "floor": c.ece_noise_floor(p, draws=30),
        }
    return found


def compare(n_markets: int, n_draws: int, n_accounts: int) -> None:
    """Print the table of models by outcomes learned from."""
    found: dict[tuple[int, str], list[dict]] = {}
    kept: dict[int, list[int]] = {n: [] for n in EVENTS}
    for seed in range(n_markets):
        whole = market(100 + seed, n_accounts, WEEKS)
        first = first_outcomes(whole.notices)
        rows = design(whole.population, first, whole.last_day)
        starts = int(rows.day.max()) - (TEST_LANDMARKS - 1) * STEP
        test = rows.chosen(rows.day >= starts)
        past = rows.chosen(rows.day + HORIZON + PUBLICATION_LAG <= starts)
        outcome_day = outcomes(test.account, test.day, first)

        def add(n: int, name: str, p: Vector, probable: bool = True) -> None:
            found.setdefault((n, name), []).append(
                judged(test, outcome_day, p, probable)  # noqa: B023
            )

        add(0, "points (+10)", points(test), probable=False)
        add(0, "day one", day_one(test))
        for rate in WRONG_RATES:
            add(0, f"day one, told {rate:.1%}", day_one(test, rate))
        add(0, "base rate", np.full(len(test.y), test.y.mean()))
        for n in EVENTS:
            for draw in range(n_draws if n < EVENTS[-1] else 1):
                train = with_events(past, n, draw)
                maximum, mean, zero = champion(train, test)
                kept[n].append(zero)
                add(n, "champion", maximum)
                add(n, "champion, averaged", mean)
                for rate in WRONG_RATES if n == EVENTS[0] else ():
                    add(n, f"champion, told {rate:.1%}", champion(train, test, rate)[0])
                add(n, "L2 logistic, C=1", l2(train, test, tuned=False))
                add(n, "L2 logistic, C by folds", l2(train, test, tuned=True))
    columns = ["log loss", "Brier skill", "AUC", "ECE", "floor", "P@100", "caught28"]
    print("| outcomes | model |", " | ".join(columns), "|")
    print("|---|---|" + "---|" * len(columns))
    for (n, name), measures in sorted(found.items(), key=lambda item: item[0][0]):
        means = [
            f"{np.mean([m[k] for m in measures]):.4f}" if k in measures[0] else "-"
            for k in columns
        ]
        print(f"| {n:,} | {name} |", " | ".join(means), "|")
    for n in EVENTS:
        print(
            f"of 10 signals of no effect, kept at {n:,} outcomes: "
            f"{np.mean(kept[n]):.2f} (most {max(kept[n])})"
        )


def coverage(n_accounts: int, n_samples: int) -> None:
    """Print how often the intervals of lifts hold the population's lift."""
    whole = market(500, n_accounts, 170)
    first = first_outcomes(whole.notices)
    rows = design(whole.population, first, whole.last_day)
    signals = [
        k
        for k, name in enumerate(rows.names)
        if not name.startswith("sector") and " x " not in name
    ]
    rows = replace(
        rows, names=tuple(rows.names[k] for k in signals), x=rows.x[:, signals]
    )
    prior, _, _ = experts(rows.names, -3.5)
    fired = rows.x >= FIRED
    truth = [
        rows.y[fired[:, k]].mean() / rows.y[~fired[:, k]].mean()
        for k in range(len(signals))
    ]
    generator = np.random.default_rng(0)
    for n in (100, 1_000):
        held, width, unknown = [], [], 0
        share = n / rows.n_events
        for sample in range(n_samples):
            there = generator.random(n_accounts) < share
            few = rows.chosen(there[rows.account])
            # About n outcomes: the rule for too few is judged elsewhere.
            few = replace(few, n_events=max(few.n_events, 100))
            learned = learn(few, prior, prune=False)
            zeros = np.zeros(len(few.y), dtype=np.int64)
            for true, one in zip(
                truth, signal_lift(few, learned, zeros, seed=sample), strict=True
            ):
                if one.lower is None or one.upper is None:
                    unknown += 1
                    continue
                held.append(one.lower <= true <= one.upper)
                width.append(np.log(one.upper / max(one.lower, 1e-3)))
        print(
            f"lift intervals at about {n:,} outcomes: {np.mean(held):.3f} hold the "
            f"population's lift (of {len(held):,}; mean log-width "
            f"{np.mean(width):.2f}; {unknown} not yet known)"
        )


def main(arguments: list[str] | None = None) -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markets", type=int, default=3)
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--accounts", type=int, default=5_000)
    asked = parser.parse_args(arguments)
    compare(asked.markets, asked.draws, asked.accounts)
    coverage(4 * asked.accounts, 5 * asked.draws)


if __name__ == "__main__":
    main()
