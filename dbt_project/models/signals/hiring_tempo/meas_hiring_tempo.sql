{{ config(materialized='days') }}
-- Hiring tempo as continuous measures per landmark: s = min(-log10 p, 4), both ways. Null
-- where the account could not be seen for four of the last eight weeks, and where the ads
-- are those of others (staffing agencies). Fewer ads are no slowdown when the lists that
-- held them are no longer read, or when the company moved them where we cannot read.
with exposure as (
    select * from {{ ref('hiring_exposure') }}
    where {{ is_to_build('as_of') }}
),

tails as (
    select * from {{ ref('hiring_tails') }}
    where {{ is_to_build('as_of') }}
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

moved_boards as (
    select * from {{ ref('hiring_moved_boards') }}
),

openings as (
    select * from {{ ref('hiring_openings') }}
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

baseline_sources as (
    select
        exposure.account_id,
        exposure.as_of,
        openings.source,
        count(*) as n
    from exposure
    inner join openings
        on
            exposure.account_id = openings.account_id
            and cast(openings.known_at as date) <= exposure.as_of - 56
            and cast(openings.known_at as date) > exposure.as_of - 364
    group by exposure.account_id, exposure.as_of, openings.source
),

readings as (
    select
        baseline_sources.account_id,
        baseline_sources.as_of,
        baseline_sources.source,
        baseline_sources.n,
        count(distinct job_visits.day) >= 2
        and coalesce(max(job_visits.day) >= baseline_sources.as_of - 14, false) as is_read
    from baseline_sources
    left join job_visits
        on
            baseline_sources.account_id = job_visits.account_id
            and baseline_sources.source = job_visits.source
            and job_visits.day <= baseline_sources.as_of
            and job_visits.day > baseline_sources.as_of - 56
    group by baseline_sources.account_id, baseline_sources.as_of, baseline_sources.source, baseline_sources.n
),

unread as (
    select
        account_id,
        as_of
    from readings
    group by account_id, as_of
    having 10 * coalesce(sum(n) filter (where not is_read), 0) > sum(n)
    union
    select
        exposure.account_id,
        exposure.as_of
    from exposure
    inner join moved_boards
        on
            exposure.account_id = moved_boards.account_id
            and exposure.as_of >= cast(moved_boards.moved_at as date)
            and exposure.as_of - 364 < cast(moved_boards.moved_at as date)
),

own_exposure as (
    select
        exposure.*,
        agencies.account_id is not null as is_agency,
        unread.account_id is not null as is_unread
    from exposure
    left join agencies
        on exposure.account_id = agencies.account_id and exposure.as_of >= cast(agencies.known_at as date)
    left join unread on exposure.account_id = unread.account_id and exposure.as_of = unread.as_of
),

directions as (
    select
        'hiring_surge' as signal_type,
        1 as sign
    union all
    select
        'hiring_slowdown' as signal_type,
        -1 as sign
),

-- Nothing is measured of agencies, nor a slowdown where lists are not read. As a key of its
-- own: a condition of one side alone makes a left join compare all with all (54 s of a year
-- of 600 accounts).
directed as (
    select
        own_exposure.*,
        directions.signal_type,
        directions.sign,
        case
            when not own_exposure.is_agency and not (own_exposure.is_unread and directions.sign < 0)
                then own_exposure.account_id
        end as measured_account_id
    from own_exposure
    cross join directions
),

final_cte as (
    select
        directed.account_id,
        directed.as_of,
        cast(null as varchar) as offer,
        directed.signal_type,
        least(
            -log10(case when directed.sign > 0 then tails.p_up else tails.p_down end), 4.0
        ) as value,
        case when directed.sign > 0 then tails.p_up else tails.p_down end as p_value,
        tails.effect,
        directed.before_visit_id,
        directed.after_visit_id,
        coalesce(
            tails.n_window || ' new positions in ' || cast(tails.days_window as bigint)
            || ' days, ' || cast(round(tails.n_expected, 1) as varchar) || ' expected',
            'observed ' || cast(directed.days_window as bigint) || ' of the last 56 days'
        ) as note
    from directed
    left join tails
        on directed.measured_account_id = tails.account_id and directed.as_of = tails.as_of
)

select * from final_cte
