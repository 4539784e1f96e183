{{ config(materialized='days') }}
{#- Functions of title_rules, and one for the rest. -#}
{%- set functions = [
    'finance', 'general', 'hr', 'it', 'legal', 'marketing', 'operations', 'procurement', 'product', 'sales',
] -%}
{%- set window_days = 91 -%}
-- Which functions new positions are in, in 91 days against the 273 before (SCIENCE 2.4): a
-- Dirichlet prior of twelve positions as the sector's, the account's baseline added, and
-- the exact Beta-binomial tail of each function's count, which is the deflated share test
-- without its approximation. What the rest of the sector does alike is taken out. One row
-- per account, landmark and function that took part.
with openings as (
    select * from {{ ref('hiring_openings') }}
    where function <> 'unknown'
),

accounts as (
    select
        account_id,
        coalesce(segment, '') as segment
    from {{ ref('stg_lyttepost__accounts') }}
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

counted as (
    select
        openings.account_id,
        accounts.segment,
        landmarks.as_of,
        openings.function,
        count(*) filter (where cast(openings.known_at as date) > landmarks.as_of - {{ window_days }}) as n_window,
        count(*) filter (where cast(openings.known_at as date) <= landmarks.as_of - {{ window_days }}) as n_baseline,
        count(distinct case
            when cast(openings.known_at as date) > landmarks.as_of - {{ window_days }}
                then cast(openings.known_at as date)
        end) as n_days
    from openings
    inner join accounts on openings.account_id = accounts.account_id
    inner join landmarks
        on
            cast(openings.known_at as date) <= landmarks.as_of
            and cast(openings.known_at as date) > landmarks.as_of - 364
    left join agencies
        on openings.account_id = agencies.account_id and landmarks.as_of >= cast(agencies.known_at as date)
    where
        agencies.account_id is null
        and not {{ is_seasonal_job(title_words('openings.title')) }}
        and not {{ is_standing_ad(title_words('openings.title')) }}
    group by openings.account_id, accounts.segment, landmarks.as_of, openings.function
),

totals as (
    select
        account_id,
        as_of,
        sum(n_window) as all_window,
        sum(n_baseline) as all_baseline
    from counted
    group by account_id, as_of
),

functions as (
    select unnest(string_split('{{ functions | join(" ") }}', ' ')) as function
),

days as (
    select
        as_of,
        sum(n_window + n_baseline) as n_all
    from counted
    group by as_of
),

market as (
    -- Half a position is lent to each function, so that none is impossible.
    select
        functions.function,
        days.as_of,
        (coalesce(sum(counted.n_window + counted.n_baseline), 0) + 0.5)
        / (any_value(days.n_all) + 0.5 * {{ functions | length }}) as share
    from days
    cross join functions
    left join counted on days.as_of = counted.as_of and functions.function = counted.function
    group by functions.function, days.as_of
),

sector_counts as (
    select
        segment,
        as_of,
        function,
        sum(n_window + n_baseline) as n
    from counted
    group by segment, as_of, function
),

sector_shares as (
    -- The sector's mix, drawn to the market's as if that were twelve positions.
    select
        counted.account_id,
        counted.segment,
        counted.as_of,
        counted.function,
        counted.n_window,
        counted.n_baseline,
        counted.n_days,
        totals.all_window,
        totals.all_baseline,
        (coalesce(sector_counts.n, 0) + 12 * market.share)
        / (sum(coalesce(sector_counts.n, 0)) over (partition by counted.account_id, counted.as_of) + 12) as prior_share
    from counted
    inner join totals on counted.account_id = totals.account_id and counted.as_of = totals.as_of
    inner join market on counted.as_of = market.as_of and counted.function = market.function
    left join sector_counts
        on
            counted.segment = sector_counts.segment
            and counted.as_of = sector_counts.as_of
            and counted.function = sector_counts.function
),

expected as (
    select
        *,
        (12 * prior_share + n_baseline) / (12 + all_baseline) as baseline_share,
        -- To the millionth, so that the sums below do not depend on the order of rows.
        cast(round(all_window * (12 * prior_share + n_baseline) / (12 + all_baseline) * 1e6) as hugeint)
            as expected_micro
    from sector_shares
),

drifted as (
    select
        *,
        (sum(n_window) over same_sector - n_window + 20)
        / (cast(sum(expected_micro) over same_sector - expected_micro as double) / 1e6 + 20) as sector_factor
    from expected
    window same_sector as (partition by segment, as_of, function)
),

shapes as (
    select
        *,
        least(0.95, baseline_share * greatest(sector_factor, 1.0)) as expected_share,
        cast(12 + all_baseline as double) as concentration
    from drifted
    where all_window >= 8 and all_baseline >= 8
),

final_cte as (
    select
        account_id,
        as_of,
        function,
        n_window,
        all_window,
        n_baseline,
        all_baseline,
        n_days,
        expected_share,
        n_window / cast(all_window as double) as share,
        -- One of so many functions may be the odd one.
        least(
            1.0,
            {{ functions | length }}
            * {{ beta_binomial_tail('n_window', 'all_window', 'expected_share', 'concentration') }}
        ) as p_value
    from shapes
)

select * from final_cte
