"""`accounts`: the landed accounts file, validated, with its places and opt-outs."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from orchestration import settings
from orchestration.accounts.landed import read_landed, write_landed
from orchestration.accounts.watch_list import AccountsRefused
from orchestration.contracts.expectations import validate
from orchestration.contracts.gate import prepare_home
from orchestration.contracts.odcs import contract
from orchestration.defs.contract_checks import check_metadata
from orchestration.defs.pools import RECORDS
from orchestration.progress import announce
from scrapers import store

_BESIDE = {
    "places": "landing/_accounts/places.csv: the rows that are in use.",
    "opt_outs": "landing/_accounts/opt_out.csv: whom no source ever asks.",
    "sources": "What each source needs of an account, from its source.yml.",
}


@dg.multi_asset(
    name="accounts",
    can_subset=True,
    pool=RECORDS,
    specs=[
        dg.AssetSpec(
            "accounts",
            group_name="accounts",
            kinds={"csv", "polars"},
            description=(
                "The watch list. Reads `landing/_accounts/accounts.csv` in the home "
                "folder, and `places.csv` and `opt_out.csv` beside it; rows that "
                "cannot be used go to quarantine with the reason."
            ),
        ),
        *(
            dg.AssetSpec(
                ["accounts", name],
                group_name="accounts",
                kinds={"polars"},
                description=f"{contract(name).purpose} {origin}",
            )
            for name, origin in _BESIDE.items()
        ),
    ],
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
            description="No row of the accounts or places file had to be set aside.",
        ),
    ],
)
def accounts(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Validate the landed accounts file and write the watch list.

    Its tables are one reading of the landed files, so that they are written together.
    """
    selected = {"/".join(key.path) for key in context.selected_asset_keys}
    home = settings.home()
    store.pull(home, ["landing/_accounts"])
    prepare_home(home)
    try:
        landed = read_landed(home)
    except AccountsRefused as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    write_landed(landed, home)
    # Who crawls a shard elsewhere reads it there.
    store.push(home, ["landing/_accounts", "accounts", "suppression"])
    watch_list, places, opt_outs = landed.watch_list, landed.places, landed.opt_outs
    verdict = validate(contract("accounts"), watch_list.accounts)
    frame = watch_list.accounts
    refused = (*watch_list.refused, *places.refused)
    announce(f"accounts: {frame.height} on the watch list")
    for name in _BESIDE:
        if f"accounts/{name}" not in selected:
            continue
        table = pl.read_parquet(home / "accounts" / f"{name}.parquet")
        yield dg.MaterializeResult(
            asset_key=["accounts", name], metadata={"dagster/row_count": table.height}
        )
    if "accounts" not in selected:
        return
    yield dg.MaterializeResult(
        asset_key="accounts",
        metadata={
            "dagster/row_count": frame.height,
            "refused_rows": len(refused),
            "places": len(places.in_use()),
            "opted_out": len(opt_outs.accounts) + len(opt_outs.domains),
            "with_org_number": frame["org_number"].drop_nulls().len(),
            "with_domain": frame.filter(frame["domains"].list.len() > 0).height,
            "warnings": dg.MetadataValue.md(
                "\n".join(f"- {w}" for w in watch_list.warnings) or "none"
            ),
        },
    )
    checked = {key.name for key in context.selected_asset_check_keys}
    if "contract" in checked:
        yield dg.AssetCheckResult(
            check_name="contract",
            asset_key="accounts",
            passed=verdict.is_kept,
            description=verdict.sentence(),
            metadata=check_metadata(verdict),
        )
    if "refused_rows" in checked:
        yield dg.AssetCheckResult(
            check_name="refused_rows",
            asset_key="accounts",
            passed=not refused,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(f"line {r.line}: {r.reason}" for r in refused[:20])
            or "every row could be used",
        )


@dg.definitions
def defs() -> dg.Definitions:
    """What this step adds to the graph."""
    return dg.Definitions(assets=[accounts])
