"""Asset checks made from contracts.

A row that breaks a contract is a warning with a sample of the offenders; a table that
lacks a promised column is an error and blocks what follows.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from orchestration import settings, warehouse
from orchestration.contracts.expectations import Verdict, validate
from orchestration.contracts.judged import keep, trend_lines
from orchestration.contracts.odcs import contract
from orchestration.defs.pools import WAREHOUSE


def check_metadata(
    verdict: Verdict, trend: Sequence[tuple[str, int, int]] = ()
) -> dict[str, dg.MetadataValue]:
    """What a reader of the check wants to see.

    Args:
        verdict: what was found.
        trend: day, rows and rows that break it, where they are kept.
    """
    lines = [
        f"| {b.expectation} | {b.column or ''} | {len(b.rows)} | "
        f"{'; '.join(b.sample).replace('|', '/')} |"
        for b in verdict.broken
    ]
    table = "\n".join(["| expectation | column | rows | sample |", "|---|---|---|---|"])
    days = (
        {"trend": dg.MetadataValue.md("\n".join(trend_lines(trend)))} if trend else {}
    )
    return days | {
        "rows": dg.MetadataValue.int(verdict.n_rows),
        "rows_that_break_it": dg.MetadataValue.int(len(verdict.broken_rows)),
        "expectations": dg.MetadataValue.int(verdict.n_expectations),
        "contract_version": dg.MetadataValue.text(verdict.version),
        "broken": dg.MetadataValue.md("\n".join([table, *lines]) if lines else "none"),
    }


def stopped(check: str, sentence: str) -> Iterator[dg.AssetCheckResult]:
    """Fail a check and the step with one sentence, so that nothing follows.

    The asset does not count as materialised: what it held before still stands.

    Raises:
        dagster.Failure: always, after the check was told.
    """
    yield dg.AssetCheckResult(
        check_name=check,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=sentence,
    )
    raise dg.Failure(description=sentence, allow_retries=False)


def table_check(table: str, contract_path: str) -> dg.AssetChecksDefinition:
    """A blocking check of a warehouse table against its contract."""

    @dg.asset_check(
        asset=dg.AssetKey([table]),
        name="contract",
        pool=WAREHOUSE,
        blocking=True,
        description=(
            f"Every row of {table} keeps data_contracts/{contract_path}.odcs.yml "
            "(Great Expectations)."
        ),
    )
    def _check() -> dg.AssetCheckResult:
        home: Path = settings.home()
        frame = warehouse.read_tables(home, [table])[table]
        verdict = validate(contract(contract_path).in_warehouse, frame)
        kept = keep(home, verdict, "error")
        return dg.AssetCheckResult(
            passed=verdict.is_kept,
            severity=dg.AssetCheckSeverity.ERROR,
            description=verdict.sentence(),
            metadata=check_metadata(verdict, kept.trend),
        )

    return _check
