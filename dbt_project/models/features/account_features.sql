{{ config(materialized='days', meta={'parts': {'of': 'hist_coverage_daily', 'column': 'as_of', 'rows': 40000}}) }}
-- Intensities the score multiplies, per account, offer, landmark day and type, from what
-- was known by the end of the day. Null is not observed well enough, never zero.
with landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
    where {{ of_part() }}
),

offers as (
    select * from {{ ref('offers') }}
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

coverage as (
    select * from {{ ref('hist_coverage_daily') }}
    where {{ of_part() }} and {{ is_to_build('as_of') }}
),

exposure as (
    select * from {{ ref('hiring_exposure') }}
    where {{ of_part() }} and {{ is_to_build('as_of') }}
),

events as (
    select * from {{ ref('feature_events') }}
    where {{ of_part() }} and {{ is_to_build('as_of') }}
),

measures as (
    select * from {{ ref('feature_measures') }}
    where {{ of_part() }} and {{ is_to_build('as_of') }}
),

tenders as (
    select * from {{ ref('signals') }}
    where signal_type = 'tender_open'
),

registered as (
    select * from {{ ref('hist_registry') }}
    where field = 'employees' and not is_sub_unit
),

feeding_sources as (
    select
        id as signal_type,
        min_history_days,
        unnest(string_split(sources, '|')) as source
    from catalogue
),

observed as (
    select
        coverage.account_id,
        coverage.as_of,
        feeding_sources.signal_type,
        bool_or(
            coverage.state in ('fresh', 'stale', 'blocked')
            and coverage.evidence_visits > 0
            and coverage.as_of - cast(coverage.observed_since as date)
            >= feeding_sources.min_history_days
            -- A site may be read without a list of its positions.
            and (
                feeding_sources.signal_type <> 'theme_job_opened'
                or exposure.days_window + exposure.days_baseline >= feeding_sources.min_history_days
            )
        ) as is_observed
    from coverage
    inner join feeding_sources on coverage.source = feeding_sources.source
    left join exposure
        on coverage.account_id = exposure.account_id and coverage.as_of = exposure.as_of
    group by coverage.account_id, coverage.as_of, feeding_sources.signal_type
),

summed as (
    select
        account_id,
        offer,
        as_of,
        signal_type,
        case
            -- Counts grow slowly; tellings of one change of chief executive count once.
            when signal_type = 'theme_job_opened' then sqrt(least(sum(intensity order by signal_id), 6.0))
            when signal_type = 'ceo_change' then least(max(intensity), 2.0)
            else least(sum(intensity order by signal_id), 2.0)
        end as x,
        count(*) as n_signals,
        (list(signal_id order by intensity desc, signal_id))[1:10] as signal_ids,
        max(known_at) as latest_known_at
    from events
    group by account_id, offer, as_of, signal_type
),

typed as (
    select
        accounts.account_id,
        offers.offer,
        landmarks.as_of,
        catalogue.id as signal_type,
        catalogue.family,
        catalogue.weight,
        catalogue.is_measure,
        case
            when not coalesce(observed.is_observed, false) then null
            when catalogue.is_measure then measures.x
            else coalesce(summed.x, 0.0)
        end as x,
        case
            when not coalesce(observed.is_observed, false) then null
            when catalogue.is_measure then measures.x_raw
            else coalesce(summed.x, 0.0)
        end as x_raw,
        coalesce(summed.n_signals, 0) as n_signals,
        coalesce(summed.signal_ids, cast([] as varchar[])) as signal_ids,
        summed.latest_known_at
    from accounts
    cross join offers
    cross join landmarks
    cross join catalogue
    left join observed
        on
            accounts.account_id = observed.account_id
            and landmarks.as_of = observed.as_of
            and catalogue.id = observed.signal_type
    left join measures
        on
            accounts.account_id = measures.account_id
            and offers.offer = measures.offer
            and landmarks.as_of = measures.as_of
            and catalogue.id = measures.signal_type
    left join summed
        on
            accounts.account_id = summed.account_id
            and offers.offer = summed.offer
            and landmarks.as_of = summed.as_of
            and catalogue.id = summed.signal_type
),

pivoted as (
    -- A type fires at .5, a measure at 1.645 (SCIENCE 3.3). Only types that raise count, and
    -- no faint ones: a second family adds .3, twice what is believed of such a type.
    select
        account_id,
        offer,
        as_of,
        count(distinct family) filter (
            where
            weight in ('weak', 'medium', 'strong', 'explicit')
            and x >= case when is_measure then 1.645 else 0.5 end
        ) as n_families,
        bool_or(x is not null) as is_observed,
        max(x) filter (where family = 'leadership') as leader_x,
        max(x) filter (where family = 'language') as language_x,
        max(x) filter (where signal_type = 'theme_job_opened') as theme_jobs_x
    from typed
    group by account_id, offer, as_of
),

derived as (
    select
        account_id,
        offer,
        as_of,
        'breadth' as signal_type,
        case when is_observed then cast(greatest(n_families - 1, 0) as double) end as x
    from pivoted
    union all
    select
        account_id,
        offer,
        as_of,
        'leader_x_theme_jobs' as signal_type,
        case
            when leader_x is not null and theme_jobs_x is not null
                then least(leader_x, 1.0) * least(theme_jobs_x, 1.0)
        end as x
    from pivoted
    union all
    select
        account_id,
        offer,
        as_of,
        'language_x_theme_jobs' as signal_type,
        case
            when language_x is not null and theme_jobs_x is not null
                then least(language_x, 1.0) * least(theme_jobs_x, 1.0)
        end as x
    from pivoted
),

headcounts as (
    -- What the register said by the end of the day; else what the user told of the account.
    select
        accounts.account_id,
        landmarks.as_of,
        coalesce(try_cast(registered.value as bigint), accounts.employees) as employees
    from accounts
    cross join landmarks
    left join registered
        on
            accounts.account_id = registered.account_id
            and accounts.org_number = registered.org_number
            and registered.valid_from < landmarks.as_of + interval 1 day
            and (registered.valid_to is null or registered.valid_to >= landmarks.as_of + interval 1 day)
),

sized as (
    -- Five employees are 0, and one unit is four times as many. No signal: what an
    -- account is, so that its changes are not credited with what its size explains.
    select
        headcounts.account_id,
        offers.offer,
        headcounts.as_of,
        'size' as signal_type,
        case
            when headcounts.employees is not null
                then least(log2(greatest(headcounts.employees, 5) / 5.0) / 2, 5.0)
        end as x
    from headcounts
    cross join offers
),

own_tenders as (
    select
        events.account_id,
        events.offer,
        events.as_of,
        arg_max(tenders.signal_id, (tenders.effective_pt, tenders.signal_id)) as signal_id,
        max(tenders.effective_pt) as published_at,
        arg_max(tenders.known_at, (tenders.effective_pt, tenders.signal_id)) as known_at
    from events
    inner join tenders on events.signal_id = tenders.signal_id
    where events.signal_type = 'tender_open'
    group by events.account_id, events.offer, events.as_of
),

recent_tenders as (
    -- What counts is the first purchase in 365 days (SCIENCE 3.1). Of the 91 days to come,
    -- the share that lies within 365 days of the last one: 1 until it is 274 days old.
    select
        typed.account_id,
        typed.offer,
        typed.as_of,
        'own_tender_recent' as signal_type,
        case
            when typed.x is not null
                then coalesce(
                    least(
                        greatest((365 - date_diff('day', own_tenders.published_at, typed.as_of)) / 91.0, 0.0), 1.0
                    ),
                    0.0
                )
        end as x,
        own_tenders.signal_id,
        own_tenders.known_at
    from typed
    left join own_tenders
        on
            typed.account_id = own_tenders.account_id
            and typed.offer = own_tenders.offer
            and typed.as_of = own_tenders.as_of
    where typed.signal_type = 'tender_open'
),

besides as (
    select
        *,
        cast(null as varchar) as signal_id,
        cast(null as timestamp) as known_at
    from derived
    union all
    select
        *,
        cast(null as varchar) as signal_id,
        cast(null as timestamp) as known_at
    from sized
    union all
    select
        account_id,
        offer,
        as_of,
        signal_type,
        x,
        case when x > 0 then signal_id end as signal_id,
        case when x > 0 then known_at end as known_at
    from recent_tenders
),

final_cte as (
    select
        account_id,
        offer,
        as_of,
        signal_type,
        x,
        x_raw,
        n_signals,
        signal_ids,
        latest_known_at
    from typed
    union all
    select
        account_id,
        offer,
        as_of,
        signal_type,
        x,
        x as x_raw,
        case when signal_id is null then 0 else 1 end as n_signals,
        case when signal_id is null then cast([] as varchar[]) else [signal_id] end as signal_ids,
        known_at as latest_known_at
    from besides
)

select * from final_cte
