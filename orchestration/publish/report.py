"""The report: a static page of the accounts to talk to now, for people in sales.

Selects and words what the tables already say; computes no score. Needs no network, no
script and no browser beyond HTML and CSS; archived content is escaped text.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from orchestration.publish.evidence import (
    Evidence,
    ReadPayload,
    assemble,
    landed_rows,
    rows_by_id,
)
from orchestration.publish.record_page import record_parts

TEMPLATES = Path(__file__).with_name("templates")
BUDGET = 10

_MAX_BARS = 6
_MAX_EVENTS = 5
_MAX_WATCH = 8
_DERIVED = {
    "breadth": ("Endring på flere områder", "Change in several areas"),
    "size": ("Antall ansatte", "Number of employees"),
    "leader_x_theme_jobs": ("Ny leder og tema i annonser", "New leader and theme jobs"),
    "language_x_theme_jobs": ("Nye ord og tema i annonser", "New words and theme jobs"),
}
_STATES = {
    "opening": ("åpner snart", "opening"),
    "open": ("åpent", "open"),
    "closing": ("lukkes snart", "closing"),
    "closed": ("lukket", "closed"),
    "none": ("intet vindu", "no window"),
}
_COVERAGE = {
    "fresh": ("fersk", "fresh"),
    "stale": ("gammel", "stale"),
    "blocked": ("stengt ute", "blocked"),
    "unsupported": ("ikke støttet", "unsupported"),
    "opted_out": ("reservert", "opted out"),
    "unknown": ("ukjent", "unknown"),
}
_MONTHS = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
]


@dataclass(frozen=True)
class Bar:
    """One contribution: label, log-odds, and its reach from the middle in percent."""

    label_nb: str
    label_en: str
    contribution: float
    width: float
    sentence_nb: str
    sentence_en: str


@dataclass(frozen=True)
class Proof:
    """A signal of a card with its two captures."""

    signal: Mapping[str, Any]
    evidence: Evidence

    @property
    def link(self) -> str:
        """Where its capture page is, seen from the report."""
        return f"evidence/{self.signal['signal_id']}.html"


@dataclass(frozen=True)
class Card:
    """One account to talk to, ready to show."""

    score: Mapping[str, Any]
    name: str
    segment: str | None
    bars: tuple[Bar, ...]
    mean_probability: float
    proofs: tuple[Proof, ...]
    events: tuple[Mapping[str, Any], ...]
    window: Mapping[str, float]
    scale: Mapping[str, float]


def write_report(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    *,
    accounts: pl.DataFrame,
    home: Path,
    visits: pl.DataFrame | None = None,
    read_payload: ReadPayload | None = None,
    signal_types: pl.DataFrame | None = None,
    budget: int = BUDGET,
    quotes_only: bool = False,
) -> None:
    """Write `index.html` and `evidence/<signal_id>.html` into a folder.

    Args:
        folder: an existing, empty folder.
        tables: the published tables.
        accounts: contract accounts, for the names.
        home: the home folder with `landing/`, for the archived captures.
        visits: contract landing/visits of the sources the shown signals come from;
            read from the landing zone by default.
        read_payload: how bytes are read; `scrapers.landing.read_payload` by default.
        signal_types: the catalogue (`id, label_nb, label_en`), for the labels of types
            that have moved a score without a signal of their own.
        budget: how many accounts are shown at most.
        quotes_only: show nothing of a capture but the quote: the rest names people.
    """
    scores = tables["account_scores"]
    as_of = scores["as_of"].max()
    today = scores.filter(pl.col("as_of") == as_of)
    lists = tables["talk_to_now"].filter(pl.col("as_of") == as_of)
    listed = lists.filter("is_listed").select(
        "account_id", "offer", "seller", "change_mind_nb", "change_mind_en",
        "exclusivity_nb", "exclusivity_en", "signal_lift", "signal_lift_lo",
        "signal_lift_hi", "signal_fired", "main_signal",
    )  # fmt: skip
    # One seller's list is at most the budget; all of them together may be longer.
    shown = today.join(listed, on=["account_id", "offer"]).sort(
        "seller", "attention_rank", "offer", "account_id"
    )
    if shown["seller"].n_unique() <= 1:
        shown = shown.head(budget)
    names = {r["account_id"]: r for r in accounts.iter_rows(named=True)}
    signals = {r["signal_id"]: r for r in tables["signals"].iter_rows(named=True)}
    wanted = _signals_of(shown, tables, signals)
    proofs = _proofs(wanted, home, visits, read_payload, quotes_only)
    labels = _labels(tables["signals"], signal_types)
    cards = [
        _card(row, tables, names, proofs, labels) for row in shown.iter_rows(named=True)
    ]
    environment = _environment()
    page = environment.get_template("report.html").render(
        as_of=as_of,
        style=_style(),
        cards=cards,
        summary=_summary(today, shown),
        watch=_watch(today, shown, names, budget),
        left_out=[
            {
                "name": _name(names, r["account_id"]),
                "seller": r["seller"],
                "probability": r["probability"],
                "why_nb": r["left_out_nb"],
                "why_en": r["left_out_en"],
            }
            for r in lists.filter(~pl.col("is_listed"))
            .sort("seller", "place")
            .rows(named=True)
        ],
        unseen=_unseen(today, names),
        coverage=_coverage(tables["coverage"]),
        model_version=", ".join(sorted(today["model_version"].unique())),
    )
    (folder / "index.html").write_text(page, encoding="utf-8")
    record_page = environment.get_template("record.html").render(
        as_of=as_of,
        style=_style(),
        parts=record_parts(tables, labels | _DERIVED),
        model_version=", ".join(sorted(today["model_version"].unique())),
    )
    (folder / "record.html").write_text(record_page, encoding="utf-8")
    (folder / "evidence").mkdir()
    template = environment.get_template("evidence.html")
    for signal_id, proof in sorted(proofs.items()):
        name = _name(names, proof.signal["account_id"])
        (folder / "evidence" / f"{signal_id}.html").write_text(
            template.render(style=_style(), proof=proof, name=name), encoding="utf-8"
        )


def report_digest(accounts: pl.DataFrame, budget: int = BUDGET) -> str:
    """Digest of what the report shows besides the published tables."""
    said = hashlib.sha256(f"budget {budget}\n".encode())
    for file in sorted(TEMPLATES.iterdir()):
        said.update(file.name.encode() + b"\0" + file.read_bytes())
    for module in ("report.py", "record_page.py"):
        said.update(Path(__file__).with_name(module).read_bytes())
    for row in (
        accounts.select("account_id", "name", "segment").sort("account_id").rows()
    ):
        said.update(repr(row).encode())
    return said.hexdigest()


def _labels(
    signals: pl.DataFrame, signal_types: pl.DataFrame | None
) -> dict[str, tuple[str, str]]:
    """Labels (nb, en) by signal type, from the catalogue and the signals shown."""
    said = signals.select("signal_type", "label_nb", "label_en").unique().rows()
    listed = (
        []
        if signal_types is None
        else signal_types.select("id", "label_nb", "label_en").rows()
    )
    return {kind: (nb, en) for kind, nb, en in [*sorted(said), *sorted(listed)]}


def _signals_of(
    shown: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    signals: Mapping[str, Mapping[str, Any]],
) -> dict[str, Mapping[str, Any]]:
    """The signals that a card, a bar or a timeline of the shown accounts points at."""
    wanted: dict[str, None] = {}
    for row in shown.iter_rows(named=True):
        wanted |= dict.fromkeys(row["play_signal_ids"])
        for event in _events(row, tables):
            wanted[event["signal_id"]] = None
    return {s: signals[s] for s in wanted if s in signals}


def _proofs(
    wanted: Mapping[str, Mapping[str, Any]],
    home: Path,
    visits: pl.DataFrame | None,
    read_payload: ReadPayload | None,
    quotes_only: bool,
) -> dict[str, Proof]:
    refs = [s[ref] for s in wanted.values() for ref in ("before_ref", "after_ref")]
    if visits is None:
        sources = sorted({s["source"] for s in wanted.values()})
        rows = landed_rows(home, refs, sources)
    else:
        rows = rows_by_id(visits, refs)
    return {
        signal_id: Proof(
            signal, assemble(signal, rows, home, read_payload, quotes_only=quotes_only)
        )
        for signal_id, signal in wanted.items()
    }


def _card(
    score: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    names: Mapping[str, Mapping[str, Any]],
    proofs: Mapping[str, Proof],
    labels: Mapping[str, tuple[str, str]],
) -> Card:
    account = score["account_id"]
    reasons = tables["score_reasons"].filter(
        (pl.col("account_id") == account)
        & (pl.col("offer") == score["offer"])
        & (pl.col("as_of") == score["as_of"])
    )
    mean_logit = reasons.filter(pl.col("signal_type") == "intercept")["contribution"]
    return Card(
        score=score,
        name=_name(names, account),
        segment=names.get(account, {}).get("segment"),
        bars=_bars(reasons, labels),
        mean_probability=1 / (1 + math.exp(-float(mean_logit[0]))),
        proofs=tuple(proofs[s] for s in score["play_signal_ids"] if s in proofs),
        events=_events(score, tables),
        window=_window(score),
        scale=_scale(score),
    )


def _bars(
    reasons: pl.DataFrame, labels: Mapping[str, tuple[str, str]]
) -> tuple[Bar, ...]:
    """The largest contributions and the sum of the rest: together the whole."""
    rows = sorted(
        reasons.filter(pl.col("signal_type") != "intercept").iter_rows(named=True),
        key=lambda r: (-abs(r["contribution"]), r["signal_type"]),
    )
    told = [r for r in rows if r["value"]][:_MAX_BARS]
    rest = [r for r in rows if r not in told]
    total = sum(r["contribution"] for r in rest)
    largest = max([abs(r["contribution"]) for r in told] + [abs(total), 1e-9])
    bars = []
    for r in told:
        kind = r["signal_type"]
        plain = kind.replace("_", " ")
        label = labels.get(kind) or _DERIVED.get(kind) or (plain, plain)
        bars.append(
            Bar(
                label[0],
                label[1],
                r["contribution"],
                50 * abs(r["contribution"]) / largest,
                r["sentence_nb"],
                r["sentence_en"],
            )
        )
    if rest:
        bars.append(
            Bar(
                f"Øvrige {len(rest)}",
                f"Other {len(rest)}",
                total,
                50 * abs(total) / largest,
                "Det som ikke er sett, eller ikke skiller kontoen fra snittet.",
                "What was not seen, or does not set the account apart from the mean.",
            )
        )
    return tuple(bars)


def _events(
    score: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]
) -> tuple[Mapping[str, Any], ...]:
    timeline = tables["account_timeline"].filter(
        (pl.col("account_id") == score["account_id"])
        & (pl.col("known_at").dt.date() <= score["as_of"])
    )
    newest = timeline.sort("happened_at", "signal_id", descending=True)
    return tuple(newest.head(_MAX_EVENTS).iter_rows(named=True))


def _window(score: Mapping[str, Any]) -> dict[str, float]:
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


def _scale(score: Mapping[str, Any]) -> dict[str, float]:
    """Probability, interval and base rate on a square-root line from 0 to 100 %.

    The root leaves room at the low end, where base rates are.
    """
    return {
        key: 100 * math.sqrt(score[name])
        for key, name in (
            ("p", "probability"),
            ("lo", "probability_lo"),
            ("hi", "probability_hi"),
            ("base", "base_rate"),
        )
    }


def _summary(today: pl.DataFrame, shown: pl.DataFrame) -> dict[str, Any]:
    scored = today.filter(pl.col("state") == "scored")
    expected = float(shown["probability"].sum())
    base = float(today["base_rate"].mean() or 0.0)  # type: ignore[arg-type]
    return {
        "scored": scored.height,
        "abstained": today.height - scored.height,
        "shown": shown.height,
        "base_rate": base,
        "horizon": today["horizon_days"].max(),
        "expected": expected,
        "expected_range": _range(expected),
        "random": base * shown.height,
        "in_window": today["attention_rank"].is_not_null().sum(),
    }


def _range(expected: float) -> str:
    low, high = math.floor(expected), math.ceil(expected)
    return str(low) if low == high else f"{low}–{high}"


def _watch(
    today: pl.DataFrame,
    shown: pl.DataFrame,
    names: Mapping[str, Mapping[str, Any]],
    budget: int,
) -> list[dict[str, Any]]:
    """The likeliest accounts that are not among the cards."""
    rest = today.filter(
        (pl.col("state") == "scored")
        & (pl.col("probability") > pl.col("base_rate"))
        & ~pl.col("account_id").is_in(shown["account_id"].to_list())
    ).sort(["probability", "account_id"], descending=[True, False])
    return [
        {
            "name": _name(names, row["account_id"]),
            "score": row,
            "why_nb": _not_shown(row, budget)[0],
            "why_en": _not_shown(row, budget)[1],
        }
        for row in rest.head(_MAX_WATCH).iter_rows(named=True)
    ]


def _not_shown(row: Mapping[str, Any], budget: int) -> tuple[str, str]:
    if row["attention_rank"] is not None:
        return (
            f"Vinduet er {_STATES[row['window_state']][0]}, men listen er på {budget}.",
            f"The window is {_STATES[row['window_state']][1]}; the list is {budget}.",
        )
    if row["window_state"] == "closed":
        return "Vinduet er lukket.", "The window has closed."
    return (
        "Ingen endring ennå som sier hvem du bør snakke med.",
        "No change yet that says whom to talk to.",
    )


def _unseen(
    today: pl.DataFrame, names: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    rows = today.filter(pl.col("state") == "abstained")
    return sorted(
        (
            {
                "name": _name(names, r["account_id"]),
                "reason_nb": r["abstain_reason_nb"],
                "reason_en": r["abstain_reason"],
            }
            for r in rows.iter_rows(named=True)
        ),
        key=lambda r: (r["reason_en"], r["name"]),
    )


def _coverage(coverage: pl.DataFrame) -> dict[str, Any]:
    states = [s for s in _COVERAGE if s in set(coverage["state"])]
    counts = {
        (source, state): n
        for source, state, n in coverage.group_by("source", "state").len().iter_rows()
    }
    return {
        "states": [(s, *_COVERAGE[s]) for s in states],
        "sources": [
            (source, [counts.get((source, state), 0) for state in states])
            for source in sorted(set(coverage["source"]))
        ],
    }


def _name(names: Mapping[str, Mapping[str, Any]], account_id: str) -> str:
    return str(names.get(account_id, {}).get("name") or account_id)


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "dag": _dag,
        "kort": lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
        "tall": lambda v, digits=1: f"{v:.{digits}f}".replace(".", ","),
        "prosent": _prosent,
        "vindu": lambda s: _STATES[s][0],
        "window": lambda s: _STATES[s][1],
        "stor": lambda text: text[:1].upper() + text[1:],
    }
    return environment


def _dag(moment: date | datetime) -> str:
    return f"{moment.day}. {_MONTHS[moment.month - 1]} {moment.year}"


def _prosent(value: float) -> str:
    digits = 1 if value < 0.1995 else 0
    return f"{100 * value:.{digits}f}".replace(".", ",") + " %"
