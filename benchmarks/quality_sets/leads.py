"""Chances that leads are won, by the champion's estimator: `{id: probability}`.

Learned from the set's own `dev` split beside the one asked for. Effects of origins
and landing pages, whose spread is learned too, and of the mix of origins a page had
before the lead came. When the split asked for is `dev` itself, each of five stretches
of time is predicted from the other four.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import numpy as np

from orchestration.scoring.coefficients import Vector
from orchestration.scoring.estimator import Prior
from orchestration.scoring.hierarchy import Spread, fit_spreads, mean_probability

STRETCHES = 5
# A page's mix is read as if it had brought this many leads of the usual mix.
_USUAL = 3.0
# One column's unit is half of a page's leads.
_MIX_UNIT = 0.5
# Log-odds: believed weakly, the outcomes decide.
_SPREADS = {
    "origin": Spread(0.5, 5.0),
    "page": Spread(0.5, 5.0),
    "mix": Spread(0.3, 2.0),
}
Row = dict[tuple[str, str], float]


def predict(split_dir: Path) -> dict[str, float]:
    """The probability that each lead is won within 90 days."""
    train_dir = split_dir.parent / "dev"
    train, asked = _read(train_dir / "input.jsonl"), _read(split_dir / "input.jsonl")
    won = {e["id"]: float(e["won90"]) for e in _read(train_dir / "expected.jsonl")}
    if split_dir.resolve() == train_dir.resolve():
        rows = _rows(train)
        y = np.array([won[lead["id"]] for lead in train])
        fold = _stretches(train)
        p = np.empty(len(train))
        for i in range(STRETCHES):
            there = fold == i
            p[there] = _learned(_chosen(rows, ~there), y[~there], _chosen(rows, there))
    else:
        together = _rows([*train, *asked])
        y = np.array([won[lead["id"]] for lead in train])
        p = _learned(together[: len(train)], y, together[len(train) :])
    return {lead["id"]: float(q) for lead, q in zip(asked, p, strict=True)}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _stretches(leads: list[dict[str, str]]) -> np.ndarray:
    order = sorted(range(len(leads)), key=lambda i: leads[i]["first_contact_date"])
    fold = np.empty(len(leads), dtype=np.int64)
    fold[order] = np.arange(len(leads)) * STRETCHES // len(leads)
    return fold


def _chosen(rows: list[Row], there: Iterable[bool]) -> list[Row]:
    return [row for row, chosen in zip(rows, there, strict=True) if chosen]


def _rows(leads: list[dict[str, str]]) -> list[Row]:
    """Columns of each lead, from what had come on days before it."""
    rows: list[Row] = [{} for _ in leads]
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    usual: Counter[str] = Counter()

    def day_of(i: int) -> str:
        return leads[i]["first_contact_date"]

    for _, day in groupby(sorted(range(len(leads)), key=day_of), key=day_of):
        today = list(day)
        for i in today:
            lead = leads[i]
            row: Row = {
                ("origin", _origin(lead)): 1.0,
                ("page", lead["landing_page_id"]): 1.0,
            }
            page = seen[lead["landing_page_id"]]
            for origin, n in usual.items():
                expected = n / usual.total()
                share = (page[origin] + _USUAL * expected) / (page.total() + _USUAL)
                row["mix", origin] = (share - expected) / _MIX_UNIT
            rows[i] = row
        for i in today:
            origin = _origin(leads[i])
            seen[leads[i]["landing_page_id"]][origin] += 1
            usual[origin] += 1
    return rows


def _origin(lead: dict[str, str]) -> str:
    """Where a lead came from; the set writes what is not known in two ways."""
    return lead["origin"] or "unknown"


def _learned(train: list[Row], y: Vector, asked: list[Row]) -> Vector:
    columns = sorted({column for row in train for column in row})
    base_rate = float(y.mean())
    n = len(columns)
    prior = Prior(
        tuple(f"{group} {name}" for group, name in columns),
        np.zeros(n),
        np.full(n, 0.3),
        np.zeros(n, dtype=np.int64),
        float(np.log(base_rate / (1.0 - base_rate))),
    )
    groups = [group for group, _ in columns]
    found, _ = fit_spreads(_matrix(train, columns), y, prior, groups, _SPREADS)
    return mean_probability(found, _matrix(asked, columns))


def _matrix(rows: list[Row], columns: list[tuple[str, str]]) -> Vector:
    place = {column: j for j, column in enumerate(columns)}
    x = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for column, value in row.items():
            # A category never learned from is the mean of its group.
            if column in place:
                x[i, place[column]] = value
    return x
