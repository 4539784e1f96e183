{{ config(meta={'dagster': {'ref': {'name': 'hist_visits'}}}) }}
-- An event that is not left-censored names a capture before and one after, both visits
-- that brought something; a left-censored one names the capture after.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok
),

events as (
    select
        event_id,
        before_visit_id,
        after_visit_id,
        is_left_censored
    from {{ ref('hist_people_events') }}
    union all
    select
        event_id,
        before_visit_id,
        after_visit_id,
        is_left_censored
    from {{ ref('hist_job_ad_events') }}
    union all
    select
        event_id,
        before_visit_id,
        after_visit_id,
        is_left_censored
    from {{ ref('hist_registry_roles') }}
),

final_cte as (
    select events.*
    from events
    left join visits as before on events.before_visit_id = before.visit_id
    left join visits as after on events.after_visit_id = after.visit_id
    where after.visit_id is null or (before.visit_id is null and not events.is_left_censored)
)

select * from final_cte
