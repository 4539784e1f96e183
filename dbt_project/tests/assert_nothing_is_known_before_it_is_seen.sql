{{ config(meta={'dagster': {'ref': {'name': 'hist_people_events'}}}) }}
-- A claim is known at the earliest when the later of its two captures was made.
with events as (
    select
        event_id,
        effective_hi,
        known_at,
        superseded_at
    from {{ ref('hist_people_events') }}
    union all
    select
        event_id,
        effective_hi,
        known_at,
        superseded_at
    from {{ ref('hist_job_ad_events') }}
    union all
    select
        event_id,
        effective_hi,
        known_at,
        superseded_at
    from {{ ref('hist_registry_roles') }}
),

final_cte as (
    select * from events
    where known_at < effective_hi or superseded_at <= known_at
)

select * from final_cte
