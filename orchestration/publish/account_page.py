"""One account's page: what is so, since when, why, on what evidence, what was not seen.

Selects, orders and adds up rows of the published tables; the contributions shown add up
to the probability shown. Wording of the fixed parts stands in the templates.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import polars as pl

from orchestration.publish.changed_words import SideBySide, changed_words
from orchestration.publish.charts import History, Strip, history, root_scale, strip
from orchestration.publish.coverage_page import gaps_of
from orchestration.publish.evidence import Evidence

DERIVED = {
    "breadth": ("Endring på flere områder", "Change in several areas"),
    "size": ("Antall ansatte", "Number of employees"),
    "own_tender_recent": ("Eget anbud det siste året", "Own tender within a year"),
    "leader_x_theme_jobs": ("Ny leder og tema i annonser", "New leader and theme jobs"),
    "language_x_theme_jobs": ("Nye ord og tema i annonser", "New words and theme jobs"),
    "sector": ("Bransjen", "The sector"),
    "calibration": ("Rettet mot utfall", "Corrected by outcomes"),
}
_MAX_BARS = 8
_MAX_EVENTS = 150
_NOT_SIGNALS = ("intercept", "sector", "calibration")
# The strip shows about half a year, and whatever is older of what happened.
_STRIP_DAYS = 182


@dataclass(frozen=True)
class Proof:
    """A signal with its two captures and the words that changed between them."""

    signal: Mapping[str, Any]
    evidence: Evidence
    changes: SideBySide | None

    @property
    def link(self) -> str:
        """Where its page is, seen from the report's folder of a language."""
        return f"evidence/{self.signal['signal_id']}.html"


@dataclass(frozen=True)
class Step:
    """A contribution in the waterfall: where its bar begins, how wide it is, in %."""

    label_nb: str
    label_en: str
    contribution: float
    sentence_nb: str
    sentence_en: str
    left: float
    width: float
    so_far: float  # the probability with this and all steps above


@dataclass(frozen=True)
class Waterfall:
    """From the mean account to this one; the steps add up exactly."""

    start: float  # probability of the mean account
    start_at: float
    steps: tuple[Step, ...]
    end: float
    end_at: float


def proof(signal: Mapping[str, Any], found: Evidence) -> Proof:
    """A signal's evidence, its changed words marked where both sides can be read."""
    before, after = found.captures
    changes = None
    if before.text and after.text:
        about = (signal["quote_before"], signal["quote_after"], signal["person_name"])
        changes = changed_words(before.text, after.text, about)
    return Proof(signal, found, changes)


def waterfall(
    reasons: pl.DataFrame, labels: Mapping[str, tuple[str, str]]
) -> Waterfall | None:
    """The largest contributions and the sum of the rest: together the whole.

    Args:
        reasons: contract score_reasons of one account, offer and day.
        labels: label (nb, en) by signal type.
    """
    rows = reasons.to_dicts()
    first = [r["contribution"] for r in rows if r["signal_type"] == "intercept"]
    if not first:
        return None
    others = sorted(
        (r for r in rows if r["signal_type"] != "intercept"),
        key=lambda r: (-abs(r["contribution"]), r["signal_type"]),
    )
    told = [
        r
        for r in others
        if (r["value"] or r["signal_type"] in _NOT_SIGNALS)
        and abs(r["contribution"]) >= 0.005
    ][:_MAX_BARS]
    kinds = {r["signal_type"] for r in told}
    rest = [r for r in others if r["signal_type"] not in kinds]
    named = [
        (
            *_label(r["signal_type"], labels),
            r["contribution"],
            r["sentence_nb"],
            r["sentence_en"],
        )
        for r in told
    ]
    if rest:
        named.append(
            (
                f"{len(rest)} andre grunner" if len(rest) > 1 else "én annen grunn",
                f"{len(rest)} other reasons" if len(rest) > 1 else "one other reason",
                sum(r["contribution"] for r in rest),
                "Det som ikke er sett, eller ikke skiller kontoen fra snittet.",
                "What was not seen, or does not set the account apart from the mean.",
            )
        )
    sums = [first[0]]
    for _, _, contribution, _, _ in named:
        sums.append(sums[-1] + contribution)
    low, high = min(sums), max(sums)
    length = (high - low) or 1.0

    def at(logit: float) -> float:
        return 2 + 96 * (logit - low) / length

    steps = tuple(
        Step(
            nb,
            en,
            contribution,
            said_nb,
            said_en,
            at(min(sums[i], sums[i + 1])),
            96 * abs(contribution) / length,
            _sigmoid(sums[i + 1]),
        )
        for i, (nb, en, contribution, said_nb, said_en) in enumerate(named)
    )
    return Waterfall(
        _sigmoid(sums[0]), at(sums[0]), steps, _sigmoid(sums[-1]), at(sums[-1])
    )


def window(score: Mapping[str, Any]) -> dict[str, float]:
    """Where the window and today stand on a line, in percent of it."""
    opens, closes, today = score["window_from"], score["act_before"], score["as_of"]
    if opens is None or closes is None:
        return {}
    first, last = min(opens, today), max(closes, today)
    length = max((last - first).days, 1)
    return {
        "from": 100 * (opens - first).days / length,
        "width": 100 * max((closes - opens).days, 1) / length,
        "today": 100 * (today - first).days / length,
        "days_left": (closes - today).days,
        "days_to_open": max((opens - today).days, 0),
    }


