"""One offer on one day: who is scored, and what was seen of them.

The rows that are scored and the rows that are learned from are the same rows, so both
are made here: accounts that are not abstained, with their intensities in the order of
the scorecard. Pure; from what was known by the end of the day.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from orchestration.scoring.abstain import reason_to_abstain, signals_as_of
from orchestration.scoring.coefficients import Vector
from orchestration.scoring.sentences import Words
from orchestration.scoring.strict_yaml import ScoringError
from orchestration.scoring.weights import Weights

# Signals that concern an offer only when its features count them: by category, theme.
OFFER_BOUND = (
    "theme_job_opened",
    "market_dialogue",
    "tender_planning",
    "tender_open",
    "tender_cancelled",
    "contract_awarded",
)
# A source that fewer of its accounts are freshly seen in than this is out (3.7).
LEAST_FRESH = 0.6
# Of so few accounts a share says nothing.
_ENOUGH_ACCOUNTS = 10
# A measure of a source that is out holds this long, fading.
_HOLD_DAYS = 56

Rows = list[dict[str, Any]]


SIZE = "size"


@dataclass(frozen=True)
class Kind:
    """What the catalogue says of a type, as far as scoring asks."""

    affects: tuple[str, ...] = ()
    is_measure: bool = False
    half_life_days: float = 56.0
    sources: tuple[str, ...] = ()
    exclusivity: str | None = None
    awareness: str | None = None
    min_history_days: int = 0


@dataclass(frozen=True)
class Desk:
    """All that scoring reads, by day: built once, asked many times."""

    weights: Weights
    offers: Mapping[str, Mapping[str, Any]]
    wanted: tuple[str, ...]
    days: tuple[date, ...]
    features: Mapping[tuple[Any, ...], pl.DataFrame]
    coverage: Mapping[tuple[Any, ...], pl.DataFrame]
    signals: pl.DataFrame
    watched: frozenset[str]
    segments: Mapping[str, str]
    catalogue: Mapping[str, Kind]
    empty: pl.DataFrame
    _standing: dict[date, dict[str, Rows]] = field(default_factory=dict)

    def standing(self, as_of: date) -> dict[str, Rows]:
        """The signals of each account that stood at the end of a day."""
        if as_of not in self._standing:
            # One day at a time is asked for by several offers; more are not kept.
            self._standing.clear()
            self._standing[as_of] = by_account(signals_as_of(self.signals, as_of))
        return self._standing[as_of]


@dataclass(frozen=True)
class Day:
    """The accounts of one offer on one day.

    ``x`` is accounts x types of the scorecard, nan where not observed. ``out`` are
    sources that were out, whose measures hold.
    """

    offer: str
    as_of: date
    ids: tuple[str, ...]
    abstained: Mapping[str, Words | None]
    accounts: tuple[str, ...]
    x: Vector
    signals: Mapping[str, Rows]
    features: pl.DataFrame
    observed_since: Mapping[str, date]
    out: tuple[str, ...]


def kinds(catalogue: pl.DataFrame | None, measured: Collection[str]) -> dict[str, Kind]:
    """What the catalogue says of each type; only what is measured without one.

    Size stands beside the catalogue: it is no signal, and never 0 for want of news.
    """
    found = {name: Kind(is_measure=True) for name in (SIZE, *measured)}
    if catalogue is None:
        return found
    for row in catalogue.iter_rows(named=True):
        found[row["id"]] = Kind(
            affects=tuple(a.strip() for a in (row["affects"] or "").split(",") if a),
            is_measure=bool(row["is_measure"]) or row["id"] in measured,
            half_life_days=float(row["half_life_days"]),
            sources=tuple((row["sources"] or "").split("|")),
            exclusivity=row.get("exclusivity"),
            awareness=row.get("awareness"),
            min_history_days=int(row.get("min_history_days") or 0),
        )
    return found


def desk(
    features: pl.DataFrame,
    coverage_daily: pl.DataFrame,
    offers: pl.DataFrame,
    weights: Weights,
    signals: pl.DataFrame,
    accounts: pl.DataFrame | None = None,
    catalogue: pl.DataFrame | None = None,
    measured: Collection[str] = (),
) -> Desk:
    """Lay out what scoring reads; arguments as `model.score_accounts`.

    Raises:
        ScoringError: when a feature's type has no weight, or an offer is unknown.
    """
    unknown = sorted(set(features["signal_type"].unique()) - set(weights.signal_types))
    if unknown:
        raise ScoringError(
            f"account_features holds {', '.join(unknown)}, which weights.yml does not "
            "weigh; add an entry, with weight 0 if it is not to count"
        )
    known_offers = {row["offer"]: row for row in offers.iter_rows(named=True)}
    wanted = sorted(set(features["offer"].unique()) or set(known_offers))
    strangers = sorted(set(wanted) - set(known_offers))
    if strangers:
        raise ScoringError(
            f"account_features holds the offer(s) {', '.join(strangers)}, which the "
            "seed offers does not list"
        )
    segments = (
        {}
        if accounts is None or "segment" not in accounts.columns
        else {
            row["account_id"]: row["segment"]
            for row in accounts.select("account_id", "segment").iter_rows(named=True)
            if row["segment"]
        }
    )
    return Desk(
        weights=weights,
        offers=known_offers,
        wanted=tuple(wanted),
        days=tuple(sorted(set(features["as_of"]) | set(coverage_daily["as_of"]))),
        features=_by(features, ("offer", "as_of")),
        coverage=_by(coverage_daily, ("as_of",)),
        signals=signals,
        watched=frozenset(accounts["account_id"])
        if accounts is not None
        else frozenset(),
        segments=segments,
        catalogue=kinds(catalogue, measured),
        empty=features.clear(),
    )


def day_of(at: Desk, offer: str, as_of: date) -> Day:
    """Who is scored on a day, and what was seen of them."""
    features = at.features.get((offer, as_of), at.empty)
    coverage = by_account(at.coverage.get((as_of,)))
    ids = tuple(sorted(set(coverage) | at.watched | set(features["account_id"])))
    signals = _concerning(at.standing(as_of), features)
    abstained = {
        account: reason_to_abstain(
            at.weights, coverage.get(account, []), signals.get(account, []), as_of
        )
        for account in ids
    }
    scored = tuple(a for a in ids if abstained[a] is None)
    since = {}
    for account in scored:
        seen = [
            c["observed_since"].date()
            for c in coverage.get(account, [])
            if c["observed_since"] is not None
            and c["source"] in at.weights.main_sources
        ]
        since[account] = min(seen)
    out = sources_out(at, as_of)
    x = _matrix(scored, features, at.weights.signal_types)
    if out:
        _hold(at, offer, as_of, scored, x, out)
    return Day(offer, as_of, ids, abstained, scored, x, signals, features, since, out)


def sources_out(at: Desk, as_of: date) -> tuple[str, ...]:
    """Sources that were fresh for most of their accounts before, and are not now."""
    today = at.coverage.get((as_of,))
    if today is None:
        return ()
    found = []
    told = today.filter(
        pl.col("state").is_in(["fresh", "stale", "blocked"])
        & pl.col("observed_since").is_not_null()
    )
    shares = told.group_by("source").agg(
        pl.len().alias("n"), (pl.col("state") == "fresh").mean().alias("fresh")
    )
    for source, n, fresh in shares.iter_rows():
        if n >= _ENOUGH_ACCOUNTS and fresh < LEAST_FRESH:
            found.append(source)
    return tuple(sorted(found))


def _hold(
    at: Desk,
    offer: str,
    as_of: date,
    accounts: Sequence[str],
    x: Vector,
    out: Collection[str],
) -> None:
    """Give measures of sources that are out their last value, fading (SCIENCE 3.7).

    Sums of events fade by themselves; a measure is missing on a day without a visit,
    and to hold the mean would lower those who stood out.
    """
    row_of = {a: i for i, a in enumerate(accounts)}
    held = {
        name: k
        for k, name in enumerate(at.weights.signal_types)
        if (kind := at.catalogue.get(name)) is not None
        and kind.is_measure
        and kind.sources
        and set(kind.sources) <= set(out)
    }
    if not held:
        return
    earlier = [d for d in at.days if 0 < (as_of - d).days <= _HOLD_DAYS]
    for before in reversed(earlier):
        features = at.features.get((offer, before))
        if features is None:
            continue
        rows = features.filter(pl.col("signal_type").is_in(list(held)))
        for account, name, value in rows.select(
            "account_id", "signal_type", "x"
        ).iter_rows():
            if value is None or account not in row_of:
                continue
            i, k = row_of[account], held[name]
            if np.isnan(x[i, k]):
                age = (as_of - before).days
                x[i, k] = value * 2.0 ** (-age / at.catalogue[name].half_life_days)


def _matrix(
    accounts: Sequence[str], features: pl.DataFrame, types: Sequence[str]
) -> Vector:
    x = np.full((len(accounts), len(types)), np.nan)
    if not accounts or features.is_empty():
        return x
    rows = pl.DataFrame(
        {"account_id": list(accounts), "_row": np.arange(len(accounts))}
    )
    columns = pl.DataFrame(
        {"signal_type": list(types), "_column": np.arange(len(types))}
    )
    placed = (
        features.select("account_id", "signal_type", "x")
        .drop_nulls("x")
        .join(rows, on="account_id")
        .join(columns, on="signal_type")
    )
    x[placed["_row"].to_numpy(), placed["_column"].to_numpy()] = placed["x"].to_numpy()
    return x


def _concerning(signals: Mapping[str, Rows], features: pl.DataFrame) -> dict[str, Rows]:
    """The signals that concern the offer, the offer-bound ones as its features say.

    A competition for office chairs says nothing about a CRM. A type that the day's
    features leave out altogether cannot be told apart, and counts.
    """
    bound = features.filter(pl.col("signal_type").is_in(OFFER_BOUND))
    told = set(bound["signal_type"])
    counted = {s for ids in bound["signal_ids"] for s in ids}
    return {
        account: [
            s for s in rows if s["signal_type"] not in told or s["signal_id"] in counted
        ]
        for account, rows in signals.items()
    }


def _by(
    frame: pl.DataFrame, keys: Sequence[str]
) -> dict[tuple[Any, ...], pl.DataFrame]:
    return dict(frame.partition_by(*keys, as_dict=True))


def by_account(frame: pl.DataFrame | None) -> dict[str, Rows]:
    """Rows of each account."""
    grouped: dict[str, Rows] = defaultdict(list)
    if frame is not None:
        for row in frame.iter_rows(named=True):
            grouped[row["account_id"]].append(row)
    return dict(grouped)
