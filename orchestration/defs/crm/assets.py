"""`crm/outbox` and one asset for each destination."""

import dagster as dg
import polars as pl

from orchestration import settings
from orchestration.contracts.expectations import validate
from orchestration.contracts.frames import empty_frame, shaped
from orchestration.contracts.gate import write_atomically
from orchestration.contracts.odcs import contract
from orchestration.crm.field_map import CrmError
from orchestration.crm.sync import DESTINATIONS, plan, sync
from orchestration.defs.contract_checks import check_metadata
from orchestration.progress import announce

OUTBOX = dg.AssetKey(["crm", "outbox"])


@dg.asset(
    key=OUTBOX,
    group_name="crm",
    kinds={"parquet"},
    deps=[dg.AssetKey(["bi", "published"])],
    description=(
        "What would change in each CRM, per account and field, compared with what it "
        "accepted last. Writes `crm/outbox.parquet`; sends nothing."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="contract",
            asset=OUTBOX,
            blocking=True,
            description="Every row keeps data_contracts/crm/outbox.odcs.yml.",
        )
    ],
)
def outbox() -> dg.MaterializeResult:
    """Plan every destination."""
    home = settings.home()
    promise = contract("crm/outbox")
    plans = [plan(name, home) for name in sorted(DESTINATIONS)]
    rows = shaped(
        promise, pl.concat([empty_frame(promise), *(p.outbox.rows for p in plans)])
    ).sort("destination", "account_id", "field")
    write_atomically(rows, home / "crm" / "outbox.parquet")
    verdict = validate(promise, rows)
    return dg.MaterializeResult(
        metadata={
            "rows": rows.height,
            "accounts": rows["account_id"].n_unique(),
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
            )
        ],
    )


def destination_asset(name: str) -> dg.AssetsDefinition:
    """`crm/<destination>`: send the outbox, remember what was accepted."""

    @dg.asset(
        key=["crm", name],
        group_name="crm",
        deps=[OUTBOX],
        description=(
            f"Sends what changed to {name}; a run without a change writes nothing. "
            "Only what the destination accepted is remembered as sent."
        ),
    )
    def _destination() -> dg.MaterializeResult:
        try:
            done = sync(name, settings.home())
        except CrmError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        counts = done.counts()
        announce(f"crm/{name}: " + ", ".join(f"{n} {k}" for k, n in counts.items()))
        return dg.MaterializeResult(metadata=dict(counts))

    return _destination


def assets() -> list[dg.AssetsDefinition]:
    """The assets of this step."""
    return [outbox, *(destination_asset(name) for name in sorted(DESTINATIONS))]
