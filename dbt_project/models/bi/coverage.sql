-- Published: what is watched per account and source, as of the latest day.
with coverage as (
    select * from {{ ref('hist_coverage') }}
),

final_cte as (
    select
        account_id,
        source,
        as_of,
        state,
        last_evidence_at,
        visits,
        evidence_visits,
        observed_since,
        last_outcome,
        note,
        reached_through
    from coverage
)

select * from final_cte
