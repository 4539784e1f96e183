"""The score as assets: the model, the scores, the record, the lists and the log."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from orchestration import settings, warehouse
from orchestration.contracts.odcs import contract
from orchestration.crm.feedback import accepted_feedback
from orchestration.defs import walk
from orchestration.defs.columns import (
    ACCOUNT_SCORES,
    SCORE_DAYS,
    SCORE_REASONS,
    made_of,
    same_as,
)
from orchestration.defs.contract_checks import table_check
from orchestration.defs.pools import WAREHOUSE
from orchestration.defs.selection import wanted
from orchestration.progress import announce
from orchestration.scoring.current import account_scores
from orchestration.scoring.drift import drift, observed_over_expected
from orchestration.scoring.forecast_log import BrokenLog, NotAppended, read
from orchestration.scoring.forecasts import log_of, write_down
from orchestration.scoring.judged import with_verdicts
from orchestration.scoring.learning import Leak
from orchestration.scoring.model import model_version, score_accounts
from orchestration.scoring.places import places_record
from orchestration.scoring.plays import PLAYS_FILE, load_plays
from orchestration.scoring.record import record
from orchestration.scoring.score_history import (
    differs_from_log,
    keep_day,
    score_history,
)
from orchestration.scoring.steps import (
    DESK_TABLES,
    cuts_of,
    desk_of,
    fit_version,
    pinned_versions,
)
from orchestration.scoring.talk import talk_to_now
from orchestration.scoring.training import NotEnough, is_due, known_until
from orchestration.scoring.versions import EXPERT, TARGETS, pinned, read_pins
from orchestration.scoring.weights import WEIGHTS_FILE, load_weights

CONTRACTED = {
    "score_days": "scores/score_days",
    "account_scores": "scores/account_scores",
    "score_reasons": "scores/score_reasons",
    "score_record": "scores/score_record",
    "score_reliability": "scores/score_reliability",
    "signal_performance": "scores/signal_performance",
    "talk_to_now": "scores/talk_to_now",
    "account_score_history": "scores/account_score_history",
}
_READ = ("account_features", "hist_coverage_daily", "signals", "outcomes", "accounts")


@dg.asset(
    group_name="scores",
    pool=WAREHOUSE,
    kinds={"yaml", "python"},
    deps=["signal_types", "offers", *_READ],
    description=(
        "The experts' version, copied to `models/<version>/` so that an old score can "
        "be explained; and every four weeks, where outcomes suffice, a version learned "
        "from them, with its report. A learned one scores when it is promoted."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="no_leak",
            asset="score_model",
            description="No feature knows the outcome; a model that would is not kept.",
        )
    ],
)
def score_model() -> dg.MaterializeResult:
    """Keep the experts' version, and learn a new one when it is due."""
    home = settings.home()
    weights, plays = load_weights(), load_plays()
    version = model_version(weights, plays)
    folder = home / "models" / version
    folder.mkdir(parents=True, exist_ok=True)
    for file in (WEIGHTS_FILE, PLAYS_FILE):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "model.json").write_text(
        json.dumps({"model_version": version, "outcomes": 0}, indent=2)
    )
    tables = warehouse.read_tables(home, [*DESK_TABLES, "outcomes"])
    tables |= _lists_so_far(home)
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    days = sorted(set(tables["account_features"]["as_of"]))
    learned, told, leaks = [], [], []
    for target in TARGETS:
        if not days or tables["outcomes"].filter(pl.col("target") == target).is_empty():
            continue
        if not is_due(cuts_of(home, target), known_until(days)):
            continue
        try:
            learned.append(
                fit_version(
                    home,
                    tables,
                    accounts,
                    target=target,
                    contacts=accepted_feedback(home),
                )
            )
        except NotEnough as error:
            told.append(str(error))
        except Leak as error:
            leaks.append(str(error))
    scoring = pinned(read_pins(home), max(days)) if days else EXPERT
    for name in learned:
        announce(f"model: {name} was learned; `lyttepost model promote` lets it score")
    return dg.MaterializeResult(
        metadata={
            "model_version": version if scoring == EXPERT else scoring,
            "signal_types": len(weights.signal_types),
            "learned": ", ".join(learned) or "none was due",
            "not_learned": "; ".join(told) or "nothing was refused",
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="no_leak",
                passed=not leaks,
                severity=dg.AssetCheckSeverity.WARN,
                description="; ".join(leaks) or "no feature knows the outcome",
            )
        ],
    )


