"""What extraction costs: features read over HTTP against features of the truth.

Run: `lyttepost market-report --companies 400 --days 220 --home market/`, then
`python -m benchmarks.http_features market/`. Writes `http_features.md` and
`http_features.json` into `market_report/` of that home and prints the page. The home is
only read otherwise.

A perfect reader makes the features of the same accounts and days from the market's
truth: every true event from the day on which it showed, with the same half-lives, caps
and matches with the offer (SCIENCE 2.5, 2.7), never one of a later day. Types whose
events have no truth, and continuous measures, are listed and left out of both scores.
Both readers are scored with the same weights on the same rows, so the difference of
their AUC is what extraction costs. The filter of `market_oracle` stands beside them.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.market_oracle import knows
from orchestration.market_report.report import NOTICE_TYPES
from orchestration.scoring import calibration as c
from orchestration.scoring.backtest import FIRED, lead_times
from orchestration.scoring.coefficients import Vector, anchored_intercept, sigmoid
from orchestration.scoring.day import SIZE
from orchestration.scoring.estimator import Prior
from orchestration.scoring.learning import (
    FIRST_AFTER,
    HORIZON,
    Design,
    filled,
    learn,
)
from orchestration.scoring.weights import load_weights
from practice_market.company import Market
from practice_market.story import tell

WATCHED_FIRST = 90
"""Days an account is watched before it is scored (SCIENCE 3.1)."""
LEAST_OUTCOMES = 20
FOLDS = 5
DRAWS = 300
TOP_SHARE = 0.02
_CAP, _JOBS_CAP = 2.0, 6.0
_PAIRED_DAYS = 120
_ELSEWHERE = 0.15
# What an account is, or what counts against it: nobody gives points for it.
_NO_SIGNALS = (SIZE, "own_tender_recent", "contract_awarded", "tender_open")
# Magnitudes of SCIENCE 2.5: leaders and managers, one source that tells.
_APPOINTED, _DEPARTED, _MANAGER = 0.8, 0.4, 0.4

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Event:
    """A true event: it showed on `day`, counted `strength` from then until `until`."""

    account_id: str
    signal_type: str
    day: date
    strength: float
    until: date | None = None


def true_events(
    told: Mapping[str, Rows], match: Mapping[str, float]
) -> Iterator[Event]:
    """Every event that a perfect daily reader would have noted, by type.

    Args:
        told: the truth's files by name.
        match: of the offer with a function of leaders, 0 to 1.
    """
    yield from _leaders(told["people"], match)
    for row in told["people"]:
        if row["function"] == "general" and row["event"] == "appointed":
            yield _one(row, "ceo_change", row["at"], match.get("general", _ELSEWHERE))
    for row in told["filings"]:
        # The register shows it from the day it was filed.
        kind = _FILINGS.get(row["what"])
        if kind and row["filed"]:
            yield _one(row, kind, row["filed"], 1.0)
    for row in told["notices"]:
        kind = _NOTICES.get(NOTICE_TYPES[row["type"]])
        if kind and row["role"] == "buyer" and not row["is_correction"]:
            yield _one(row, kind, row["at"], 1.0)
    for row in told["grants"]:
        yield _one(row, "public_grant_awarded", row["at"], 0.8)
    for row in told["announcements"]:
        if row["words"] == "Kapitalforhøyelse":
            yield _one(row, "capital_raised", row["at"], 0.8)
    for row in told["jobs"]:
        if row["is_theme"] and row["opened"]:
            yield _one(row, "theme_job_opened", row["opened"], 1.0)
    for row in told["causes"]:
        kind = _CAUSES.get(row["kind"])
        if kind and row["is_visible"] and row["at"]:
            yield _one(row, kind, row["at"], 0.8)


_FILINGS = {
    "address": "relocation",
    "REVI": "auditor_change",
    "LEDE": "board_change",
    "naeringskode1": "activity_code_change",
    "navn": "name_or_brand_change",
}
_NOTICES = {
    "planning": "tender_planning",
    "market_dialogue": "market_dialogue",
    "competition": "tender_open",
    "cancelled": "tender_cancelled",
    "award": "contract_awarded",
}
_CAUSES = {
    "merger": "merger_announced",
    "reorg": "reorganisation",
    "unrest": "internal_unrest",
    "hiring_freeze": "hiring_freeze",
}
_LEADERS = (
    "functional_leader_appointed",
    "functional_leader_departed",
    "functional_leader_replaced",
)
_DATED = frozenset([*_NOTICES.values(), "public_grant_awarded", "capital_raised"])
_OLDEST = timedelta(days=30)
WITH_TRUTH = (
    *_LEADERS,
    "ceo_change",
    *dict.fromkeys(_FILINGS.values()),
    *_NOTICES.values(),
    "public_grant_awarded",
    "capital_raised",
    "theme_job_opened",
    *_CAUSES.values(),
)


def _one(row: Mapping[str, Any], kind: str, at: str, strength: float) -> Event:
    return Event(row["account_id"], kind, date.fromisoformat(at), strength)


def _leaders(people: Rows, match: Mapping[str, float]) -> Iterator[Event]:
    """Appointments and departures; a pair of one function is a replacement once known.

    The departed or the appointed counts until the other shows, the replacement after.
    """
    posts: dict[tuple[str, str, bool], Rows] = defaultdict(list)
    for row in people:
        if row["event"] in ("appointed", "departed") and row["function"] != "general":
            posts[(row["account_id"], row["function"], row["is_leader"])].append(row)
    for (account_id, function, is_leader), rows in posts.items():
        weight = match.get(function, _ELSEWHERE) * (1.0 if is_leader else _MANAGER)
        waiting: list[date] = []
        # On one day a departure comes before the appointment that follows it.
        ordered = sorted(rows, key=lambda row: (row["at"], row["event"] == "appointed"))
        for row in ordered:
            day = date.fromisoformat(row["at"])
            if row["event"] == "departed":
                waiting.append(day)
                continue
            kind = "functional_leader_appointed"
            if waiting:
                gone = waiting.pop(0)
                if day - gone <= timedelta(days=_PAIRED_DAYS):
                    kind = "functional_leader_replaced"
                    until = day
                else:
                    until = None
                left = "functional_leader_departed"
                yield Event(account_id, left, gone, _DEPARTED * weight, until)
            yield Event(account_id, kind, day, _APPOINTED * weight)
        for gone in waiting:
            yield Event(
                account_id, "functional_leader_departed", gone, _DEPARTED * weight
            )


def since(events: Iterable[Event], first: date, last: date) -> Iterator[Event]:
    """Events as a reader notes them who begins on the first day.

    What a page already shows then is no event. Notices, grants and announcements carry
    their day: older ones are news of that day, at most 30 days old (SCIENCE 2.7).
    """
    for one in events:
        if one.day > last:
            continue
        if one.day > first:
            yield one
        elif one.signal_type in _DATED:
            yield replace(one, day=max(one.day, first - _OLDEST))


def intensity(
    kind: str, events: Sequence[Event], as_of: date, half_life: float
) -> float:
    """What a perfect reader has for a type at the end of a day (SCIENCE 2.7).

    Args:
        kind: signal type.
        events: of one account and this type, in any order, also of later days.
        as_of: the day; what showed later does not count.
        half_life: in days.
    """
    parts = [
        one.strength * 2.0 ** (-((as_of - one.day).days) / half_life)
        for one in events
        if one.day <= as_of and (one.until is None or one.until > as_of)
    ]
    if not parts:
        return 0.0
    if kind == "theme_job_opened":
        return float(np.sqrt(min(sum(parts), _JOBS_CAP)))
    return min(max(parts) if kind == "ceo_change" else sum(parts), _CAP)


def with_truth(
    read: pl.DataFrame, events: Sequence[Event], half_lives: Mapping[str, float]
) -> pl.DataFrame:
    """The rows read (account, day, type, x) and beside each the perfect reader's x."""
    of: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for one in events:
        of[(one.account_id, one.signal_type)].append(one)
    kept = read.filter(pl.col("signal_type").is_in(WITH_TRUTH))
    true = [
        intensity(kind, of.get((account, kind), ()), as_of, half_lives[kind])
        for account, as_of, kind in kept.select(
            "account_id", "as_of", "signal_type"
        ).iter_rows()
    ]
    return kept.with_columns(pl.Series("x_true", true, dtype=pl.Float64))


