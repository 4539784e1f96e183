-- New positions, each once: the same job on several boards, or advertised again within 120
-- days, is one. What was open when observation began opened at an unknown time.
with ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

jobs as (
    select * from {{ ref('hist_jobs') }}
    where is_first
),

opened as (
    select
        ad_events.*,
        lag(ad_events.known_at) over (
            partition by ad_events.account_id, ad_events.job_key
            order by ad_events.known_at, ad_events.is_left_censored desc, ad_events.source, ad_events.event_id
        ) as previous_known_at
    from ad_events
    inner join jobs on ad_events.event_id = jobs.event_id
),

final_cte as (
    select * exclude (previous_known_at)
    from opened
    where
        not is_left_censored
        and before_visit_id is not null
        and coalesce(known_at - previous_known_at > interval 120 day, true)
)

select * from final_cte