@dg.multi_asset(
    name="scores",
    can_subset=True,
    group_name="scores",
    pool=WAREHOUSE,
    specs=[
        dg.AssetSpec(
            "score_days",
            kinds={"python", "duckdb"},
            deps=[
                "score_model",
                "hist_people_events",
                "hist_role_slots",
                "offers",
                *_READ,
            ],
            description=(
                "Probability per account, offer and landmark day, with base rate, "
                "interval and window, or the reason for abstaining."
            ),
        ),
        dg.AssetSpec(
            "score_reasons",
            kinds={"python", "duckdb"},
            deps=["score_model", "account_features", "signals"],
            description="Contributions that sum exactly to the logit.",
        ),
    ],
)
def scores(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Score every landmark day from that day's features."""
    home = settings.home()
    tables = warehouse.read_tables(
        home, [*DESK_TABLES, "outcomes", "hist_people_events", "hist_role_slots"]
    )
    scored = score_accounts(
        tables["account_features"],
        tables["hist_coverage_daily"],
        tables["offers"],
        load_weights(),
        signals=tables["signals"],
        plays=load_plays(),
        people_events=tables["hist_people_events"],
        role_slots=tables["hist_role_slots"],
        accounts=pl.read_parquet(home / "accounts" / "accounts.parquet"),
        catalogue=tables["signal_types"],
        outcomes=tables["outcomes"],
        pinned=pinned_versions(home),
    )
    written = wanted(
        context,
        {
            "score_days": scored.score_days,
            "score_reasons": scored.score_reasons,
        },
    )
    warehouse.write_tables(home, written)
    frame = scored.score_days
    latest = frame.filter(pl.col("as_of") == pl.col("as_of").max())
    n_scored = latest.filter(pl.col("state") == "scored").height
    announce(
        f"scores: {n_scored} accounts scored and {latest.height - n_scored} abstained "
        f"as of {latest['as_of'].max()!s}"
    )
    told: dict[str, dict[str, Any]] = {
        "score_days": {
            "dagster/column_lineage": made_of(SCORE_DAYS),
            "days": frame["as_of"].n_unique(),
            "scored_latest_day": n_scored,
            "abstained_latest_day": latest.height - n_scored,
        },
        "score_reasons": {"dagster/column_lineage": made_of(SCORE_REASONS)},
    }
    for name, table in written.items():
        yield dg.MaterializeResult(
            asset_key=name, metadata={"dagster/row_count": table.height, **told[name]}
        )


@dg.multi_asset(
    name="score_report",
    can_subset=True,
    group_name="scores",
    pool=WAREHOUSE,
    specs=[
        dg.AssetSpec(
            name,
            kinds={"python", "duckdb"},
            deps=[
                "score_days",
                "score_reasons",
                "sector_shifts",
                "hist_page_visits",
                dg.AssetKey(["outcomes", "feedback"]),
                *_READ,
            ],
            description=what,
        )
        for name, what in (
            (
                "score_record",
                "How good the probabilities were, beside what is simpler.",
            ),
            ("score_reliability", "Forecast against observed share, by bin."),
            ("signal_performance", "What each signal was worth: lift, lead, verdict."),
            ("talk_to_now", "Whom each seller is to talk to this week, within budget."),
        )
    ],
    check_specs=[
        dg.AssetCheckSpec(
            name="forecasts_written_down",
            asset="score_record",
            description="The day's scores stand in the chained log, which is whole.",
        ),
        dg.AssetCheckSpec(
            name="observed_over_expected",
            asset="score_record",
            description="Outcomes came about as often as they were foretold.",
        ),
        dg.AssetCheckSpec(
            name="drift",
            asset="signal_performance",
            description="Signals fire and are observed as they were (PSI, rate).",
        ),
    ],
)
def score_report(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Judge what was foretold, choose whom to talk to, and write the day down."""
    home = settings.home()
    tables = warehouse.read_tables(
        home,
        [*DESK_TABLES, "outcomes", "score_days", "score_reasons", "sector_shifts"],
    )
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    at = desk_of(tables, accounts)
    scores = tables["score_days"]
    of_day = pinned_versions(home)
    made = record(
        at,
        scores,
        tables["outcomes"],
        of_day(max(at.days)) if at.days else None,
        languages=_languages(home),
    )
    performance = with_verdicts(
        made.signal_performance, accepted_feedback(home), scores, tables["signals"]
    )
    lists = talk_to_now(
        scores,
        tables["score_reasons"],
        tables["signals"],
        performance,
        plays=load_plays(),
        owners={
            r["account_id"]: r["owner"]
            for r in accounts.iter_rows(named=True)
            if r["owner"]
        },
        exclusivity={name: kind.exclusivity for name, kind in at.catalogue.items()},
        sector_shifts=tables["sector_shifts"],
        segments=at.segments,
    )
    today = max(at.days) if at.days else None
    of_places = places_record(lists, tables["outcomes"], at.wanted, today)
    judged = pl.concat([made.score_record, of_places])
    written = wanted(
        context,
        {
            "score_record": judged.sort(contract("scores/score_record").primary_key),
            "score_reliability": made.score_reliability,
            "signal_performance": performance,
            "talk_to_now": lists,
        },
    )
    warehouse.write_tables(home, written)
    for name, frame in written.items():
        yield dg.MaterializeResult(
            asset_key=name, metadata={"dagster/row_count": frame.height}
        )
    checked = {key.name for key in context.selected_asset_check_keys}
    if "forecasts_written_down" in checked:
        yield _written_down(scores)
    if "observed_over_expected" in checked:
        yield _as_expected(made.score_record)
    if "drift" in checked:
        yield _drifted(tables["account_features"])


def _lists_so_far(home: Path) -> dict[str, pl.DataFrame]:
    """The lists as the last run left them; none on the first."""
    try:
        return warehouse.read_tables(home, ["talk_to_now"])
    except duckdb.CatalogException:
        return {}


def _languages(home: Path) -> dict[str, str]:
    """The language most of each account's pages are written in."""
    with warehouse.connect(home) as connection:
        return dict(
            connection.execute(
                """
                select account_id, mode(language order by language)
                from hist_page_visits
                where language is not null
                group by account_id
                """
            ).fetchall()
        )


def _written_down(scores: pl.DataFrame) -> dg.AssetCheckResult:
    home = settings.home()
    last = scores["as_of"].max()
    told, passed = "there is nothing to write down yet", True
    if last is not None:
        try:
            now = datetime.now(UTC)
            head = write_down(home, scores, last, now)  # type: ignore[arg-type]
            keep_day(home, scores, last, now)  # type: ignore[arg-type]
            told = f"{head.n_lines} lines, the last {head.hash[:12]}"
        except (NotAppended, BrokenLog) as error:
            told, passed = str(error), False
    return dg.AssetCheckResult(
        check_name="forecasts_written_down",
        asset_key="score_record",
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=told,
    )


@dg.asset(
    name="account_scores",
    group_name="scores",
    pool=WAREHOUSE,
    kinds={"python", "duckdb"},
    deps=["score_days", "score_reasons", "talk_to_now", "accounts"],
    description=(
        "How each account stands on the newest day: one wide row an account and offer, "
        "with who it is, whether it is on a list, and what raises it most."
    ),
)
def current_scores() -> dg.MaterializeResult:
    """Put the newest day beside its lists, its reasons and who the accounts are."""
    home = settings.home()
    tables = warehouse.read_tables(home, ["score_days", "score_reasons", "talk_to_now"])
    frame = account_scores(
        tables["score_days"],
        tables["score_reasons"],
        tables["talk_to_now"],
        pl.read_parquet(home / "accounts" / "accounts.parquet"),
    )
    warehouse.write_tables(home, {"account_scores": frame})
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": frame.height,
            "dagster/column_lineage": made_of(ACCOUNT_SCORES),
            **walk.of_scores(home),
            "listed": frame.filter("is_listed").height,
            "abstained": frame.filter(pl.col("state") == "abstained").height,
        }
    )


