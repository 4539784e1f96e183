-- How much more weekly counts of new positions vary than a Poisson count does, pooled over
-- accounts that post often enough to tell, as of each landmark; held within [1, 4]. With
-- no such account 1.6 is used, the dispersion of the experiment behind SCIENCE 2.1.
with exposure as (
    select * from {{ ref('hiring_exposure') }}
),

openings as (
    select * from {{ ref('hiring_openings') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
),

observed_weeks as (
    -- Whole weeks back from the landmark for which the account was under observation.
    select
        account_id,
        as_of,
        unnest(range(0, cast(floor((days_window + days_baseline) / 7) as bigint))) as week
    from exposure
),

weekly_openings as (
    select
        openings.account_id,
        landmarks.as_of,
        (landmarks.as_of - cast(openings.known_at as date)) // 7 as week,
        count(distinct openings.job_key) as n_openings
    from openings
    inner join landmarks
        on
            cast(openings.known_at as date) <= landmarks.as_of
            and cast(openings.known_at as date) > landmarks.as_of - 364
    group by all
),

account_weeks as (
    select
        observed_weeks.account_id,
        observed_weeks.as_of,
        avg(coalesce(weekly_openings.n_openings, 0)) as mean_count,
        var_samp(coalesce(weekly_openings.n_openings, 0)) as var_count,
        count(*) as n_weeks
    from observed_weeks
    left join weekly_openings
        on
            observed_weeks.account_id = weekly_openings.account_id
            and observed_weeks.as_of = weekly_openings.as_of
            and observed_weeks.week = weekly_openings.week
    group by observed_weeks.account_id, observed_weeks.as_of
),

pooled as (
    -- Summed as integers: floating sums depend on the order rows arrive in.
    select
        as_of,
        cast(sum(cast(round(var_count * 1e9) as hugeint)) as double)
        / cast(sum(cast(round(mean_count * 1e9) as hugeint)) as double) as ratio
    from account_weeks
    where mean_count >= 0.2 and n_weeks >= 8
    group by as_of
),

final_cte as (
    select
        landmarks.as_of,
        least(4.0, greatest(1.0, coalesce(pooled.ratio, 1.6))) as phi
    from landmarks
    left join pooled on landmarks.as_of = pooled.as_of
)

select * from final_cte
