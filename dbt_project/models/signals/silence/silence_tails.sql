{{ config(materialized='days') }}
-- Gamma-Poisson tails (SCIENCE 2.1) of how few items an account let out in eight weeks
-- against the 44 before, per landmark; p_value only where what it let out is still read.
with items as (
    select * from {{ ref('silence_items') }}
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
    where is_ok
),

landmarks as (
    select * from {{ ref('landmarks') }}
),

coverage as (
    select * from {{ ref('hist_coverage_daily') }}
),

to_build as (
    select * from landmarks
    where {{ is_to_build('as_of') }}
),

begun as (
    select
        account_id,
        min(day) as first_day
    from visits
    where account_id is not null
    group by account_id
),

calendar as (
    select
        cast(day as date) as day,
        case when {{ is_holiday('day') }} then 0 else 1 end as is_open
    from (
        select unnest(generate_series(bounds.first_day, bounds.last_day, interval 1 day)) as day
        from (
            select
                cast(min(as_of) as timestamp) as first_day,
                cast(max(as_of) as timestamp) as last_day
            from landmarks
        ) as bounds
    ) as days
),

open_days as (
    -- Open days so far, so that any stretch is a difference of two.
    select
        day,
        sum(is_open) over (order by day rows unbounded preceding) as n_open
    from calendar
),

item_days as (
    select
        account_id,
        source,
        url,
        cast(known_at as date) as day,
        count(*) as n
    from items
    where not {{ is_holiday('known_at') }}
    group by account_id, source, url, cast(known_at as date)
),

exposure as (
    select
        begun.account_id,
        to_build.as_of,
        until_now.n_open - coalesce(greatest(until_window.n_open, since.n_open), since.n_open) as e_w,
        greatest(coalesce(until_window.n_open, 0) - greatest(since.n_open, coalesce(until_year.n_open, 0)), 0) as e_b
    from begun
    inner join to_build on begun.first_day <= to_build.as_of
    inner join open_days as until_now on to_build.as_of = until_now.day
    inner join open_days as since on begun.first_day = since.day
    left join open_days as until_window on to_build.as_of - 56 = until_window.day
    left join open_days as until_year on to_build.as_of - 364 = until_year.day
),

weeks as (
    select
        item_days.account_id,
        to_build.as_of,
        (to_build.as_of - item_days.day) // 7 as week_no,
        sum(item_days.n) as n
    from item_days
    inner join to_build
        on to_build.as_of >= item_days.day and to_build.as_of - 364 < item_days.day
    group by item_days.account_id, to_build.as_of, (to_build.as_of - item_days.day) // 7
),

counted as (
    select
        exposure.account_id,
        exposure.as_of,
        cast(exposure.e_w as double) as e_w,
        cast(exposure.e_b as double) as e_b,
        coalesce(sum(weeks.n) filter (where weeks.week_no < 8), 0) as y_w,
        coalesce(sum(weeks.n) filter (where weeks.week_no >= 8), 0) as y_b,
        coalesce(sum(weeks.n * weeks.n) filter (where weeks.week_no >= 8), 0) as squares_b
    from exposure
    left join weeks on exposure.account_id = weeks.account_id and exposure.as_of = weeks.as_of
    where exposure.e_w >= 28 and exposure.e_b >= 112
    group by exposure.account_id, exposure.as_of, exposure.e_w, exposure.e_b
),

spread as (
    select
        *,
        sum(y_b) over (partition by as_of) / sum(e_b) over (partition by as_of) as market_rate,
        least(
            greatest(
                coalesce(
                    (squares_b - y_b * y_b / (e_b / 7)) / nullif(e_b / 7 - 1, 0) / nullif(y_b / (e_b / 7), 0), 1
                ),
                1
            ),
            4
        ) as phi
    from counted
),

rates as (
    select
        *,
        round(y_w / phi) as y,
        1.5 + round(y_b / phi) as alpha,
        (1.5 / greatest(market_rate, 1e-6) + e_b / phi) as beta,
        (1.5 / greatest(market_rate, 1e-6) + e_b / phi)
        / (1.5 / greatest(market_rate, 1e-6) + e_b / phi + e_w / phi) as stay
    from spread
),

tails as (
    -- P(Y <= y) by its few first terms: more than three is not silence.
    select
        *,
        alpha / beta * e_w as expected,
        case
            when y > 3 then 1.0
            else
                pow(stay, alpha) * (
                    1
                    + case when y >= 1 then alpha * (1 - stay) else 0 end
                    + case when y >= 2 then alpha * (alpha + 1) / 2 * pow(1 - stay, 2) else 0 end
                    + case when y >= 3 then alpha * (alpha + 1) * (alpha + 2) / 6 * pow(1 - stay, 3) else 0 end
                )
        end as p_down
    from rates
),

likely as (
    select * from tails
    where p_down <= 0.10 and expected >= 5 and y_w <= 0.25 * expected
),

places as (
    -- Where the items of the baseline were read, and whether it is still read.
    select
        likely.account_id,
        likely.as_of,
        item_days.source,
        item_days.url,
        sum(item_days.n) as n
    from likely
    inner join item_days
        on
            likely.account_id = item_days.account_id
            and likely.as_of - 56 >= item_days.day
            and likely.as_of - 364 < item_days.day
    group by likely.account_id, likely.as_of, item_days.source, item_days.url
),

read_places as (
    select
        places.account_id,
        places.as_of,
        places.source,
        places.url,
        places.n,
        count(distinct visits.day) as n_days,
        max(visits.day) as last_day
    from places
    left join visits
        on
            places.source = visits.source
            and places.url = visits.url
            and places.as_of >= visits.day
            and places.as_of - 56 < visits.day
    group by places.account_id, places.as_of, places.source, places.url, places.n
),

health as (
    select
        read_places.account_id,
        read_places.as_of,
        sum(case
            -- A feed for the whole market has an address for each ad: its source is asked.
            when coverage.state is null or coverage.state <> 'fresh' then 0
            when market_wide.source is not null then read_places.n
            when read_places.n_days >= 4 and read_places.last_day > read_places.as_of - 14 then read_places.n
            else 0
        end) / cast(sum(read_places.n) as double) as share_read
    from read_places
    left join coverage
        on
            read_places.account_id = coverage.account_id
            and read_places.source = coverage.source
            and read_places.as_of = coverage.as_of
    left join (
        select
            source,
            min(day) as since_day
        from visits
        where account_id is null
        group by source
    ) as market_wide
        on read_places.source = market_wide.source and read_places.as_of >= market_wide.since_day
    group by read_places.account_id, read_places.as_of
),

final_cte as (
    select
        tails.account_id,
        tails.as_of,
        tails.y_w,
        tails.expected,
        tails.p_down,
        case
            when likely.account_id is null then 1.0
            when health.share_read >= 0.9 then tails.p_down
        end as p_value
    from tails
    left join likely on tails.account_id = likely.account_id and tails.as_of = likely.as_of
    left join health on tails.account_id = health.account_id and tails.as_of = health.as_of
)

select * from final_cte