def agreement(rows: pl.DataFrame, events: Sequence[Event]) -> list[dict[str, Any]]:
    """By type: how well what was read agrees with the truth, where it was observed."""
    n_true = Counter(one.signal_type for one in events)
    found = []
    for kind in WITH_TRUTH:
        of_kind = rows.filter(pl.col("signal_type") == kind)
        seen = of_kind.filter(pl.col("x").is_not_null())
        x, true = seen["x"].to_numpy(), seen["x_true"].to_numpy()
        varies = len(x) > 1 and np.ptp(x) > 0 and np.ptp(true) > 0
        found.append(
            {
                "signal_type": kind,
                "n_true": n_true[kind],
                "rows": of_kind.height,
                "observed": len(x) / of_kind.height if of_kind.height else None,
                "positive_read": int((x > 0).sum()),
                "positive_true": int((true > 0).sum()),
                "correlation": float(np.corrcoef(x, true)[0, 1]) if varies else None,
                "zeros_agree": float(((x > 0) == (true > 0)).mean())
                if len(x)
                else None,
                "mean_read": float(x.mean()) if len(x) else None,
                "mean_true": float(true.mean()) if len(x) else None,
            }
        )
    return found


@dataclass(frozen=True)
class Judged:
    """Rows on which both readers are judged: who, when, both x, what came."""

    account: list[str]
    day: list[date]
    names: tuple[str, ...]
    read: Vector
    true: Vector
    y: Vector
    n_events: int
    came: NDArray[np.int64]
    """Ordinal of the day on which the outcome of a row came; 0 without one."""
    may_be_first: Vector
    """Share of the window in which a tender would be the first in 365 days."""


