-- New positions, each once: the same position on two boards, or advertised again within
-- 120 days, is one. What was open when observation began opened at an unknown time.
with ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

opened as (
    select
        *,
        lag(known_at) over (
            partition by account_id, job_key
            order by known_at, is_left_censored desc, source, event_id
        ) as previous_known_at
    from ad_events
    where event = 'opened'
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
