"""The report: static pages of the accounts to talk to now, for people in sales.

Lays the pages out in a folder, in Norwegian and (under `en/`) in English. What a page
holds is selected by the module of its name; no score is computed anywhere here. Pages
need no network, no script and no browser beyond HTML, CSS and inline SVG; archived
content is escaped text; nothing depends on the clock.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from orchestration.contracts.data_docs import write_data_docs
from orchestration.contracts.judged import Judged
from orchestration.publish import list_page
from orchestration.publish.account_page import (
    DERIVED,
    Proof,
    account_parts,
    events_of,
    proof,
)
from orchestration.publish.coverage_page import coverage_parts
from orchestration.publish.evidence import (
    ReadPayload,
    assemble,
    landed_rows,
    rows_by_id,
)
from orchestration.publish.languages import ENGLISH, NORWEGIAN, Language
from orchestration.publish.notes import in_norwegian, in_plain_english
from orchestration.publish.record_page import record_parts
from orchestration.publish.run_page import run_parts
from orchestration.publish.signals_page import market, performance_parts

TEMPLATES = Path(__file__).with_name("templates")
BUDGET = 10

# A page of an account is about 40 kB in each language: 200 of them are 16 MB.
_MAX_PAGES = 200
_PROOFS_ON_PAGE = 4
_MOST_TEXT = 5000
_MOST_SOURCE = 4000
_PROOFS_OF_LISTED = 12
_PROOFS_OF_OTHERS = 4
_WRITERS = (
    "account_page", "changed_words", "charts", "coverage_page", "evidence",
    "languages", "list_page", "notes", "record_page", "report", "run_page",
    "signals_page",
)  # fmt: skip
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class _Day:
    """The rows that the pages are made of, each looked up once."""

    tables: Mapping[str, pl.DataFrame]
    scores: pl.DataFrame  # account_score_history
    today: pl.DataFrame  # account_scores
    lists: pl.DataFrame  # talk_to_now of the day
    shown: pl.DataFrame  # what stands on the first page
    names: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, tuple[str, str]]
    sources: Mapping[str, tuple[str, str]]

    @property
    def as_of(self) -> Any:
        return self.today["as_of"][0]


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
    checks: Sequence[Judged] = (),
) -> None:
    """Write the pages into a folder: `index.html` and what it leads to, and `en/`.

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
        checks: the newest verdict on each contract; data docs of each stand in
            `checks/`.
    """
    day = _day(tables, accounts, signal_types, budget)
    paged = _paged(day)
    wanted = {account: _wanted(day, account, offers) for account, offers in paged}
    proofs = _proofs(
        [s for ids in wanted.values() for s in ids],
        day,
        home,
        visits,
        read_payload,
        quotes_only,
    )
    pages = {account: page_name(account) for account, _ in paged}
    shared = {
        "as_of": day.as_of,
        "style": _style(),
        "pages": pages,
        "most_text": _MOST_TEXT,
        "most_source": _MOST_SOURCE,
        "model_version": ", ".join(sorted(day.today["model_version"].unique())),
    }
    content = _top_pages(day, proofs, budget, checks)
    of_accounts = {
        f"account/{pages[account]}.html": _account(
            day, account, offers, proofs, wanted[account]
        )
        for account, offers in paged
    }
    for language in (NORWEGIAN, ENGLISH):
        environment = _environment(language, day.sources)
        place = folder if language is NORWEGIAN else folder / "en"
        (place / "account").mkdir(parents=True)
        (place / "evidence").mkdir()
        for name, parts in content.items():
            _write(environment, language, place, name, name, shared | parts)
        for file, parts in of_accounts.items():
            _write(environment, language, place, "account.html", file, shared | parts)
        for signal_id, one in sorted(proofs.items()):
            account = one.signal["account_id"]
            parts = {"proof": one, "name": list_page.name_of(day.names, account)}
            file = f"evidence/{signal_id}.html"
            _write(environment, language, place, "evidence.html", file, shared | parts)
    (folder / "checks").mkdir()
    write_data_docs(folder / "checks", checks)


def report_digest(
    accounts: pl.DataFrame, budget: int = BUDGET, checks: Sequence[Judged] = ()
) -> str:
    """Digest of what the report shows besides the published tables."""
    said = hashlib.sha256(f"budget {budget}\n".encode())
    for file in sorted(TEMPLATES.iterdir()):
        said.update(file.name.encode() + b"\0" + file.read_bytes())
    for module in _WRITERS:
        said.update(Path(__file__).with_name(f"{module}.py").read_bytes())
    for row in (
        accounts.select("account_id", "name", "segment").sort("account_id").rows()
    ):
        said.update(repr(row).encode())
    said.update(repr(tuple(checks)).encode())
    return said.hexdigest()


def page_name(account_id: str) -> str:
    """The name of an account's page: its key, or a digest where it is no file name."""
    if _PLAIN_NAME.fullmatch(account_id):
        return account_id
    return "x" + hashlib.sha256(account_id.encode()).hexdigest()[:20]