@dg.asset(
    group_name="scores",
    pool=WAREHOUSE,
    kinds={"python", "duckdb"},
    deps=["score_days", "score_record"],
    description=(
        "What was said of each account on each day, as it was said then: days that "
        "were written down as they were, others as the score run has them."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="agrees_with_the_log",
            asset="account_score_history",
            description="Probabilities of days in the chained log are those there.",
        )
    ],
)
def account_score_history() -> dg.MaterializeResult:
    """Put the days that were kept and the days of the score run together."""
    home = settings.home()
    scores = warehouse.read_tables(home, ["score_days"])["score_days"]
    try:
        log, told = list(read(log_of(home))), ""
    except BrokenLog as error:
        # The check says so; what was kept beside the log still stands.
        log, told = [], f"the log of forecasts cannot be read: {error}"
    history = score_history(home, scores, log)
    warehouse.write_tables(home, {"account_score_history": history})
    wrong = differs_from_log(history, log)
    if wrong.height:
        first = wrong.row(0, named=True)
        told = (
            f"{wrong.height} probabilities are not those of the log, as that of "
            f"{first['account_id']} on {first['as_of']}: {first['probability']} where "
            f"the log has {first['in_the_log']}"
        )
    down = history.filter("is_written_down")
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": history.height,
            "dagster/column_lineage": same_as(
                scores.columns, [dg.AssetKey("score_days")]
            ),
            "days": history["as_of"].n_unique(),
            "days_written_down": down["as_of"].n_unique(),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="agrees_with_the_log",
                passed=not told,
                severity=dg.AssetCheckSeverity.WARN,
                description=told or f"{len(log)} lines, each as it was written",
            )
        ],
    )


