"""`raw/<source>`, `parsed/<source>`, `landing/visits` and `observed/<kind>`.

Made by factories from `scrapers/sources/*/source.yml`: a new source appears in the
graph without an edit here.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from pathlib import Path

import dagster as dg
import polars as pl
from pydantic import Field

from orchestration import settings
from orchestration.contracts import gate, judged
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import missing_in_file
from orchestration.contracts.odcs import ContractError, contract
from orchestration.contracts.page_mix import Drift, of_all
from orchestration.crawl import (
    CrawlFailed,
    CrawlStats,
    PastDay,
    crawl,
    crawl_ahead,
    is_network_gone,
    refuse_past_days,
)
from orchestration.defs import walk
from orchestration.defs.columns import read_from, same_as
from orchestration.defs.contract_checks import check_metadata, stopped
from orchestration.defs.partitions import (
    DAYS,
    crawl_partitions,
    days_of,
    log_other_days,
    shards_of_run,
)
from orchestration.defs.patience import again_later
from orchestration.defs.pools import RECORDS, crawl_pool
from orchestration.progress import announce, announce_day
from scrapers import store
from scrapers.account import read_accounts
from scrapers.joined import join_shards, unjoined_days
from scrapers.landing import VISITS, is_whole_day, is_whole_shard, landed_days
from scrapers.parsed import DAMAGED, parse_days, unparsed_days, warm_up
from scrapers.shards import Shard
from scrapers.source import SourceSpec, concerned, load_source, source_names
from scrapers.whole_files import FileDamaged

SINGLE_RUN = dg.BackfillPolicy.single_run()
EACH_SHARD_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
# What a crawl reads besides what its source landed.
_OF_CRAWLS = ("accounts", "suppression")
# Accounts times days from which on a crawl leaves enough to parse.
_MANY_VISITS = 500
# Tries and seconds before the first: 10, 20, 40, 80 and 160 minutes.
_NETWORK = 5, 600


class Asked(dg.Config):
    """What of a source is asked, when it is not all."""

    accounts: list[str] = Field(
        default=[],
        description=(
            "Ids of accounts that alone are visited; empty: all. They are added to a "
            "day that has landed, and a later run without ids asks the others."
        ),
    )


def raw_asset(spec: SourceSpec) -> dg.AssetsDefinition:
    """`raw/<source>`: a Scrapy child process per run, visits and WARC files per day."""
    partitions = crawl_partitions(spec)
    landed = f"landing/{spec.name}"

    @dg.asset(
        key=["raw", spec.name],
        group_name="landing",
        kinds={"scrapy", "warc"},
        pool=crawl_pool(spec),
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN if partitions is DAYS else EACH_SHARD_A_RUN,
        deps=["accounts", ["accounts", "places"], ["accounts", "opt_outs"]],
        owners=[f"team:{spec.owner}"],
        description=(
            f"{spec.title}. {spec.robots_note} Licence: {spec.licence} "
            "One row per attempt, failed ones included; bytes in WARC 1.1."
        ),
    )
    def _raw(context: dg.AssetExecutionContext, config: Asked) -> dg.MaterializeResult:
        home = settings.home()
        replay = settings.replay()
        days = days_of(context.run.tags, context.partition_keys)
        shards = shards_of_run(context.partition_keys)
        # Who crawls a shard needs what is known of addresses, not the visits.
        is_shard = shards != [None]
        store.pull(home, [*_OF_CRAWLS, landed], (VISITS,) if is_shard else ())
        accounts = read_accounts(home / "accounts" / "accounts.parquet")
        asked = [a for a in accounts if a.account_id in config.accounts] or accounts
        if not concerned(spec, asked):
            return dg.MaterializeResult(
                metadata={
                    "days_visited": 0,
                    "visits": 0,
                    "not_asked": _not_asked(spec, len(asked)),
                }
            )
        stats = CrawlStats(spec.name, ())
        try:
            for shard in shards:
                wanted = _days_to_crawl(
                    home, spec, days, shard, adds=bool(config.accounts)
                )
                # A shard is read by another run.
                if shard is None and len(wanted) * len(asked) >= _MANY_VISITS:
                    warm_up()
                if wanted:
                    stats = stats.and_of(
                        crawl(
                            spec.name,
                            home,
                            wanted,
                            replay.proxy if replay else None,
                            on_day=partial(announce_day, _called(spec, shard)),
                            only_accounts=config.accounts,
                            shard=shard,
                        )
                    )
                    log_other_days(context, ["raw", spec.name], wanted, shard)
            store.push(home, [landed])
        except (PastDay, CrawlFailed) as error:
            is_passing = isinstance(error, CrawlFailed) and is_network_gone(error)
            later = again_later(context, *_NETWORK) if is_passing else None
            if later is not None:
                raise later from error
            raise dg.Failure(description=str(error), allow_retries=False) from error
        outcomes = stats.outcomes()
        rows = "\n".join(f"| {k} | {v} |" for k, v in outcomes.items())
        return dg.MaterializeResult(
            metadata={
                "days_visited": len(stats.days),
                "only_accounts": ", ".join(config.accounts) or "all were asked",
                "days_already_landed": len(days) * len(shards) - len(stats.days),
                "visits": int(sum(outcomes.values())),
                "outcomes": dg.MetadataValue.md(
                    f"| outcome | visits |\n|---|---|\n{rows}"
                ),
                "requests": int(stats.total("requests")),
                "bytes": int(stats.total("bytes")),
                "seconds": round(stats.total("seconds"), 2),
                "peak_mb": stats.peak_mb,
                "scrapy_stats": dg.MetadataValue.json(list(stats.days[-3:])),
                **({} if is_shard else walk.of_source(home, spec.name)),
            }
        )

    return _raw


def begin_shard(home: Path, source: str, days: Sequence[date], shard: Shard) -> None:
    """Begin a shard's crawl of all its accounts; the run of it waits for that.

    Not where there is nothing to crawl or it would be refused: the run itself says so.
    The watch list has been read, and nothing is kept in a store.
    """
    spec, replay = load_source(source), settings.replay()
    accounts = read_accounts(home / "accounts" / "accounts.parquet")
    try:
        wanted = _days_to_crawl(home, spec, sorted({*days}), shard)
    except PastDay:
        return
    if wanted and concerned(spec, accounts):
        proxy = replay.proxy if replay else None
        tell = partial(announce_day, _called(spec, shard))
        crawl_ahead(source, home, wanted, proxy, tell, shard)


def _days_to_crawl(
    home: Path,
    spec: SourceSpec,
    days: Sequence[date],
    shard: Shard | None,
    adds: bool = False,
) -> list[date]:
    """Days that have not landed yet, or all of them when accounts are added.

    Raises:
        PastDay: one of them cannot be visited.
    """
    wanted = [d for d in days if adds or not _has_landed(home, spec, d, shard)]
    today, replay = datetime.now(UTC).date(), settings.replay()
    refuse_past_days(spec.name, wanted, today, spec.serves_history, replay is not None)
    return wanted


def _has_landed(home: Path, spec: SourceSpec, day: date, shard: Shard | None) -> bool:
    if shard is None:
        return is_whole_day(home, spec.name, day)
    return is_whole_shard(home, spec.name, day, shard)


def _called(spec: SourceSpec, shard: Shard | None) -> str:
    return spec.name if shard is None else f"{spec.name} {shard.name}"


def _not_asked(spec: SourceSpec, n_accounts: int) -> str:
    missing = {"place": f"a place of {spec.name}", "": "a country it covers"}
    what = missing.get(spec.needs, spec.needs)
    return f"none of {n_accounts} accounts has {what}, so there is nothing to ask"


def join_landed(home: Path, source: str) -> list[date]:
    """Make days of the shards that have landed; the days, and say which still wait.

    A day that is past goes on without the shards that failed: it cannot be visited any
    more. A replay visits any day, and waits.
    """
    before = None if settings.replay() else datetime.now(UTC).date()
    joined = join_shards(home, source, before)
    for day, shards in unjoined_days(home, source).items():
        names = ", ".join(shard.name for shard in shards) or "none that is not there"
        announce(f"raw/{source}: {day} waits for the shards {names}")
    return joined


def _columns_of(spec: SourceSpec) -> tuple[str, ...]:
    """Columns of all that is read from a source, each once."""
    kinds = (*spec.written_kinds, "payloads")
    columns = (contract(f"observed/{kind}").column_names for kind in kinds)
    return tuple(dict.fromkeys(chain.from_iterable(columns)))


def parsed_asset(spec: SourceSpec) -> dg.AssetsDefinition:
    """`parsed/<source>`: records by digest; an unchanged page costs nothing."""

    @dg.asset(
        key=["parsed", spec.name],
        group_name="parsed",
        kinds={"python", "parquet"},
        pool=RECORDS,
        partitions_def=DAYS,
        backfill_policy=SINGLE_RUN,
        deps=[dg.AssetKey(["raw", spec.name])],
        description=(
            f"Records read from the payloads of {spec.name}, once per new digest and "
            f"parser version. Kinds: {', '.join(spec.written_kinds)}."
        ),
    )
    def _parsed(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        home = settings.home()
        folders = [f"{step}/{spec.name}" for step in ("landing", "parsed")]
        store.pull(home, folders)
        wanted = set(days_of(context.run.tags, context.partition_keys))
        # And what a run of another day left behind when it was killed.
        wanted |= set(join_landed(home, spec.name))
        wanted |= set(unparsed_days(home, spec.name))
        days = [d for d in landed_days(home, spec.name) if d in wanted]
        # Most of its payloads are read; of other days some, out of the store.
        anew = {*days} & {*unparsed_days(home, spec.name)}
        store.fetch(home, [f"{folders[0]}/day={day}" for day in sorted(anew)])
        try:
            summary = parse_days(home, spec.name, days)
        except FileDamaged as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        store.push(home, folders)
        log_other_days(context, ["parsed", spec.name], days)
        n_records = sum(summary.records.values())
        announce(
            f"parsed/{spec.name}: {summary.n_parsed} new payloads, {n_records} records"
        )
        damaged = [e for e in summary.errors if DAMAGED in e]
        if damaged:
            announce(
                f"parsed/{spec.name}: {len(damaged)} payloads are damaged in the "
                "archive and left out until their file is put back from a backup, as "
                f"{damaged[0]}"
            )
        return dg.MaterializeResult(
            metadata={
                "dagster/column_lineage": read_from(
                    _columns_of(spec), dg.AssetKey(["raw", spec.name])
                ),
                "folder": dg.MetadataValue.path(str(home / "parsed" / spec.name)),
                "days": len(days),
                "new_payloads": summary.n_parsed,
                "records": n_records,
                "records_by_kind": dg.MetadataValue.json(dict(summary.records)),
                "verdicts": dg.MetadataValue.json(dict(summary.verdicts)),
                "refused_payloads": dg.MetadataValue.md(
                    "\n".join(f"- {e}" for e in summary.errors[:20]) or "none"
                ),
                "pages_per_second": round(summary.pages_per_second, 1),
                "seconds": round(summary.seconds, 2),
            }
        )

    return _parsed


def observed_asset(kind: str, specs: list[SourceSpec]) -> dg.AssetsDefinition:
    """`observed/<kind>`: rows of all sources that keep the contract."""
    key = dg.AssetKey(["observed", kind])
    sources = [s for s in specs if kind == "payloads" or kind in s.written_kinds]
    checks = [
        dg.AssetCheckSpec(
            name="contract",
            asset=key,
            blocking=True,
            description=(
                f"Rows keep data_contracts/observed/{kind}.odcs.yml; those that do not "
                "are in quarantine with the reason, and counted here. A promised "
                "column that is missing stops the run before anything is let through."
            ),
        )
    ]
    if kind == "payloads":
        checks.append(
            dg.AssetCheckSpec(
                name="parsers_work",
                asset=key,
                blocking=True,
                description=(
                    "No parser fails on more than half of the payloads of a scope: "
                    "that is a broken parser, and nothing is concluded from it."
                ),
            )
        )
    else:
        checks.append(
            dg.AssetCheckSpec(
                name="no_sharp_drop",
                asset=key,
                blocking=True,
                description=(
                    "Records per successful visit on the latest day are not below 40 % "
                    "of the days before: a drop of all at once is a change of the "
                    "source or of the parser, and nothing is concluded from it."
                ),
            )
        )

    @dg.asset(
        key=key,
        group_name="observed",
        kinds={"greatexpectations", "parquet"},
        pool=RECORDS,
        deps=[dg.AssetKey(["parsed", s.name]) for s in sources],
        description=contract(f"observed/{kind}").purpose,
        check_specs=checks,
    )
    def _observed() -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        home = settings.home()
        try:
            gated = gate.gate_kind(home, kind)
        except ContractError as error:
            yield from stopped("contract", str(error))
        # A run that finds nothing new does not judge anew.
        before = judged.read(home, f"observed/{kind}")
        kept = (
            before
            if before and not gated.n_files
            else judged.keep(home, gated.verdict, "warning")
        )
        results = [
            dg.AssetCheckResult(
                check_name="contract",
                passed=gated.n_quarantined == 0,
                severity=dg.AssetCheckSeverity.WARN,
                description=gated.verdict.sentence(),
                metadata=check_metadata(gated.verdict, kept.trend),
            )
        ]
        if kind == "payloads":
            faults = gate.broken_parsers(home)
            results.append(
                dg.AssetCheckResult(
                    check_name="parsers_work",
                    passed=not faults,
                    description="; ".join(faults) or "every parser reads its pages",
                )
            )
        else:
            reading = gate.record_yield(home, kind)
            results.append(
                dg.AssetCheckResult(
                    check_name="no_sharp_drop",
                    passed=not reading.has_dropped,
                    description=reading.sentence(),
                )
            )
        announce(
            f"observed/{kind}: {gated.n_observed} rows let through, "
            f"{gated.n_quarantined} in quarantine"
        )
        yield dg.MaterializeResult(
            metadata={
                "dagster/column_lineage": same_as(
                    contract(f"observed/{kind}").column_names,
                    [dg.AssetKey(["parsed", s.name]) for s in sources],
                ),
                "folder": dg.MetadataValue.path(str(home / "observed" / kind)),
                "new_files": gated.n_files,
                "new_rows": gated.n_observed,
                "quarantined_rows": gated.n_quarantined,
            },
            check_results=results,
        )

    return _observed


def visits_asset(specs: list[SourceSpec]) -> dg.AssetsDefinition:
    """`landing/visits`: every attempt of every source."""
    key = dg.AssetKey(["landing", "visits"])

    @dg.asset(
        key=key,
        group_name="landing",
        kinds={"parquet"},
        pool=RECORDS,
        deps=[dg.AssetKey(["raw", s.name]) for s in specs],
        description=contract("landing/visits").purpose,
        check_specs=[
            dg.AssetCheckSpec(
                name="contract",
                asset=key,
                blocking=True,
                description="The newest days keep their contract, landing/visits.",
            ),
            dg.AssetCheckSpec(
                name="page_mix",
                asset=key,
                description=(
                    "Pages of the last seven days are of the same kinds as those of "
                    "the four weeks before: else our lexicon or many sites changed."
                ),
            ),
            dg.AssetCheckSpec(
                name="accounts_answer",
                asset=key,
                description=(
                    "As many of the accounts that were asked last gave an answer as "
                    "usually do (coverage), source by source."
                ),
            ),
        ],
    )
    def _visits() -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        home = settings.home()
        store.pull(home, ["landing"])
        for spec in specs:
            join_landed(home, spec.name)
        store.push(home, ["landing"])
        promise = contract("landing/visits")
        files = sorted((home / "landing").glob("*/day=*/visits.parquet"))
        for file in files:
            missing = missing_in_file(promise, file)
            if missing:
                yield from stopped(
                    "contract",
                    f"{file}: the column(s) {', '.join(missing)} promised by contract "
                    f"{promise.path} version {promise.version} are missing; put the "
                    "file back from a backup",
                )
        total = pl.scan_parquet(files).select(pl.len()).collect().item()
        newest: dict[str, list] = {}
        for f in files:
            newest.setdefault(f.parent.parent.name, []).append(f)
        recent = pl.concat(
            [pl.read_parquet(f) for fs in newest.values() for f in fs[-7:]]
        )
        verdict = validate(promise, recent)
        kept = judged.keep(home, verdict, "error")
        mixes, answers = of_all(home, specs)
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": total,
                "dagster/column_lineage": same_as(
                    promise.column_names,
                    [dg.AssetKey(["raw", source]) for source in sorted(newest)],
                ),
                **walk.of_visits(home, sorted(newest)),
                "days_checked": 7,
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="contract",
                    passed=verdict.is_kept,
                    description=verdict.sentence(),
                    metadata=check_metadata(verdict, kept.trend),
                ),
                _drifting("page_mix", mixes),
                _drifting("accounts_answer", answers),
            ],
        )

    return _visits


def _drifting(name: str, found: list[Drift]) -> dg.AssetCheckResult:
    """A warning that names what has drifted; else all that was looked at."""
    drifted = [one for one in found if one.has_drifted]
    return dg.AssetCheckResult(
        check_name=name,
        passed=not drifted,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(one.sentence for one in drifted or found) or "no source",
        metadata={one.source: one.value for one in found if one.value is not None},
    )


def _assets() -> Iterator[dg.AssetsDefinition]:
    """All landing, parsed and observed assets."""
    specs = [load_source(name) for name in source_names()]
    for spec in specs:
        yield raw_asset(spec)
        yield parsed_asset(spec)
    yield visits_asset(specs)
    for kind in (*gate.KINDS, "payloads"):
        yield observed_asset(kind, specs)


@dg.definitions
def defs() -> dg.Definitions:
    """What this step adds to the graph."""
    return dg.Definitions(assets=list(_assets()))