def judged_rows(rows: pl.DataFrame, labels: Rows, last: date) -> Judged:
    """Rows at risk whose 91 days are over; a type not observed is the day's mean."""
    names = tuple(sorted(set(rows["signal_type"])))
    first = min(rows["as_of"])
    came, open_from = defaultdict(list), defaultdict(list)
    for row in labels:
        start = date.fromisoformat(row["at"])
        end = date.fromisoformat(row["decided"]) if row["decided"] else None
        open_from[row["account_id"]].append((start, end))
        if row["is_first"]:
            came[row["account_id"]].append(start)

    def is_open(account: str, at: date) -> bool:
        return any(
            start <= at and (end is None or end > at)
            for start, end in open_from[account]
        )

    wide = {
        which: rows.pivot(
            on="signal_type", index=["account_id", "as_of"], values=which
        ).sort("account_id", "as_of")
        for which in ("x", "x_true")
    }
    keys = wide["x"].select("account_id", "as_of").rows()
    keep = np.array(
        [
            at >= first + timedelta(days=WATCHED_FIRST)
            and at + timedelta(days=HORIZON) <= last
            and not is_open(account, at)
            for account, at in keys
        ],
        dtype=bool,
    )
    kept = [key for key, is_kept in zip(keys, keep, strict=True) if is_kept]
    days = np.array([at.toordinal() for _, at in kept], dtype=np.int64)
    matrix = {
        which: filled(
            table.select(names).cast(pl.Float64).fill_null(np.nan).to_numpy()[keep],
            days,
        )
        for which, table in wide.items()
    }
    events, y, when, may = set(), [], [], []
    for account, at in kept:
        before = [start for start, _ in open_from[account] if start <= at]
        since_last = (at - max(before)).days if before else FIRST_AFTER
        may.append(min(max(1 - (FIRST_AFTER - since_last) / HORIZON, 0.0), 1.0))
        end = at + timedelta(days=HORIZON)
        within = [day for day in came[account] if at < day <= end]
        events.update((account, day) for day in within)
        y.append(float(bool(within)))
        when.append(min(within).toordinal() if within else 0)
    return Judged(
        [account for account, _ in kept],
        [at for _, at in kept],
        names,
        matrix["x"],
        matrix["x_true"],
        np.array(y),
        len(events),
        np.array(when, dtype=np.int64),
        np.array(may),
    )