def _day(
    tables: Mapping[str, pl.DataFrame],
    accounts: pl.DataFrame,
    signal_types: pl.DataFrame | None,
    budget: int,
) -> _Day:
    today = tables["account_scores"]
    lists = tables["talk_to_now"].filter(pl.col("as_of") == today["as_of"][0])
    listed = lists.filter("is_listed").select(
        "account_id", "offer", "seller", "change_mind_nb", "change_mind_en",
        "exclusivity_nb", "exclusivity_en", "signal_lift", "signal_lift_lo",
        "signal_lift_hi", "signal_fired", "main_signal",
    )  # fmt: skip
    # The best first, whosever list it is on. One seller's is at most the budget; all of
    # them together may be longer.
    shown = today.join(listed, on=["account_id", "offer"]).sort(
        "attention_rank", "offer", "account_id", nulls_last=True
    )
    if shown["seller"].n_unique() <= 1:
        shown = shown.head(budget)
    return _Day(
        tables=tables,
        scores=tables["account_score_history"],
        today=today,
        lists=lists,
        shown=shown,
        names={r["account_id"]: r for r in accounts.iter_rows(named=True)},
        labels=_labels(tables["signals"], signal_types),
        sources={
            name: (nb, en)
            for name, nb, en in tables["dim_sources"]
            .select("source", "label_nb", "label_en")
            .iter_rows()
        },
    )


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
    return DERIVED | {kind: (nb, en) for kind, nb, en in [*sorted(said), *listed]}


def _paged(day: _Day) -> list[tuple[str, list[dict[str, Any]]]]:
    """The accounts that get a page, with their scores of the day: listed ones first."""
    ordered = list(dict.fromkeys(day.shown["account_id"]))
    ordered += list(dict.fromkeys(day.lists.sort("account_id")["account_id"]))
    rest = day.today.sort(
        "probability", "account_id", descending=[True, False], nulls_last=True
    )
    ordered += list(rest["account_id"])
    kept = list(dict.fromkeys(ordered))[:_MAX_PAGES]
    of_account: dict[str, list[dict[str, Any]]] = {}
    for row in day.today.sort("attention_rank", "offer", nulls_last=True).to_dicts():
        of_account.setdefault(row["account_id"], []).append(row)
    return [(account, of_account[account]) for account in kept if account in of_account]


