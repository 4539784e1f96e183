"""What the lots on call lists are worth: a model of outcomes that only calls show.

Run: `python -m benchmarks.selection [--accounts 2000] [--weeks 216] [--markets 10]`.
Lists are drawn as the product draws them (a twentieth of the places by lot), from a
rank that knows an account's size beside its signals; outcomes are known of listed
accounts alone; the model knows the signals only. It is fitted to listed rows as they
are, to listed rows weighed as the product weighs them (one over the chance of a place,
at most ten), without that most, and to all rows, which only a made-up market shows.
Features are drawn (`feature_market`), not read from pages.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.feature_market import WEIGHTS, experts, market
from orchestration.scoring.coefficients import Vector, sigmoid
from orchestration.scoring.estimator import fit
from orchestration.scoring.exploration import label_weights, lots
from orchestration.scoring.learning import Design, design, first_outcomes

# Accounts a seller has, how many of them a list of four weeks holds, and the share of
# its places that is drawn by lot.
SELLER, LISTED, SHARE = 200, 0.2, 0.05
# What the order of a list knows and the model does not.
HIDDEN = ("size",)
_OFFER = "o"


@dataclass(frozen=True)
class Listed:
    """What a model may learn from, and the lists that chose it."""

    rows: Design  # the hidden columns taken out
    lists: pl.DataFrame  # as contract talk_to_now tells of them
    since: date

    @property
    def accounts(self) -> list[str]:
        """Who each row is of."""
        return [str(a) for a in self.rows.account.tolist()]

    @property
    def is_listed(self) -> NDArray[np.bool_]:
        """Rows whose outcome somebody learns of."""
        return self.lists["is_listed"].to_numpy().astype(bool)

    def weights(self) -> Vector:
        """What the product makes each row weigh."""
        return label_weights(self.accounts, self.rows.day, self.lists, self.since)


@dataclass(frozen=True)
class Fitted:
    """A model, judged on all accounts, called or not."""

    name: str
    expected: float  # mean probability over the share that had an outcome
    log_loss: float
    off: float  # mean distance of coefficients from those of all rows


def listed_market(seed: int, n: int, weeks: int) -> Listed:
    """A market with the lists of its sellers, every four weeks."""
    made = market(seed, n, weeks)
    whole = design(made.population, first_outcomes(made.notices), made.last_day)
    known = {name: WEIGHTS.get(name, 0.0) for name in whole.names}
    known |= dict.fromkeys(HIDDEN, 1.0)
    rank = whole.x @ np.array([known[name] for name in whole.names])
    kept = [
        k
        for k, name in enumerate(whole.names)
        if name not in HIDDEN and not name.startswith("sector ")
    ]
    rows = replace(whole, names=tuple(whole.names[k] for k in kept), x=whole.x[:, kept])
    is_listed, by_lot = np.zeros((2, len(rows.y)), dtype=bool)
    chance = np.zeros(len(rows.y))
    for day in np.unique(rows.day):
        for seller in range(-(-n // SELLER)):
            mine = np.flatnonzero(
                (rows.day == day) & (rows.account // SELLER == seller)
            )
            ranked = [(str(i), _OFFER) for i in mine[np.argsort(-rank[mine])]]
            places = int(len(ranked) * LISTED)
            drawn = lots(ranked, places, SHARE * places, f"{seed} {day} {seller}")
            for one in ranked:
                i = int(one[0])
                is_listed[i] = one in drawn.listed
                by_lot[i] = one in drawn.by_lot
                chance[i] = drawn.chance[one]
    days = [date.fromordinal(int(d)) for d in rows.day]
    lists = pl.DataFrame(
        {
            "account_id": [str(a) for a in rows.account.tolist()],
            "offer": _OFFER,
            "as_of": days,
            "week": days,
            "is_listed": is_listed,
            "is_by_lot": by_lot,
            "propensity": chance,
        }
    )
    return Listed(rows, lists, min(days))


def fitted(listed: Listed) -> list[Fitted]:
    """The models, that of all rows first."""
    rows = listed.rows
    prior, _, _ = experts(rows.names, -4.0)
    chance = np.maximum(listed.lists["propensity"].to_numpy(), 1e-9)
    every = {
        "all rows, which nobody sees": np.ones(len(rows.y)),
        "listed rows": listed.is_listed.astype(float),
        "listed rows, weighed": listed.weights(),
        "listed rows, weighed without a most": listed.is_listed / chance,
    }
    found: list[Fitted] = []
    reference: Vector | None = None
    for name, weight in every.items():
        kept = rows.chosen(weight > 0.0)
        made = fit(kept.x, kept.y, prior, kept.row_weight * weight[weight > 0.0])
        reference = made.beta if reference is None else reference
        p = sigmoid(made.intercept + rows.x @ made.beta)
        found.append(
            Fitted(
                name,
                float(p.mean() / rows.y.mean()),
                float(-np.mean(rows.y * np.log(p) + (1 - rows.y) * np.log(1 - p))),
                float(np.abs(made.beta - reference).mean()),
            )
        )
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the means over markets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--weeks", type=int, default=216)
    parser.add_argument("--markets", type=int, default=10)
    asked = parser.parse_args(arguments)
    every = [
        fitted(listed_market(seed, asked.accounts, asked.weeks))
        for seed in range(1, asked.markets + 1)
    ]
    print("| learned from | expected over seen | log loss | off |\n|---|---|---|---|")
    for models in zip(*every, strict=True):
        told = np.mean([(m.expected, m.log_loss, m.off) for m in models], axis=0)
        low, high = (f(m.expected for m in models) for f in (min, max))
        print(
            f"| {models[0].name} | {told[0]:.3f} ({low:.2f} to {high:.2f}) | "
            f"{told[1]:.5f} | {told[2]:.3f} |"
        )


if __name__ == "__main__":
    main()