def experts(rows: Judged, x: Vector, weights: Mapping[str, float]) -> Prior:
    """What the experts believe, anchored on the base rate of the rows as x has them."""
    weight = np.array([weights.get(name, 0.0) for name in rows.names])
    return Prior(
        rows.names,
        weight,
        np.full(len(weight), 0.3),
        np.sign(weight).astype(np.int64),
        anchored_intercept(x @ weight, float(rows.y.mean())),
    )


def day_one(x: Vector, prior: Prior) -> Vector:
    """The experts' probabilities."""
    return sigmoid(prior.intercept + x @ prior.weight)


def by_folds(rows: Judged, x: Vector, prior: Prior) -> Vector:
    """The champion's probabilities, each account's learned from other accounts."""
    who = np.unique(np.array(rows.account), return_inverse=True)[1]
    fold = np.random.default_rng(0).integers(0, FOLDS, who.max() + 1)[who]
    days = np.array([at.toordinal() for at in rows.day], dtype=np.int64)
    n_days = max(len(set(rows.day)), 1)
    found = np.zeros(len(rows.y))
    for k in range(FOLDS):
        here, there = fold == k, fold != k
        if not here.any():
            continue
        train = Design(
            names=rows.names,
            account=who[there],
            day=days[there],
            x=x[there],
            y=rows.y[there],
            # An event is seen on as many days as the market has: it counts once.
            row_weight=np.full(there.sum(), 1.0 / n_days),
            n_events=rows.n_events,
            horizon=HORIZON,
        )
        found[here] = learn(train, prior).posterior.probability(x[here])
    return found


def _measures(y: Vector, p: Vector) -> dict[str, float]:
    top = max(1, round(TOP_SHARE * len(y)))
    return {
        "AUC": c.auc(y, p),
        "precision": c.precision_at(y, p, top),
        "ECE": c.ece(y, p),
        "floor": c.ece_noise_floor(p, draws=30),
    }


def _interval(
    accounts: Sequence[str], figure: Callable[[np.ndarray], float]
) -> tuple[float, float]:
    """90 % of a figure over draws of accounts with replacement."""
    who = np.unique(np.array(accounts), return_inverse=True)[1]
    of = [np.flatnonzero(who == k) for k in range(who.max() + 1)]
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        chosen = np.concatenate(
            [of[k] for k in generator.integers(0, len(of), len(of))]
        )
        value = figure(chosen)
        if np.isfinite(value):
            drawn.append(value)
    low, high = np.quantile(drawn, (0.05, 0.95))
    return float(low), float(high)


def losses(rows: Judged, weights: Mapping[str, float]) -> dict[str, Any]:
    """Both readers' figures and what extraction costs, or why there are none."""
    said = {"rows": len(rows.y), "accounts": len(set(rows.account))}
    said |= {"outcomes": rows.n_events, "days": len(set(rows.day))}
    if not 0 < rows.y.sum() < len(rows.y):
        return {**said, "models": {}, "why_not": "no row has another outcome"}
    both = [(x, experts(rows, x, weights)) for x in (rows.read, rows.true)]
    made = {"day one": [day_one(x, prior) for x, prior in both]}
    if rows.n_events >= LEAST_OUTCOMES:
        made["champion, by account"] = [by_folds(rows, x, prior) for x, prior in both]
    models = {}
    for name, (read, true) in made.items():

        def lost(chosen: np.ndarray, read: Vector = read, true: Vector = true) -> float:
            y = rows.y[chosen]
            if not 0 < y.sum() < len(y):
                return float("nan")
            return c.auc(y, true[chosen]) - c.auc(y, read[chosen])

        models[name] = {
            "read": _measures(rows.y, read),
            "true": _measures(rows.y, true),
            "lost_auc": lost(np.arange(len(rows.y))),
            "lost_auc_interval": _interval(rows.account, lost),
        }
    return {**said, "base_rate": float(rows.y.mean()), "models": models}


def as_scored(rows: Judged, weights: Mapping[str, float]) -> dict[str, Vector]:
    """What the product's models say of rows that have every type it scores with.

    Returns:
        Scores by model: ten points a type that fired, day one, and the champion learned
        from other accounts where there are outcomes enough. Points are no
        probabilities.
    """
    prior = experts(rows, rows.read, weights)
    signals = np.array([name not in _NO_SIGNALS for name in rows.names])
    found = {
        "points (+10)": 10.0 * (rows.read[:, signals] >= FIRED).sum(axis=1),
        "day one": day_one(rows.read, prior),
    }
    if rows.n_events >= LEAST_OUTCOMES:
        found["champion, by account"] = by_folds(rows, rows.read, prior)
    return found


