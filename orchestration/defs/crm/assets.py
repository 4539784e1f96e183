"""The tables for CRMs, `crm/outbox`, and one asset for each destination."""

from collections.abc import Iterator

import dagster as dg
import duckdb
import polars as pl

from orchestration import settings, warehouse
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import empty_frame, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crm.fault import CrmError
from orchestration.crm.feedback import accepted_feedback
from orchestration.crm.reactive import reactive_share
from orchestration.crm.sweep import sweep_when_due
from orchestration.crm.sync import plan, sync
from orchestration.crm.tables import account_updates, tasks
from orchestration.defs.contract_checks import check_metadata, table_check
from orchestration.defs.pools import WAREHOUSE, sending_pool
from orchestration.defs.selection import wanted
from orchestration.progress import announce
from orchestration.scoring.plays import load_plays

OUTBOX = dg.AssetKey(["crm", "outbox"])
CONTRACTED = {
    "crm_account_updates": "crm/crm_account_updates",
    "crm_tasks": "crm/crm_tasks",
    "reactive_share": "crm/reactive_share",
}
_READ = ("score_days", "talk_to_now", "signals")
_FEEDBACK = dg.AssetKey(["outcomes", "feedback"])


@dg.multi_asset(
    name="crm_tables",
    can_subset=True,
    pool=WAREHOUSE,
    group_name="crm",
    specs=[
        dg.AssetSpec(
            name,
            kinds={"python", "duckdb"},
            deps=[*_READ, "accounts"],
            description=description,
        )
        for name, description in (
            ("crm_account_updates", "What a CRM is to hold of each account and offer."),
            ("crm_tasks", "What a seller is to do: one open task an account and play."),
        )
    ]
    + [
        dg.AssetSpec(
            "reactive_share",
            kinds={"python", "duckdb"},
            deps=["outcomes", "offers", _FEEDBACK],
            description="How many first contacts came before the outcome, and after.",
        )
    ],
)
def crm_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Write what CRMs are to hold, for our own sync and for other people's."""
    home = settings.home()
    tables = warehouse.read_tables(home, (*_READ, "outcomes", "offers"))
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    whole = pl.read_parquet(home / "accounts" / "opt_outs.parquet").filter(
        pl.col("domain") == ""
    )
    opted_out = frozenset(whole["account_id"])
    plays = load_plays()
    base = settings.evidence_base()
    made = {
        "crm_account_updates": account_updates(
            tables["score_days"],
            tables["talk_to_now"],
            accounts,
            opted_out,
            _former("crm_account_updates"),
            evidence_base=base,
        ),
        "crm_tasks": tasks(
            tables["score_days"],
            tables["talk_to_now"],
            tables["signals"],
            accounts,
            opted_out,
            stops={play.id: play.stop for play in plays.plays},
            cooldown_days=plays.days_between_plays,
            evidence_base=base,
        ),
        "reactive_share": reactive_share(
            tables["outcomes"],
            accepted_feedback(home),
            tables["offers"]["offer"].to_list(),
        ),
    }
    written = wanted(context, made)
    warehouse.write_tables(home, written)
    for name, frame in written.items():
        yield dg.MaterializeResult(
            asset_key=name, metadata={"dagster/row_count": frame.height}
        )


def _former(table: str) -> pl.DataFrame | None:
    """The table as the last run left it; None on the first."""
    try:
        return warehouse.read_tables(settings.home(), [table])[table]
    except duckdb.CatalogException:
        return None


@dg.asset(
    key=OUTBOX,
    pool=WAREHOUSE,
    group_name="crm",
    kinds={"parquet"},
    deps=[dg.AssetKey(["bi", "published"])],
    description=(
        "What would change in each CRM, per record and field, compared with what it "
        "accepted last. Writes `crm/outbox.parquet`; sends nothing."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="contract",
            asset=OUTBOX,
            blocking=True,
            description="Every row keeps data_contracts/crm/outbox.odcs.yml.",
        ),
        dg.AssetCheckSpec(
            name="every_destination_planned",
            asset=OUTBOX,
            description=(
                "Each destination could be read. One that could not is in no plan of "
                "today, and keeps no other from being sent to."
            ),
        ),
    ],
)
def outbox() -> dg.MaterializeResult:
    """Plan every destination of this installation."""
    home = settings.home()
    promise = contract("crm/outbox")
    plans, faults = [], []
    for name in settings.crm_destinations():
        try:
            plans.append(plan(name, home))
        except CrmError as error:
            faults.append(str(error))
    if not plans:
        raise dg.Failure(description="; ".join(faults), allow_retries=False)
    rows = shaped(
        promise, pl.concat([empty_frame(promise), *(p.rows for p in plans)])
    ).sort(promise.primary_key)
    write_atomically(rows, home / "crm" / "outbox.parquet")
    verdict = validate(promise, rows)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": rows.height,
            "records": rows["record_key"].n_unique(),
            "by_destination": dg.MetadataValue.json(
                {p.destination: p.counts() for p in plans}
            ),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="contract",
                passed=verdict.is_kept,
                description=verdict.sentence(),
                metadata=check_metadata(verdict),
            ),
            dg.AssetCheckResult(
                check_name="every_destination_planned",
                passed=not faults,
                description="; ".join(faults) or "each of them could be read",
            ),
        ],
    )


def destination_asset(name: str) -> dg.AssetsDefinition:
    """`crm/<destination>`: send the outbox, remember what was accepted."""

    @dg.asset(
        key=["crm", name],
        pool=sending_pool("crm", name),
        group_name="crm",
        kinds={"python"},
        deps=[OUTBOX],
        description=(
            f"Sends what changed to {name}; a run without a change calls nothing. "
            "Only what the destination accepted is remembered as sent. Once a week "
            "it is asked which of our records were deleted or merged there."
        ),
    )
    def _destination() -> dg.MaterializeResult:
        try:
            swept = sweep_when_due(name, settings.home())
            done = sync(name, settings.home())
        except CrmError as error:
            # What caused it is in the vendor's words, which may repeat a token.
            raise dg.Failure(description=str(error), allow_retries=False) from None
        counts = done.counts()
        announce(f"crm/{name}: " + ", ".join(f"{n} {k}" for k, n in counts.items()))
        if done.note:
            raise dg.Failure(description=done.note, allow_retries=False)
        found = (
            {"deleted_there": len(swept.deleted), "merged_there": len(swept.merged)}
            if swept is not None
            else {}
        )
        return dg.MaterializeResult(metadata={**counts, **found, "calls": done.calls})

    return _destination


@dg.definitions
def defs() -> dg.Definitions:
    """What this step adds to the graph, with one blocking contract check a table."""
    destinations = settings.crm_destinations()
    return dg.Definitions(
        assets=[crm_tables, outbox, *(destination_asset(n) for n in destinations)],
        asset_checks=[table_check(table, path) for table, path in CONTRACTED.items()],
    )
