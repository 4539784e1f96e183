{{ config(materialized='days', meta={'entity': ['account_id', 'source'], 'marked': true}) }}
{%- set after = last_standing_day() %}
{#- Medians of the gaps so far: those that are carried on, and the new ones. -#}
{%- set all_gaps = "list_concat(coalesce(first_value(gaps) over past, []), list(gap_days) over past)" %}
-- What could be seen of every account in every source, as of every landmark day.
--
-- After new visits alone, what was seen of an account in a source up to the last day that
-- stands is carried on as one row. A source that was never visited before is told of for all
-- landmarks.
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

{% if after -%}
market_wide_before as (
    select
        source,
        bool_and(account_id is null) as is_market_wide
    from relevant
    where scope not in ('feed_entry', 'notice') and day <= date '{{ after }}'
    group by source
),

carried as (
    select
        watches.account_id,
        watches.source,
        watches.lacks,
        watches.is_opted_out,
        date '{{ after }}' as as_of,
        max(built.last_visit_on) as day,
        arg_max(built.visits, built.as_of) as n_visits,
        arg_max(built.evidence_visits, built.as_of) as n_evidence,
        max(built.last_evidence_at) as evidence_at,
        min(built.observed_since) as first_evidence_at,
        arg_max(built.last_outcome, built.as_of) as outcome,
        arg_max(built.last_evidence, built.as_of) as evidence_of_day,
        list(built.gap_days) filter (where built.gap_days is not null) as gaps
    from watches
    inner join market_wide_before
        on
            watches.source = market_wide_before.source
            and watches.is_market_wide = market_wide_before.is_market_wide
    inner join {{ this }} as built
        on
            watches.account_id = built.account_id
            and watches.source = built.source
    group by watches.account_id, watches.source, watches.lacks, watches.is_opted_out
),

uncarried as ( -- noqa: ST03
    select
        watches.account_id,
        watches.source
    from watches
    anti join carried using (account_id, source)
),

{% endif -%}
asked as (
    select * from relevant
    {% if after -%}
    where day > date '{{ after }}' or source in (select uncarried.source from uncarried)
    {%- endif %}
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
    from asked
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
        account_days.outcome,
        account_days.n_evidence as evidence_of_day
    from watches
    cross join landmarks
    left join account_days
        on
            watches.source = account_days.source
            and landmarks.as_of = account_days.day
            and case when watches.is_market_wide then '' else watches.account_id end
            = coalesce(account_days.account_id, '')
    {% if after -%}
    left join uncarried
        on
            watches.account_id = uncarried.account_id
            and watches.source = uncarried.source
    where landmarks.as_of > date '{{ after }}' or uncarried.source is not null
    union all by name
    select * from carried
    {%- endif %}
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
        last_value(evidence_of_day ignore nulls) over past as last_evidence,
        max(day) over past as last_visit_on,
        gap_days,
        {{ "list_median(" ~ all_gaps ~ ")" if after else "median(gap_days) over past" }} as median_gap_days
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
        last_outcome,
        last_evidence,
        last_visit_on,
        gap_days
    from so_far
    {% if after -%}
    anti join carried using (account_id, source, as_of)
    {%- endif %}
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
        last_evidence,
        last_visit_on,
        gap_days,
        case
            when is_opted_out then 'asked not to be observed'
            when state = 'opted_out' then 'its site reserves its content'
            when state = 'unsupported' then coalesce(lacks, 'its pages cannot be read')
            when state = 'unknown' and visits = 0 then 'not asked yet'
            when state in ('unknown', 'blocked') then 'the latest visit ended in ' || last_outcome
        end as note
    from states
)

{% if after -%}
{{ marked_anew('final_cte', 'uncarried', 'account_id, source') }}
{%- else -%}
select * from final_cte
{%- endif %}