def expected_auc(truth: Vector, score: Vector) -> float:
    """AUC of a score, were outcomes drawn again and again by true probabilities.

    Far less noise than the AUC of the outcomes that came: a few dozen of those leave it
    known to .05. Ties count half.
    """
    order = np.argsort(score, kind="stable")
    p, at = truth[order], score[order]
    _, group = np.unique(at, return_inverse=True)
    no = np.bincount(group, weights=1 - p)
    below = (np.cumsum(no) - no)[group] + 0.5 * (no[group] - (1 - p))
    others = p.sum() * (1 - p).sum() - (p * (1 - p)).sum()
    return float((p * below).sum() / others)


def against_filter(
    rows: Judged, models: Mapping[str, Vector], oracle: Vector
) -> dict[str, dict[str, float]]:
    """Figures of each model and of the filter, and the shares of it (SCIENCE 6)."""
    who = np.unique(np.array(rows.account), return_inverse=True)[1].astype(np.int64)
    days = np.array([at.toordinal() for at in rows.day], dtype=np.int64)
    found = {}
    # The filter foretells any tender, a row's outcome is a first one.
    first = oracle * rows.may_be_first
    for name, p in {**models, "filter oracle": oracle}.items():
        said = _measures(rows.y, p)
        said["AUC expected"] = expected_auc(first, p)
        if not name.startswith("points"):
            said["ECE above floor"] = said["ECE"] - said["floor"]
            said["off the filter"] = c.ece(first, p)
        said["caught28"] = lead_times(p, who, days, rows.came).caught_early
        found[name] = said
    best, points = found["filter oracle"], found.get("points (+10)")
    for name, said in found.items():
        if name == "filter oracle":
            continue
        for auc, share in (
            ("AUC", "share of AUC - .5"),
            ("AUC expected", "share of expected"),
        ):
            said[share] = (said[auc] - 0.5) / (best[auc] - 0.5)
        for figure in ("precision", "caught28"):
            if best[figure]:
                said[f"share of {figure}"] = said[figure] / best[figure]
        if points and points["precision"]:
            said["precision over points"] = said["precision"] / points["precision"]
    return found


