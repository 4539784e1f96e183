"""What a materialisation shows of the way from a score back to a WARC record.

Each asset names what the next one is asked for: a score its signals, a signal its
visits, a visit its record, a source its files (docs/operations.md, "From a score back
to the archive"). Ids and places only: no names, no quotes, no addresses, which an
erasure would have to find in Dagster's event log again.
"""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl

from orchestration import warehouse
from scrapers.landing import landed_days, read_visits, source_folder
from scrapers.store import archive_sizes

_SHOWN = 10
_RECORD = """
        visits.visit_id,
        visits.source,
        cast(cast(visits.fetched_at as date) as varchar) as day,
        visits.warc_file,
        visits.warc_offset
"""
_OF_SCORES = f"""
    with latest as (
        select account_id, offer, as_of, probability, attention_rank
        from account_scores
        where state = 'scored'
        order by attention_rank nulls last, probability desc, account_id
        limit {_SHOWN}
    ),

    reasons as (
        select
            latest.*,
            score_reasons.contribution,
            unnest(score_reasons.signal_ids) as signal_id
        from latest
        inner join score_reasons using (account_id, offer, as_of)
        where score_reasons.contribution > 0
    ),

    strongest as (
        select * from reasons
        qualify row_number() over (
            partition by account_id, offer order by contribution desc, signal_id
        ) = 1
    )

    select
        strongest.account_id,
        round(strongest.probability, 4) as probability,
        signals.signal_type,
        round(strongest.contribution, 3) as adds_to_logit,
        strongest.signal_id, {_RECORD}
    from strongest
    inner join signals using (signal_id)
    left join hist_visits as visits on signals.after_ref = visits.visit_id
    order by strongest.attention_rank nulls last, strongest.probability desc
"""
_OF_SIGNALS = f"""
    select
        signals.signal_id,
        signals.account_id,
        signals.signal_type,
        cast(cast(signals.known_at as date) as varchar) as known_on,
        signals.before_ref, {_RECORD}
    from signals
    left join hist_visits as visits on signals.after_ref = visits.visit_id
    where signals.superseded_at is null
    order by signals.known_at desc, signals.signal_id
    limit {_SHOWN}
"""


def of_scores(home: Path) -> dict[str, dg.MetadataValue]:
    """The first accounts of the day, each by its strongest signal to its record."""
    return {"back_to_the_record": _asked(home, _OF_SCORES)}


def of_signals(home: Path) -> dict[str, dg.MetadataValue]:
    """The newest signals, each with the visit after it and its record."""
    return {"back_to_the_record": _asked(home, _OF_SIGNALS)}


def of_visits(home: Path, sources: Sequence[str]) -> dict[str, dg.MetadataValue]:
    """Where the newest visits of each source are."""
    rows = []
    for source in sources:
        days = landed_days(home, source)
        if days:
            folder = source_folder(home, source)
            rows.append(
                {
                    "source": source,
                    "days": len(days),
                    "newest_day": days[-1].isoformat(),
                    "folder": str(folder.relative_to(home)),
                }
            )
    return {"where_they_are": table(rows)}


def of_source(home: Path, source: str) -> dict[str, dg.MetadataValue]:
    """The WARC files that the newest day rests on, and one record to begin with.

    Also of earlier days: a visit that found nothing new refers to a record there.
    """
    folder = source_folder(home, source)
    days = landed_days(home, source)
    told: dict[str, dg.MetadataValue] = {"folder": dg.MetadataValue.path(str(folder))}
    if not days:
        return told
    records = (
        read_visits(home, source, days[-1:])
        .filter(pl.col("warc_file").is_not_null())
        .group_by("warc_file")
        .agg(
            pl.len().alias("records"),
            pl.col("warc_offset").min().alias("first_offset"),
            pl.col("visit_id").sort_by("warc_offset").first().alias("first_visit_id"),
        )
        .sort("warc_file")
    )
    parts = [f.split("/") for f in records["warc_file"]]
    sizes = {day: archive_sizes(folder / day) for day in {day for day, _ in parts}}
    of_file = [sizes[day].get(name) for day, name in parts]
    records = records.with_columns(pl.Series("bytes", of_file, pl.Int64))
    return told | {"newest_files": table(records.to_dicts())}


def table(rows: Sequence[dict[str, object]]) -> dg.MetadataValue:
    """Rows as a table of the UI; a sentence when there are none."""
    if not rows:
        return dg.MetadataValue.text("nothing yet")
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord({k: "" if v is None else str(v) for k, v in row.items()})
            for row in rows
        ]
    )


def _asked(home: Path, query: str) -> dg.MetadataValue:
    with warehouse.connect(home) as connection:
        try:
            return table(connection.execute(query).pl().to_dicts())
        except duckdb.CatalogException:
            # One table materialised alone in a warehouse that lacks the next.
            return dg.MetadataValue.text("a table on the way has not been built yet")