def scale(score: Mapping[str, Any]) -> dict[str, float]:
    """Probability, interval and base rate on a square-root line, in per cent of it."""
    return {
        key: root_scale(score[name])
        for key, name in (
            ("p", "probability"),
            ("lo", "probability_lo"),
            ("hi", "probability_hi"),
            ("base", "base_rate"),
        )
    }


def over_time(scores: pl.DataFrame) -> tuple[History | None, list[dict[str, Any]]]:
    """The chart of one account's and offer's scores, and its rows, newest first."""
    scored = scores.filter(pl.col("state") == "scored").sort("as_of")
    rows = scored.select(
        "as_of", "probability", "probability_lo", "probability_hi", "base_rate"
    ).to_dicts()
    if len(rows) < 2:
        return None, rows
    return history(
        [r["as_of"] for r in rows],
        [r["probability"] for r in rows],
        [r["probability_lo"] for r in rows],
        [r["probability_hi"] for r in rows],
        rows[-1]["base_rate"],
    ), rows[::-1]


def account_parts(
    account: Mapping[str, Any],
    offers: Sequence[Mapping[str, Any]],
    *,
    scores: pl.DataFrame,
    reasons: pl.DataFrame,
    timeline: pl.DataFrame,
    coverage: pl.DataFrame,
    lists: Mapping[tuple[str, str], Mapping[str, Any]],
    proofs: Mapping[str, Proof],
    shown_proofs: Iterable[str],
    labels: Mapping[str, tuple[str, str]],
    as_of: date,
) -> dict[str, Any]:
    """What an account's page shows.

    Args:
        account: a row of contract accounts, or `account_id` and `name` alone.
        offers: its rows of account_scores, one an offer.
        scores, reasons, timeline, coverage: rows of the account in those tables.
        lists: rows of talk_to_now of the day by account and offer.
        proofs: evidence by signal_id, of all pages.
        shown_proofs: which of them stand on this page, in order.
        labels: label (nb, en) by signal type.
        as_of: the day.
    """
    events = events_of(timeline, as_of)
    opens = [o for o in offers if o["window_from"] and o["act_before"]]
    return {
        "account": account,
        "offers": [
            _offer(o, scores, reasons, lists.get((o["account_id"], o["offer"])), labels)
            for o in offers
        ],
        "months": [
            (first, list(rows))
            for first, rows in groupby(
                events, key=lambda e: e["happened_at"].date().replace(day=1)
            )
        ],
        "n_events": len(events),
        "n_left_out": max(timeline.height - len(events), 0),
        "strip": _strip(events, opens[0] if opens else None, as_of),
        "linked": {e["signal_id"] for e in events if e["signal_id"] in proofs},
        "proofs": [proofs[s] for s in shown_proofs if s in proofs],
        **_coverage(coverage),
    }


def events_of(
    timeline: pl.DataFrame, as_of: date, most: int = _MAX_EVENTS
) -> list[dict[str, Any]]:
    """What happened as known on the day, newest first."""
    known = timeline.filter(pl.col("known_at").dt.date() <= as_of)
    newest = known.sort("happened_at", "signal_id", descending=[True, False])
    return newest.head(most).to_dicts()


def _offer(
    score: Mapping[str, Any],
    scores: pl.DataFrame,
    reasons: pl.DataFrame,
    listed: Mapping[str, Any] | None,
    labels: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    mine = reasons.filter(
        (pl.col("offer") == score["offer"]) & (pl.col("as_of") == score["as_of"])
    )
    chart, rows = over_time(scores.filter(pl.col("offer") == score["offer"]))
    is_scored = score["state"] == "scored"
    unseen = mine.filter(
        pl.col("value").is_null() & ~pl.col("signal_type").is_in(_NOT_SIGNALS)
    )
    return {
        "score": score,
        "listed": listed,
        "window": window(score),
        "scale": scale(score) if is_scored else None,
        "waterfall": waterfall(mine, labels) if is_scored else None,
        "history": chart,
        "days": rows,
        "not_observed": sorted(_label(k, labels) for k in unseen["signal_type"]),
    }


def _strip(
    events: Sequence[Mapping[str, Any]], offer: Mapping[str, Any] | None, as_of: date
) -> Strip | None:
    if not events:
        return None
    return strip(
        [(e["family"], e["happened_at"].date()) for e in events],
        as_of,
        as_of - timedelta(days=_STRIP_DAYS),
        (offer["window_from"], offer["act_before"]) if offer else None,
    )


def _coverage(coverage: pl.DataFrame) -> dict[str, Any]:
    rows = coverage.sort("source").to_dicts()
    return {
        "watched": [r for r in rows if r["state"] in ("fresh", "stale")],
        "gaps": gaps_of(rows),
        "unsupported": [r["source"] for r in rows if r["state"] == "unsupported"],
    }


def _label(kind: str, labels: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    plain = kind.replace("_", " ")
    return labels.get(kind) or DERIVED.get(kind) or (plain, plain)


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
