{{ config(materialized='days') }}
{#- Closings take so long to be known; the window ends as many days before the landmark. -#}
{%- set lag_days = 21 -%}
{%- set window_days = 91 -%}
{%- set dispersion = 1.6 -%}
-- How long ads stand: closings per day that positions stood open, in 91 days against the 273
-- before. Positions still open count with their days, so that nothing is cut off; the tail
-- is that of a Gamma-Poisson count (SCIENCE 2.1), deflated, for ads end in batches. No
-- measure where a system takes its ads down by itself after so many days, nor from lists
-- that were read too seldom.
with ad_events as not materialized (
    select * from {{ ref('hist_job_ad_events') }}
),

jobs as (
    select * from {{ ref('hist_jobs') }}
    where is_first
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

landmarks as (
    select
        as_of,
        cast(as_of + 1 as timestamp) - interval 1 microsecond as as_of_end
    from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

positions as (
    select
        opened.event_id,
        opened.account_id,
        opened.source,
        opened.spell_ref,
        opened.spell_no,
        opened.effective_lo as opened_lo,
        opened.effective_hi as opened_hi,
        cast(opened.effective_pt as date) as opened_day,
        opened.known_at
    from ad_events as opened
    inner join jobs on opened.event_id = jobs.event_id
    where
        opened.event = 'opened'
        and not opened.is_left_censored
        and not {{ is_seasonal_job(title_words('opened.title')) }}
        and not {{ is_standing_ad(title_words('opened.title')) }}
),

-- Never withdrawn is withdrawn at the end of time: plain comparisons only, or the left join
-- below compares every position with every closing (81 s of a year of 600 accounts).
closings as (
    select
        account_id,
        source,
        spell_ref,
        spell_no,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        coalesce(superseded_at, timestamp '9999-12-31') as withdrawn_at
    from ad_events
    where event = 'closed'
),

readings as (
    select
        job_visits.account_id,
        job_visits.source,
        landmarks.as_of,
        count(distinct case
            when job_visits.day > landmarks.as_of - {{ window_days + lag_days }} then job_visits.day
        end) as n_window,
        count(distinct case
            when job_visits.day <= landmarks.as_of - {{ window_days + lag_days }} then job_visits.day
        end) as n_baseline
    from job_visits
    inner join landmarks
        on job_visits.day <= landmarks.as_of and job_visits.day > landmarks.as_of - {{ 364 + lag_days }}
    group by job_visits.account_id, job_visits.source, landmarks.as_of
),

standing as (
    -- Each position as it was known on each landmark.
    select
        positions.*,
        landmarks.as_of,
        closed.effective_lo as closed_lo,
        closed.effective_hi as closed_hi,
        cast(closed.effective_pt as date) as closed_day
    from positions
    inner join landmarks
        on
            positions.known_at <= landmarks.as_of_end
            and positions.opened_day > landmarks.as_of - 540
    inner join readings
        on
            positions.account_id = readings.account_id
            and positions.source = readings.source
            and landmarks.as_of = readings.as_of
            and readings.n_window >= 8
            and readings.n_baseline >= 12
    left join closings as closed
        on
            positions.account_id = closed.account_id
            and positions.source = closed.source
            and positions.spell_ref = closed.spell_ref
            and positions.spell_no = closed.spell_no
            and closed.known_at <= landmarks.as_of_end
            and closed.withdrawn_at > landmarks.as_of_end
),

placed as (
    select
        *,
        greatest(
            0,
            least(coalesce(closed_day, as_of), as_of - {{ lag_days }})
            - greatest(opened_day, as_of - {{ window_days + lag_days }})
        ) as days_window,
        greatest(
            0,
            least(coalesce(closed_day, as_of), as_of - {{ window_days + lag_days }})
            - greatest(opened_day, as_of - {{ 364 + lag_days }})
        ) as days_baseline,
        closed_day > as_of - {{ window_days + lag_days }} and closed_day <= as_of - {{ lag_days }} as is_in_window,
        closed_day > as_of - {{ 364 + lag_days }}
        and closed_day <= as_of - {{ window_days + lag_days }} as is_in_baseline,
        -- Lives that a system may give to all its ads and that this one may have had.
        list_filter(
            [30, 45, 60, 90],
            life -> date_diff('day', opened_hi, closed_lo) <= life and date_diff('day', opened_lo, closed_hi) >= life
        ) as lives
    from standing
),

summed as (
    select
        placed.account_id,
        placed.as_of,
        cast(sum(placed.days_window) as double) as e_window,
        cast(sum(placed.days_baseline) as double) as e_baseline,
        count(*) filter (where placed.is_in_window) as n_window,
        count(*) filter (where placed.is_in_baseline) as n_baseline,
        greatest(
            count(*) filter (where placed.is_in_window and list_contains(placed.lives, 30)),
            count(*) filter (where placed.is_in_window and list_contains(placed.lives, 45)),
            count(*) filter (where placed.is_in_window and list_contains(placed.lives, 60)),
            count(*) filter (where placed.is_in_window and list_contains(placed.lives, 90))
        ) as n_timed_window,
        greatest(
            count(*) filter (where placed.is_in_baseline and list_contains(placed.lives, 30)),
            count(*) filter (where placed.is_in_baseline and list_contains(placed.lives, 45)),
            count(*) filter (where placed.is_in_baseline and list_contains(placed.lives, 60)),
            count(*) filter (where placed.is_in_baseline and list_contains(placed.lives, 90))
        ) as n_timed_baseline
    from placed
    left join agencies
        on placed.account_id = agencies.account_id and placed.as_of >= cast(agencies.known_at as date)
    where agencies.account_id is null
    group by placed.account_id, placed.as_of
),

deflated as (
    select
        *,
        round(n_window / {{ dispersion }}) as y,
        e_window / {{ dispersion }} as e,
        0.5 + n_baseline / {{ dispersion }} as alpha,
        e_baseline / {{ dispersion }} as beta,
        (n_window / e_window) / (n_baseline / e_baseline) as effect
    from summed
    where
        n_baseline >= 8
        and e_window > 0
        and e_baseline > 0
        -- Enough to tell: so many closed, or so many should have.
        and greatest(n_window, e_window * n_baseline / e_baseline) >= 6
        and n_timed_window < 0.6 * greatest(n_window, 1)
        and n_timed_baseline < 0.6 * n_baseline
),

final_cte as (
    select
        account_id,
        as_of,
        n_window,
        n_baseline,
        e_window,
        e_baseline,
        effect,
        case
            when effect between 0.6 and 1.7 then 1.0
            else least(1.0, 2 * case
                when effect > 1 then {{ gamma_poisson_tail('y', 'e', 'alpha', 'beta') }}
                else greatest(1e-16, 1 - {{ gamma_poisson_tail('(y + 1)', 'e', 'alpha', 'beta') }})
            end)
        end as p_value
    from deflated
)

select * from final_cte
