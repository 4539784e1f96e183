"""What came of places on call lists: those given by rank, those drawn by lot, and all.

Rows for the record (contract score_record). The lot shows what a list would bring if it
were no list; weighed by one over the chance of a place, those listed speak for all who
could have been. Nothing is learned here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orchestration.contracts.frames import schema
from orchestration.contracts.odcs import contract
from orchestration.scoring.coefficients import Z90, Vector
from orchestration.scoring.exploration import STRETCH, chances
from orchestration.scoring.labels import Labels, within
from orchestration.scoring.learning import HORIZON, PUBLICATION_LAG, STEP

BY_RANK, BY_LOT, WEIGHED = "listed by rank", "listed by lot", "listed, weighed"
_NAMES = {BY_RANK: "given by rank", BY_LOT: "drawn by lot"}
_SHOWN = "shown"


@dataclass(frozen=True)
class Places:
    """Places whose window has closed: an account, and four weeks it was listed in."""

    accounts: tuple[str, ...]
    by_lot: NDArray[np.bool_]
    # One over the chance of a place, however small that was: a model must not hang on
    # few rows, but here the interval says what their number is worth.
    weight: Vector
    p: Vector  # as it was shown on the first day listed
    outcome: Vector  # the day of what followed; 0 where nothing did

    def chosen(self, rows: NDArray[np.bool_]) -> "Places":
        """The places asked for."""
        return Places(
            tuple(a for a, is_in in zip(self.accounts, rows, strict=True) if is_in),
            self.by_lot[rows],
            self.weight[rows],
            self.p[rows],
            self.outcome[rows],
        )

    @property
    def hit(self) -> Vector:
        """1 where an outcome followed."""
        return (self.outcome > 0).astype(np.float64)

    @property
    def n_outcomes(self) -> int:
        """Distinct outcomes: one is seen by several places of its account."""
        days = self.outcome.tolist()
        return len({(a, d) for a, d in zip(self.accounts, days, strict=True) if d})


def closed_places(
    lists: pl.DataFrame, labels: Labels, offer: str, target: str, today: date
) -> Places:
    """The places of an offer whose 91 days and publication are over."""
    mine = lists.filter(pl.col("offer") == offer)
    last = date.fromordinal(today.toordinal() - HORIZON - PUBLICATION_LAG)
    first = (
        mine.filter(pl.col("is_listed") & (pl.col("as_of") <= last))
        .with_columns(STRETCH)
        .sort("as_of")
        .unique(["account_id", "stretch"], keep="first", maintain_order=True)
    )
    had = chances(mine)
    outcomes = labels.first(offer, target, today)
    rows = list(
        first.select(
            "account_id", "as_of", "is_by_lot", "probability", "stretch"
        ).iter_rows()
    )
    chance = np.array([had.get((a, int(s)), 1.0) for a, _, _, _, s in rows])
    return Places(
        tuple(a for a, *_ in rows),
        np.array([by_lot for _, _, by_lot, *_ in rows], dtype=bool),
        1.0 / chance,
        np.array([p for _, _, _, p, _ in rows], dtype=np.float64),
        np.array(
            [
                within(outcomes.get(a, []), day.toordinal(), HORIZON)
                for a, day, *_ in rows
            ],
            dtype=np.int64,
        ),
    )


def places_record(
    lists: pl.DataFrame,
    outcomes: pl.DataFrame,
    offers: Sequence[str],
    today: date | None,
    targets: Sequence[str] = ("tender", "crm"),
) -> pl.DataFrame:
    """Rows of the record: hit rates of rank and lot apart, and all of them weighed.

    Args:
        lists: contract talk_to_now.
        outcomes: contract outcomes.
        offers: which.
        today: the last day scored.
        targets: judged apart; one of which no outcome is known is left out.
    """
    labels, found = Labels(outcomes), []
    for offer in offers:
        for target in targets:
            if today is None or not labels.any_known(offer, target, today):
                continue
            made = closed_places(lists, labels, offer, target, today)
            key = {"offer": offer, "target": target, "model": _SHOWN}
            found += [key | row for row in _told(made)]
    wanted = schema(contract("scores/score_record"))
    return pl.DataFrame(
        {name: [row.get(name) for row in found] for name in wanted}, schema=wanted
    )


def _told(made: Places) -> list[dict]:
    rows = []
    for name, part in (
        (BY_RANK, made.chosen(~made.by_lot)),
        (BY_LOT, made.chosen(made.by_lot)),
    ):
        n, share, band = len(part.accounts), None, None
        said = f"No place {_NAMES[name]} has had its {HORIZON} days yet."
        if n:
            share = float(part.hit.mean())
            # An outcome is seen by the places of three months: they count once.
            band = wilson(share, n * STEP / HORIZON)
            said = (
                f"Of {n} places {_NAMES[name]} {share:.1%} had an outcome within "
                f"{HORIZON} days (90 % interval {band[0]:.1%} to {band[1]:.1%}); "
                f"{part.p.mean():.1%} were expected."
            )
        rows.append(_row(part, name, "hit_rate", share, band, said))
        if n:
            rows.append(_row(part, name, "mean_forecast", float(part.p.mean())))
    return [*rows, *_weighed(made)]


def _weighed(made: Places) -> list[dict]:
    """Whether forecasts hold for all who could have been listed."""
    if not made.by_lot.any():
        return []  # of who was not listed nothing is known
    total = float(made.weight.sum())
    share = expected = low = high = 0.0
    for part in (made.chosen(~made.by_lot), made.chosen(made.by_lot)):
        n = len(part.accounts)
        if not n:
            continue
        speaks_for = float(part.weight.sum()) / total
        rate = float(part.weight @ part.hit / part.weight.sum())
        band = wilson(rate, n * STEP / HORIZON)
        share += speaks_for * rate
        expected += speaks_for * float(part.weight @ part.p / part.weight.sum())
        # Both at once at their ends: wider than 90 %, for the lot is small.
        low, high = low + speaks_for * band[0], high + speaks_for * band[1]
    said = (
        f"Weighed by one over the chance of a place, forecasts for all who could be "
        f"listed saw {share / expected:.2f} of what they expected (interval of 90 % "
        f"or more {low / expected:.2f} to {high / expected:.2f}; "
        f"{int(made.by_lot.sum())} of {len(made.accounts)} places by lot)."
    )
    return [
        _row(made, WEIGHED, "hit_rate", share, (low, high)),
        _row(made, WEIGHED, "mean_forecast", expected),
        _row(
            made,
            WEIGHED,
            "observed_over_expected",
            share / expected,
            (low / expected, high / expected),
            said,
        ),
    ]


def wilson(share: float, n: float) -> tuple[float, float]:
    """A 90 % interval of a share of so many."""
    centre = share + Z90**2 / (2 * n)
    half = Z90 * np.sqrt(share * (1 - share) / n + Z90**2 / (4 * n**2))
    whole = 1 + Z90**2 / n
    return float(max(0.0, (centre - half) / whole)), float((centre + half) / whole)


def _row(
    part: Places,
    name: str,
    measure: str,
    value: float | None,
    band: tuple[float, float] | None = None,
    note: str | None = None,
) -> dict:
    return {
        "slice": name,
        "measure": measure,
        "value": value,
        "lower": band[0] if band else None,
        "upper": band[1] if band else None,
        "n_rows": len(part.accounts),
        "n_outcomes": part.n_outcomes,
        "note": note,
    }
