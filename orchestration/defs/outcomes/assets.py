"""`outcomes/crm` and `outcomes/feedback`: from files, read strictly."""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from orchestration import settings
from orchestration.contracts.gate import prepare_home
from orchestration.crm import feedback
from orchestration.crm.fault import CrmError
from orchestration.crm.opportunities import (
    Refused,
    files,
    read_opportunities,
    write_opportunities,
)
from orchestration.defs.pools import RECORDS

CHECK = "refused_rows"


def _promised(name: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=CHECK,
        asset=["outcomes", name],
        description="No row of its files had to be set aside.",
    )


def _told(refused: Sequence[Refused]) -> dg.AssetCheckResult:
    """Rows that were set aside warn, each with its reason."""
    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=not refused,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(
            f"{r.file}: line {r.line}: {r.reason}" for r in refused[:20]
        )
        or "every row could be used",
    )


@dg.asset(
    key=["outcomes", "crm"],
    group_name="outcomes",
    kinds={"csv", "polars"},
    pool=RECORDS,
    deps=["accounts"],
    description=(
        "Opportunities from `outcomes/*.csv` and `*.parquet` in the home folder "
        "(account_id, opened_at, stage, created_at; opportunity_id and offer where "
        "known). Private: only the table outcomes reads them. Rows that are not "
        "understood go to quarantine."
    ),
    check_specs=[_promised("crm")],
)
def crm_outcomes() -> dg.MaterializeResult:
    """Read the opportunities a user exported."""
    home = settings.home()
    prepare_home(home)
    offers = pl.read_csv(settings.DBT_DIR / "seeds" / "offers.csv")
    default = offers.filter(pl.col("is_default"))["offer"][0]
    watched = pl.read_parquet(home / "accounts" / "accounts.parquet")["account_id"]
    given = files(home)
    try:
        read = read_opportunities(
            given, frozenset(watched), default, frozenset(offers["offer"])
        )
    except CrmError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    write_opportunities(read, home)
    return dg.MaterializeResult(
        metadata={
            "files": len(given),
            "opportunities": read.rows.height,
            "qualified": int(read.rows["is_qualified"].sum()),
            "refused_rows": len(read.refused),
        },
        check_results=[_told(read.refused)],
    )


@dg.asset(
    key=["outcomes", "feedback"],
    group_name="outcomes",
    kinds={"csv", "polars"},
    pool=RECORDS,
    deps=["accounts"],
    description=(
        "What became of our tasks, from `feedback/*.csv` and `*.parquet` in the home "
        "folder (task_key; verdict and contacted_at where known). Private. Rows that "
        "are not understood go to quarantine."
    ),
    check_specs=[_promised("feedback")],
)
def crm_feedback() -> dg.MaterializeResult:
    """Read what people in a CRM made of our tasks."""
    home = settings.home()
    given = feedback.files(home)
    try:
        read = feedback.read_feedback(given, feedback.known_tasks(home))
    except CrmError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    feedback.write_feedback(read, home)
    return dg.MaterializeResult(
        metadata={
            "files": len(given),
            "tasks": read.rows.height,
            "judged": read.rows["verdict"].drop_nulls().len(),
            "contacted": read.rows["contacted_at"].drop_nulls().len(),
            "refused_rows": len(read.refused),
        },
        check_results=[_told(read.refused)],
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What this step adds to the graph."""
    return dg.Definitions(assets=[crm_outcomes, crm_feedback])
