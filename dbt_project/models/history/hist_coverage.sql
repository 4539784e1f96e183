-- What could be seen as of the latest landmark: a row for each account and each source
-- there is, and for each job system without a feed that its pages lead to.
with coverage as (
    select * from {{ ref('hist_coverage_daily') }}
),

account_sources as (
    select * from {{ ref('hist_account_sources') }}
),

job_systems as (
    select * from {{ ref('hist_job_systems') }}
),

latest_landmark as (
    select max(as_of) as as_of from {{ ref('landmarks') }}
),

watched as (
    select
        *,
        cast(null as varchar) as reached_through
    from coverage
    qualify row_number() over (partition by account_id, source order by as_of desc) = 1
),

never_asked as (
    select
        account_sources.account_id,
        account_sources.source,
        latest_landmark.as_of,
        case
            when account_sources.is_opted_out then 'opted_out'
            when account_sources.lacks is not null then 'unsupported'
            else 'unknown'
        end as state,
        case
            when account_sources.is_opted_out then 'asked not to be observed'
            else coalesce(account_sources.lacks, 'not asked yet')
        end as note
    from account_sources
    cross join latest_landmark
    left join watched
        on
            account_sources.account_id = watched.account_id
            and account_sources.source = watched.source
    where watched.source is null and latest_landmark.as_of is not null
),

without_feed as (
    select
        job_systems.account_id,
        replace(lower(job_systems.job_system), ' ', '_') as source,
        latest_landmark.as_of,
        'unsupported' as state,
        job_systems.job_system || ' has no documented feed; '
        || job_systems.url || ' leads there' as note,
        'nav_jobs, company_pages' as reached_through
    from job_systems
    cross join latest_landmark
),

final_cte as (
    select
        account_id,
        source,
        as_of,
        state,
        evidence_visits,
        visits,
        observed_since,
        last_evidence_at,
        last_outcome,
        note,
        reached_through
    from watched
    union all
    select
        account_id,
        source,
        as_of,
        state,
        cast(0 as bigint) as evidence_visits,
        cast(0 as bigint) as visits,
        cast(null as timestamp) as observed_since,
        cast(null as timestamp) as last_evidence_at,
        cast(null as varchar) as last_outcome,
        note,
        cast(null as varchar) as reached_through
    from never_asked
    union all
    select
        account_id,
        source,
        as_of,
        state,
        cast(0 as bigint) as evidence_visits,
        cast(0 as bigint) as visits,
        cast(null as timestamp) as observed_since,
        cast(null as timestamp) as last_evidence_at,
        cast(null as varchar) as last_outcome,
        note,
        reached_through
    from without_feed
)

select * from final_cte
