"""`accounts`: the landed accounts file, validated."""

import dagster as dg

from orchestration import settings
from orchestration.accounts.watch_list import (
    AccountsRefused,
    read_watch_list,
    write_watch_list,
)
from orchestration.contracts.expectations import validate
from orchestration.contracts.gate import prepare_home
from orchestration.contracts.odcs import contract
from orchestration.defs.contract_checks import check_metadata
from orchestration.progress import announce


@dg.asset(
    key="accounts",
    group_name="accounts",
    kinds={"csv", "polars"},
    description=(
        "The watch list. Reads `landing/_accounts/accounts.csv` in the home folder; "
        "rows that cannot be used go to quarantine with the reason."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="contract",
            asset="accounts",
            blocking=True,
            description="Every account keeps data_contracts/accounts.odcs.yml.",
        ),
        dg.AssetCheckSpec(
            name="refused_rows",
            asset="accounts",
            description="No row of the accounts file had to be set aside.",
        ),
    ],
)
def accounts() -> dg.MaterializeResult:
    """Validate the landed accounts file and write the watch list."""
    home = settings.home()
    prepare_home(home)
    try:
        watch_list = read_watch_list(home / "landing" / "_accounts" / "accounts.csv")
    except AccountsRefused as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    write_watch_list(watch_list, home)
    verdict = validate(contract("accounts"), watch_list.accounts)
    frame = watch_list.accounts
    announce(f"accounts: {frame.height} on the watch list")
    return dg.MaterializeResult(
        metadata={
            "accounts": frame.height,
            "refused_rows": len(watch_list.refused),
            "with_org_number": frame["org_number"].drop_nulls().len(),
            "with_domain": frame.filter(frame["domains"].list.len() > 0).height,
            "warnings": dg.MetadataValue.md(
                "\n".join(f"- {w}" for w in watch_list.warnings) or "none"
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
                check_name="refused_rows",
                passed=not watch_list.refused,
                severity=dg.AssetCheckSeverity.WARN,
                description="; ".join(
                    f"line {r.line}: {r.reason}" for r in watch_list.refused[:20]
                )
                or "every row could be used",
            ),
        ],
    )
