-- Accounts whose pages began to lead to a job system that nobody can read here, after they
-- were watched for four weeks without: from then on fewer ads are seen, whatever is done.
with systems as (
    select * from {{ ref('hist_job_systems') }}
),

page_visits as (
    select * from {{ ref('hist_page_visits') }}
),

first_pages as (
    select
        account_id,
        min(fetched_at) as first_page_at
    from page_visits
    group by account_id
),

final_cte as (
    select
        systems.account_id,
        systems.job_system,
        systems.first_seen_at as moved_at
    from systems
    inner join first_pages on systems.account_id = first_pages.account_id
    where systems.first_seen_at > first_pages.first_page_at + interval 28 day
)

select * from final_cte
