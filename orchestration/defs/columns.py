"""Columns of tables that no SQL model makes: what they are, and what they come from.

Column lineage here is declared, because Python makes these tables; a test holds it
against the contracts and against the edges of the graph. As in dbt's models it says
what a value is made of, not what chose the row.
"""

from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from orchestration.contracts.odcs import Contract

# Column: the `table.column` it is made of.
Made = Mapping[str, Sequence[str]]

_OF_FEATURE = ("account_features.x",)
_NUMBER = ("account_features.x", "offers.base_rate", "outcomes.occurred_at")
_STATE = ("hist_coverage_daily.state", "hist_coverage_daily.observed_since")
_PLAY = ("signals.signal_type", "signals.known_at")
_WINDOW = (*_PLAY, "signals.effective_lo", "signals.effective_hi")
_WORDS = (*_WINDOW, "signals.label_nb", "signals.label_en", "signals.subject")
_HOLDERS = ("hist_role_slots.name", "hist_people_events.name")
_KEY: Made = {
    "account_id": ("account_features.account_id", "hist_coverage_daily.account_id"),
    "offer": ("account_features.offer", "offers.offer"),
    "as_of": ("account_features.as_of", "hist_coverage_daily.as_of"),
}
SCORE_DAYS: Made = {
    **_KEY,
    "horizon_days": ("offers.horizon_days",),
    **dict.fromkeys(
        (
            "probability",
            "probability_lo",
            "probability_hi",
            "probability_30d",
            "probability_182d",
            "lift",
        ),
        _NUMBER,
    ),
    "base_rate": ("offers.base_rate", "outcomes.occurred_at"),
    **dict.fromkeys(("need", "priority", "readiness"), _OF_FEATURE),
    "stale_sources": ("hist_coverage_daily.state", "hist_coverage_daily.source"),
    "state": _STATE,
    **dict.fromkeys(("abstain_reason", "abstain_reason_nb"), _STATE),
    **dict.fromkeys(("window_state", "window_from", "act_before"), _WINDOW),
    "play": _PLAY,
    "talk_to_role": ("signals.function", "signals.seniority"),
    "talk_to_name": _HOLDERS,
    "attention_rank": _NUMBER,
    **dict.fromkeys(
        (
            "why_now_nb",
            "why_now_en",
            "opening_question_nb",
            "opening_question_en",
            "do_not_say_nb",
            "do_not_say_en",
        ),
        _WORDS,
    ),
    "play_signal_ids": ("signals.signal_id",),
    "model_version": (),
}
_OF_DAY = {column: (f"score_days.{column}",) for column in SCORE_DAYS}
_LISTED = {name: (f"talk_to_now.{name}",) for name in ("is_listed", "seller")}
ACCOUNT_SCORES: Made = {
    **_OF_DAY,
    "account_name": ("accounts.name",),
    "org_number": ("accounts.org_number",),
    "segment": ("accounts.segment",),
    **_LISTED,
    "not_listed_nb": ("talk_to_now.left_out_nb", "score_days.window_state"),
    "not_listed_en": ("talk_to_now.left_out_en", "score_days.window_state"),
    **{
        f"reason_{place}{ending}": (f"score_reasons.{of}",)
        for place in (1, 2, 3)
        for ending, of in (
            ("", "signal_type"),
            ("_nb", "sentence_nb"),
            ("_en", "sentence_en"),
        )
    },
}
SCORE_REASONS: Made = {
    "account_id": ("account_features.account_id",),
    "offer": ("account_features.offer",),
    "as_of": ("account_features.as_of",),
    "signal_type": ("account_features.signal_type",),
    "contribution": _OF_FEATURE,
    "value": _OF_FEATURE,
    "coefficient": (),
    "sentence_nb": ("signals.label_nb", "signals.effective_hi"),
    "sentence_en": ("signals.label_en", "signals.effective_hi"),
    "signal_ids": ("account_features.signal_ids", "signals.signal_id"),
}
MADE: Mapping[str, Made] = {
    "account_scores": ACCOUNT_SCORES,
    "score_days": SCORE_DAYS,
    "score_reasons": SCORE_REASONS,
}
# What a payload is known by; all else of a record is read from its bytes.
_OF_VISIT = ("source", "url", "payload_digest", "account_id", "scope")


def told(lineage: dg.TableColumnLineage) -> dg.MetadataValue:
    """Where the columns of a table come from, as a page of an asset can show it.

    Dagster keeps column lineage for its API; its open-source UI (1.13) shows none.
    """
    lines = [
        f"| {column} | {', '.join(_from(dep) for dep in deps) or 'made here'} |"
        for column, deps in lineage.deps_by_column.items()
    ]
    return dg.MetadataValue.md("\n".join(["| column | from |", "|---|---|", *lines]))


def _from(dep: dg.TableColumnDep) -> str:
    return f"{'/'.join(dep.asset_key.path)}.{dep.column_name}"


def made_of(made: Made) -> dg.TableColumnLineage:
    """Lineage of a table whose columns are declared here."""
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(dg.AssetKey([table]), name)
                for table, name in (told.split(".") for told in of)
            ]
            for column, of in made.items()
        }
    )


def same_as(
    columns: Iterable[str], keys: Sequence[dg.AssetKey]
) -> dg.TableColumnLineage:
    """Lineage of a table that holds the same columns as some others together."""
    return dg.TableColumnLineage(
        {column: [dg.TableColumnDep(key, column) for key in keys] for column in columns}
    )


def read_from(columns: Iterable[str], raw: dg.AssetKey) -> dg.TableColumnLineage:
    """Lineage of records: what a visit says of them, else the bytes of its payload."""
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(
                    raw, column if column in _OF_VISIT else "payload_digest"
                )
            ]
            for column in columns
        }
    )


def schema_of(promise: Contract) -> dg.TableSchema:
    """The columns of a contract, as the UI shows them."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                c.name,
                type=c.physical_type,
                description=c.description,
                tags={"personal": ""} if c.is_personal else None,
            )
            for c in promise.in_warehouse.columns
        ]
    )