def foretold(rows: Judged, market: Market, ids: Sequence[str]) -> Vector:
    """The filter's probabilities of the rows, from the market's own stories."""
    stories = [tell(market, index) for index in range(market.companies)]
    known = knows(market, stories)
    place = {account: index for index, account in enumerate(ids)}
    # A Monday knows the weeks before it; another day, what its Monday knew.
    return np.array(
        [
            known[7 * ((at - market.start).days // 7)][place[account]]
            for account, at in zip(rows.account, rows.day, strict=True)
        ]
    )


def compare(home: Path, offer: str) -> dict[str, Any]:
    """All figures of a home folder that a practice market was replayed into."""
    folder = home / "market_report"
    told = {
        file.stem: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for file in (folder / "truth").glob("*.jsonl")
    }
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        read = warehouse.sql(
            "select account_id, as_of, signal_type, x from account_features "
            f"where offer = '{offer}' order by account_id, as_of, signal_type"
        ).pl()
        catalogue = warehouse.sql(
            "select id, half_life_days from signal_types order by id"
        ).fetchall()
        functions = warehouse.sql(
            "select function, match_weight from offer_functions "
            f"where offer = '{offer}'"
        ).fetchall()
    ids = [row["account_id"] for row in told["companies"]]
    # The British sisters have no story of their own.
    read = read.filter(pl.col("account_id").is_in(ids))
    last = max(read["as_of"])
    first = min(read["as_of"])
    match = {name: float(weight) for name, weight in functions}
    events = list(since(true_events(told, match), first, last))
    rows = with_truth(read, events, {kind: float(days) for kind, days in catalogue})
    weights = load_weights()
    of_type = {entry.signal_type: entry.weight for entry in weights.entries}
    judged = judged_rows(rows, told["labels"], last)
    asked = json.loads((folder / "replayed.json").read_text("utf-8"))
    market = Market(
        seed=asked["seed"],
        companies=asked["companies"],
        days=asked["days"],
        calm=asked["calm"],
        every_source=asked["every_source"],
    )
    score = losses(judged, of_type)
    if score["models"]:
        oracle = foretold(judged, market, ids)
        score["filter"] = _measures(judged.y, oracle)
        # Every type the product scores with, not only those that have a truth.
        everything = read.filter(pl.col("signal_type").is_in(list(of_type)))
        whole = judged_rows(everything.with_columns(x_true="x"), told["labels"], last)
        score["whole"] = against_filter(whole, as_scored(whole, of_type), oracle)
    return {
        "companies": len(ids),
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "agreement": agreement(rows, events),
        "without_truth": sorted(set(read["signal_type"]) - set(WITH_TRUTH)),
        "score": score,
    }


def _cell(value: float | None, form: str = ".3f") -> str:
    return "-" if value is None else format(value, form)


def markdown(figures: Mapping[str, Any]) -> str:
    """The figures as a page."""
    lines = [
        f"# Read over HTTP against the truth: {figures['companies']} companies, "
        f"{figures['first_day']} to {figures['last_day']}",
        "",
        "| signal type | true events | days observed | x > 0 read | x > 0 true "
        "| correlation | zeros agree | mean x read | true |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in figures["agreement"]:
        lines.append(
            f"| {row['signal_type']} | {row['n_true']} | {_cell(row['observed'])} "
            f"| {row['positive_read']} | {row['positive_true']} "
            f"| {_cell(row['correlation'])} | {_cell(row['zeros_agree'])} "
            f"| {_cell(row['mean_read'])} | {_cell(row['mean_true'])} |"
        )
    lines += ["", "Without a truth here, in neither score: "]
    lines[-1] += ", ".join(figures["without_truth"]) + "."
    score = figures["score"]
    lines += [
        "",
        f"{score['rows']} account-days of {score['accounts']} accounts on "
        f"{score['days']} days, {score['outcomes']} first tenders within 91 days.",
    ]
    if not score["models"]:
        return "\n".join([*lines, f"No score: {score['why_not']}.", ""])
    lines += [
        "",
        "| model | features | AUC | precision in the top 2 % | ECE | noise floor "
        "| AUC lost (90 % over accounts) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, model in score["models"].items():
        low, high = model["lost_auc_interval"]
        lost = f"{model['lost_auc']:+.4f} ({low:+.4f} to {high:+.4f})"
        for which, said in (("read", "over HTTP"), ("true", "of the truth")):
            lines.append(
                _row(name, said, model[which], lost if which == "read" else "-")
            )
    lines.append(_row("filter oracle", "of the truth", score["filter"], "-"))
    shown = list(dict.fromkeys(k for one in score["whole"].values() for k in one))
    lines += [
        "",
        "All that is read over HTTP, as the product scores it, and its share of the "
        "filter oracle on the same rows. Expected is what the figure would be on "
        "average, were the outcomes drawn again by the filter's probabilities; off the "
        "filter is the calibration error against these:",
        "",
        f"| model | {' | '.join(shown)} |",
        f"|---|{'---|' * len(shown)}",
    ]
    for name, one in score["whole"].items():
        cells = " | ".join(_cell(one.get(figure)) for figure in shown)
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines) + "\n"


def _row(name: str, features: str, one: Mapping[str, float], lost: str) -> str:
    return (
        f"| {name} | {features} | {one['AUC']:.4f} | {one['precision']:.3f} "
        f"| {one['ECE']:.4f} | {one['floor']:.4f} | {lost} |"
    )


def main(arguments: list[str] | None = None) -> None:
    """Compare, write both files and print the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--offer", default="crm_platform")
    parser.add_argument("--out", type=Path, help="folder; market_report/ of the home")
    asked = parser.parse_args(arguments)
    figures = compare(asked.home, asked.offer)
    out = asked.out or asked.home / "market_report"
    out.mkdir(parents=True, exist_ok=True)
    page = markdown(figures)
    (out / "http_features.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    (out / "http_features.md").write_text(page, "utf-8")
    print(page)


if __name__ == "__main__":
    main()
