-- Days in which new positions of an account could have been seen, and the positions seen,
-- per landmark: window of 8 weeks, baseline of the 44 weeks before (SCIENCE 2.1). A visit
-- covers the days since the one before it, at most 56.
with job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

openings as (
    select * from {{ ref('hiring_openings') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
),

evidence_days as (
    select
        account_id,
        day,
        arg_max(visit_id, (fetched_at, visit_id)) as visit_id,
        max(fetched_at) as fetched_at
    from job_visits
    group by account_id, day
),

covered as (
    select
        account_id,
        day as to_day,
        case
            when lag(day) over (partition by account_id order by day) is null then day
            else greatest(lag(day) over (partition by account_id order by day), day - 56)
        end as from_day,
        visit_id,
        fetched_at
    from evidence_days
),

exposure as (
    select
        covered.account_id,
        landmarks.as_of,
        sum(greatest(0, covered.to_day - greatest(covered.from_day, landmarks.as_of - 56)))
            as days_window,
        sum(greatest(
            0, least(covered.to_day, landmarks.as_of - 56) - greatest(covered.from_day, landmarks.as_of - 364)
        )) as days_baseline,
        max_by(
            covered.visit_id, case when covered.to_day <= landmarks.as_of - 56 then covered.to_day end
        ) as before_visit_id,
        arg_min(covered.visit_id, covered.to_day) as first_visit_id,
        arg_max(covered.visit_id, covered.to_day) as after_visit_id,
        max(covered.fetched_at) as known_at
    from covered
    inner join landmarks on covered.to_day <= landmarks.as_of
    group by covered.account_id, landmarks.as_of
),

counts as (
    select
        openings.account_id,
        landmarks.as_of,
        count(
            distinct case when cast(openings.known_at as date) > landmarks.as_of - 56 then openings.job_key end
        ) as n_window,
        count(
            distinct case when cast(openings.known_at as date) <= landmarks.as_of - 56 then openings.job_key end
        ) as n_baseline
    from openings
    inner join landmarks
        on
            cast(openings.known_at as date) <= landmarks.as_of
            and cast(openings.known_at as date) > landmarks.as_of - 364
    group by openings.account_id, landmarks.as_of
),

final_cte as (
    select
        exposure.account_id,
        exposure.as_of,
        exposure.known_at,
        coalesce(exposure.before_visit_id, exposure.first_visit_id) as before_visit_id,
        exposure.after_visit_id,
        cast(coalesce(exposure.days_window, 0) as double) as days_window,
        cast(coalesce(exposure.days_baseline, 0) as double) as days_baseline,
        coalesce(counts.n_window, 0) as n_window,
        coalesce(counts.n_baseline, 0) as n_baseline
    from exposure
    left join counts
        on exposure.account_id = counts.account_id and exposure.as_of = counts.as_of
)

select * from final_cte
