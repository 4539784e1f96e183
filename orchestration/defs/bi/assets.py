"""`bi/published`: an immutable version of the tables, swapped in atomically."""

import functools
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

import dagster as dg
import polars as pl

from orchestration import settings, warehouse
from orchestration.contracts.judged import read_all
from orchestration.defs.bi import destinations
from orchestration.defs.pools import WAREHOUSE
from orchestration.progress import announce
from orchestration.publish.dimensions import dimensions
from orchestration.publish.grounds import with_grounds
from orchestration.publish.opted_out import without_opted_out
from orchestration.publish.people import NOBODY, Unnamed, unnamed
from orchestration.publish.published import (
    FROM_WAREHOUSE,
    MANIFEST,
    PublishRefused,
    faults,
    publish,
)
from orchestration.publish.report import report_digest, write_report
from orchestration.rights.policy import policy_file, read_policy
from scrapers.suppression import signature


@dg.asset(
    key=["bi", "published"],
    group_name="bi",
    kinds={"duckdb", "parquet", "html"},
    pool=WAREHOUSE,
    deps=[*FROM_WAREHOUSE, "signal_types", "accounts", ["accounts", "sources"]],
    description=(
        "`published/current`: a read-only DuckDB file, Parquet and the report of "
        "accounts to talk to. A new version is swapped in atomically; readers of the "
        "former one are not disturbed. Unchanged tables give no new version."
    ),
    check_specs=[
        dg.AssetCheckSpec(
            name="holds_the_version",
            asset=["bi", "published"],
            description="Files and rows are what the manifest of the version says.",
        )
    ],
)
def published() -> dg.MaterializeResult:
    """Publish the tables that others read, and the report."""
    home = settings.home()
    accounts = pl.read_parquet(home / "accounts" / "accounts.parquet")
    tables = without_opted_out(
        warehouse.read_tables(home, FROM_WAREHOUSE),
        pl.read_parquet(home / "accounts" / "opt_outs.parquet"),
    )
    catalogue = warehouse.read_tables(home, ["signal_types"])["signal_types"]
    described = dimensions(
        tables,
        signal_types=catalogue,
        accounts=accounts,
        sources=pl.read_parquet(home / "accounts" / "sources.parquet"),
    )
    tables = _with_grounds(home, tables)
    by_role = _by_role(home, tables)
    checks = read_all(home)
    report = functools.partial(
        write_report,
        accounts=accounts,
        home=home,
        signal_types=catalogue,
        quotes_only=bool(by_role),
        checks=checks,
    )

    def report_by_role(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
        report(folder, tables)
        by_role.report(folder)

    digest = report_digest(accounts, checks=checks)
    try:
        if by_role:
            version = publish(
                by_role.tables(tables) | described,
                home,
                report_by_role,
                report_digest=f"{digest} by role",
                keep=destinations.keep(),
            )
        else:
            version = publish(
                tables | described,
                home,
                report,
                report_digest=digest,
                keep=destinations.keep(),
            )
    except PublishRefused as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    manifest = json.loads((version / MANIFEST).read_text())
    wrong = faults(version)
    announce(f"published: {version.name}")
    rows = "\n".join(f"| {n} | {t['rows']} |" for n, t in manifest["tables"].items())
    return dg.MaterializeResult(
        metadata={
            "version": version.name,
            "path": dg.MetadataValue.path(str(version)),
            "report": dg.MetadataValue.path(str(version / "report" / "index.html")),
            "rows": dg.MetadataValue.md(f"| table | rows |\n|---|---|\n{rows}"),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="holds_the_version",
                passed=not wrong,
                description="; ".join(wrong) or f"{version.name}, with all its rows",
            )
        ],
    )


def _with_grounds(
    home: Path, tables: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """The tables, each row about a person with source, date, ground and notice."""
    with warehouse.connect(home) as connection:
        held = connection.execute(_HELD).pl()
        announced = connection.execute(_ANNOUNCED).pl()
    return with_grounds(tables, held, announced)


def _by_role(home: Path, tables: Mapping[str, pl.DataFrame]) -> Unnamed:
    """Who must be shown by their role: everybody, unless a ground is recorded."""
    policy = read_policy(policy_file(home))
    as_of = tables["coverage"]["as_of"].max()
    is_assessed = policy.legitimate_interest_assessment is not None
    is_notified = policy.notice_record is not None
    if as_of is None or (is_assessed and is_notified):
        return NOBODY
    with warehouse.connect(home) as connection:
        people = connection.execute(_PEOPLE).pl()
    found = unnamed(
        people,
        cast(date, as_of),
        signature(home, "people shown by role").encode(),
        is_assessed=is_assessed,
        is_notified=is_notified,
    )
    if found:
        announce(
            f"published: {len(found.people)} people are shown by their role; "
            "docs/privacy.md says what must be recorded to name them"
        )
    return found


_SIGHTINGS = """
    with held as (
        select account_id, source, name, person_key, title, day as seen_on
        from hist_people_sightings
        union all
        select account_id, source, name, person_key, title, cast(from_hi as date)
        from hist_role_slots
        union all
        select
            account_id,
            source,
            holder_name,
            lower(holder_name),
            replace(role_class, '_', ' '),
            cast(known_at as date)
        from hist_registry_roles
        where holder_type = 'person'
        union all
        select
            account_id,
            source,
            person_name,
            lower(person_name),
            person_title,
            cast(known_at as date)
        from hist_announcement_events
        where person_name is not null
        union all
        select
            account_id,
            source,
            person_name,
            lower(person_name),
            person_title,
            cast(known_at as date)
        from signals
        where person_name is not null
    )
"""
_HELD = f"""
    {_SIGHTINGS}

    select account_id, name, source, min(seen_on) as seen_on
    from held
    where name is not null and seen_on is not null
    group by account_id, name, source
"""
_ANNOUNCED = """
    select distinct account_id, source, announcement_id, person_name as name
    from hist_announcement_events
    where person_name is not null
"""
_PEOPLE = f"""
    {_SIGHTINGS}

    select
        name,
        person_key,
        arg_max(title, seen_on) as title,
        cast(min(seen_on) + interval 1 month as date) as notice_due_on
    from held
    group by name, person_key
"""


@dg.definitions
def defs() -> dg.Definitions:
    """What this step adds to the graph; destinations are in the file beside."""
    return dg.Definitions(assets=[published])