def _wanted(day: _Day, account: str, offers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Signals whose evidence is shown: of the play, the reasons, the newest events."""
    is_listed = account in set(day.shown["account_id"])
    reasons = day.tables["score_reasons"].filter(
        (pl.col("account_id") == account) & (pl.col("as_of") == day.as_of)
    )
    wanted: dict[str, None] = {}
    for offer in offers:
        wanted |= dict.fromkeys(offer["play_signal_ids"])
    largest = reasons.sort(pl.col("contribution").abs(), descending=True).head(6)
    for ids in largest["signal_ids"]:
        wanted |= dict.fromkeys(ids[:1])
    most = _PROOFS_OF_LISTED if is_listed else _PROOFS_OF_OTHERS
    timeline = _of(day.tables["account_timeline"], account)
    wanted |= dict.fromkeys(
        e["signal_id"] for e in events_of(timeline, day.as_of, most)
    )
    return list(wanted)[:most]


def _proofs(
    signal_ids: Sequence[str],
    day: _Day,
    home: Path,
    visits: pl.DataFrame | None,
    read_payload: ReadPayload | None,
    quotes_only: bool,
) -> dict[str, Proof]:
    table = day.tables["signals"]
    chosen = table.filter(pl.col("signal_id").is_in(list(signal_ids))).to_dicts()
    refs = [s[ref] for s in chosen for ref in ("before_ref", "after_ref")]
    if visits is None:
        rows = landed_rows(home, refs, sorted({s["source"] for s in chosen}))
    else:
        rows = rows_by_id(visits, refs)
    return {
        s["signal_id"]: proof(
            s, assemble(s, rows, home, read_payload, quotes_only=quotes_only)
        )
        for s in chosen
    }


def _top_pages(
    day: _Day, proofs: Mapping[str, Proof], budget: int, checks: Sequence[Judged]
) -> dict[str, dict[str, Any]]:
    cards = list_page.cards(day.shown, day.names, proofs, day.labels)
    names = {key: str(row["name"]) for key, row in day.names.items()}
    return {
        "index.html": {
            "cards": cards,
            "n_sellers": list_page.sellers(cards),
            "summary": list_page.summary(day.today, day.shown),
            "watch": list_page.watch(day.today, day.shown, day.names, budget),
            "left_out": list_page.left_out(day.lists, day.names),
        },
        "accounts.html": {"rows": list_page.all_accounts(day.today, day.names)},
        "signals.html": {
            "parts": performance_parts(day.tables["signal_performance"], day.labels),
            "market": market(day.tables["signals"], day.as_of),
        },
        "record.html": {"parts": record_parts(day.tables)},
        "coverage.html": coverage_parts(day.tables["coverage"], day.today, names),
        "run.html": run_parts(
            day.tables["source_runs"], day.tables["source_run_outcomes"], checks
        ),
    }


def _account(
    day: _Day,
    account: str,
    offers: Sequence[Mapping[str, Any]],
    proofs: Mapping[str, Proof],
    wanted: Sequence[str],
) -> dict[str, Any]:
    known = day.names.get(account, {"account_id": account})
    return account_parts(
        dict(known) | {"name": list_page.name_of(day.names, account)},
        offers,
        scores=_of(day.scores, account),
        reasons=_of(day.tables["score_reasons"], account),
        timeline=_of(day.tables["account_timeline"], account),
        coverage=_of(day.tables["coverage"], account),
        lists={
            (row["account_id"], row["offer"]): row
            for row in _of(day.lists, account).to_dicts()
        },
        proofs=proofs,
        shown_proofs=wanted[:_PROOFS_ON_PAGE],
        labels=day.labels,
        as_of=day.as_of,
    )


def _of(table: pl.DataFrame, account: str) -> pl.DataFrame:
    return table.filter(pl.col("account_id") == account)


def _write(
    environment: jinja2.Environment,
    language: Language,
    place: Path,
    template: str,
    file: str,
    content: Mapping[str, Any],
) -> None:
    root = "../" if "/" in file else ""
    other = f"{root}en/{file}" if language is NORWEGIAN else f"{root}../{file}"
    page = environment.get_template(template).render(
        {**content, "root": root, "other": other, "this_page": file}
    )
    (place / file).write_text(page, encoding="utf-8")


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def _environment(
    language: Language, sources: Mapping[str, tuple[str, str]]
) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= language.filters()
    environment.filters["source"] = lambda name: language.pick(
        *sources.get(name, (name, name))
    )
    environment.globals |= {
        "lang": language.code,
        "say": language.pick,
        "of": language.of,
        "short_month": language.short_month,
        "around": language.around,
        "in_norwegian": in_norwegian,
        "in_plain_english": in_plain_english,
    }
    return environment
