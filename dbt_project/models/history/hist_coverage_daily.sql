-- What could be seen of every account in every source, as of every landmark day.
with visits as (
    select * from {{ ref('hist_visits') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
),

account_sources as (
    select * from {{ ref('hist_account_sources') }}
),

relevant as (
    -- Rules, site maps and tokens are the way to a source, not the source.
    select
        source,
        account_id,
        scope,
        day,
        fetched_at,
        outcome,
        is_ok
    from visits
    where scope not in ('robots', 'reservation', 'sitemap', 'token')
),

watches as (
    -- Market-wide sources are watched for every account, those that need a place for
    -- accounts that have one; of the others nothing is said day by day.
    select
        accounts.account_id,
        account_sources.lacks,
        coalesce(account_sources.is_opted_out, false) as is_opted_out,
        sources.source,
        sources.is_market_wide
    from accounts
    cross join (
        select
            source,
            bool_and(account_id is null) as is_market_wide
        from relevant
        where scope not in ('feed_entry', 'notice')
        group by source
    ) as sources
    left join account_sources
        on
            accounts.account_id = account_sources.account_id
            and sources.source = account_sources.source
    where
        coalesce(account_sources.needs, '') <> 'place'
        or account_sources.lacks is null
        or exists (
            select 1
            from relevant
            where
                relevant.account_id = accounts.account_id
                and relevant.source = sources.source
        )
),

account_days as (
    select
        account_id,
        source,
        day,
        count(*) as n_visits,
        count(*) filter (where is_ok) as n_evidence,
        max(fetched_at) filter (where is_ok) as evidence_at,
        min(fetched_at) filter (where is_ok) as first_evidence_at,
        arg_min(outcome, (not is_ok, scope not in ('home', 'entity'), scope, outcome))
            as outcome
    from relevant
    where account_id is not null or scope not in ('feed_entry', 'notice')
    group by account_id, source, day
),

watched_days as (
    select
        watches.account_id,
        watches.source,
        watches.lacks,
        watches.is_opted_out,
        landmarks.as_of,
        account_days.day,
        coalesce(account_days.n_visits, 0) as n_visits,
        coalesce(account_days.n_evidence, 0) as n_evidence,
        account_days.evidence_at,
        account_days.first_evidence_at,
        account_days.outcome
    from watches
    cross join landmarks
    left join account_days
        on
            watches.source = account_days.source
            and landmarks.as_of = account_days.day
            and case when watches.is_market_wide then '' else watches.account_id end
            = coalesce(account_days.account_id, '')
),

visit_gaps as (
    select
        *,
        case
            when day is not null
                then day - max(day) over (
                    partition by account_id, source
                    order by as_of
                    rows between unbounded preceding and 1 preceding
                )
        end as gap_days
    from watched_days
),

so_far as (
    select
        account_id,
        source,
        lacks,
        is_opted_out,
        as_of,
        sum(n_visits) over past as visits,
        sum(n_evidence) over past as evidence_visits,
        max(evidence_at) over past as last_evidence_at,
        min(first_evidence_at) over past as observed_since,
        last_value(outcome ignore nulls) over past as last_outcome,
        last_value(case when day is not null then n_evidence end ignore nulls) over past
            as last_evidence,
        median(gap_days) over past as median_gap_days
    from visit_gaps
    window
        past as (
            partition by account_id, source order by as_of rows unbounded preceding
        )
),

states as (
    select
        account_id,
        source,
        as_of,
        lacks,
        is_opted_out,
        case
            when is_opted_out then 'opted_out'
            when lacks is not null then 'unsupported'
            when visits = 0 then 'unknown'
            when last_evidence = 0 and last_outcome = 'opted_out' then 'opted_out'
            when
                last_evidence = 0
                and last_outcome in (
                    'robots_denied', 'blocked', 'challenge', 'consent_wall', 'refused_address'
                )
                then 'blocked'
            when evidence_visits = 0 and last_outcome = 'parse_empty' then 'unsupported'
            when evidence_visits = 0 then 'unknown'
            when
                as_of - cast(last_evidence_at as date)
                <= greatest(8, 2 * coalesce(median_gap_days, 0))
                then 'fresh'
            else 'stale'
        end as state,
        cast(evidence_visits as bigint) as evidence_visits,
        cast(visits as bigint) as visits,
        observed_since,
        last_evidence_at,
        last_outcome
    from so_far
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
        case
            when is_opted_out then 'asked not to be observed'
            when state = 'opted_out' then 'its site reserves its content'
            when state = 'unsupported' then coalesce(lacks, 'its pages cannot be read')
            when state = 'unknown' and visits = 0 then 'not asked yet'
            when state in ('unknown', 'blocked') then 'the latest visit ended in ' || last_outcome
        end as note
    from states
)

select * from final_cte