def _as_expected(made: pl.DataFrame) -> dg.AssetCheckResult:
    told, passed = [], True
    whole = made.filter((pl.col("model") == "shown") & (pl.col("slice") == "all"))
    for (offer, target), part in sorted(
        whole.partition_by("offer", "target", as_dict=True).items()
    ):
        value = dict(part.select("measure", "value").iter_rows())
        mean = value.get("mean_forecast")
        share = value.get("observed_share")
        n_events = int(part["n_outcomes"][0])
        if not mean or share is None or not n_events:
            continue
        # Rows of an outcome overlap; the outcomes are what is counted.
        ratio, low, high = observed_over_expected(n_events, n_events * mean / share)
        told.append(
            f"{offer}, {target}: {ratio:.2f} times as many outcomes as foretold "
            f"(90 % interval {low:.2f} to {high:.2f})"
        )
        passed = passed and low <= 1.0 <= high
    return dg.AssetCheckResult(
        check_name="observed_over_expected",
        asset_key="score_record",
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(told) or "no window has closed with an outcome yet",
    )


def _drifted(features: pl.DataFrame) -> dg.AssetCheckResult:
    found = drift(features)
    alarms = [d for d in found if d.is_alarm]
    return dg.AssetCheckResult(
        check_name="drift",
        asset_key="signal_performance",
        passed=not alarms,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(d.sentence() for d in found[:12])
        or "nothing moved, as far as there are enough rows",
        metadata={"moved": len(found), "alarms": len(alarms)},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What this step adds to the graph, with one blocking contract check a table."""
    return dg.Definitions(
        assets=[
            score_model,
            scores,
            score_report,
            current_scores,
            account_score_history,
        ],
        asset_checks=[table_check(table, path) for table, path in CONTRACTED.items()],
    )
