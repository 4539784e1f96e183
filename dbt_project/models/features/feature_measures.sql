{{ config(materialized='days', meta={'parts': {'of': 'meas_hiring_tempo', 'column': 'as_of', 'rows': 40000}}) }}
{%- set after = last_standing_day() %}
-- Continuous measures carried through time: what the sector did is taken away (SCIENCE
-- 2.8), then a weighted sum over one landmark a week (SCIENCE 2.7)
--     EWMA(t) = sum lam^(t-u) z_u / sqrt(var(sum lam^(t-u) z_u)) over observed weeks, in [0, 5].
-- A z looks back 56 days, so two of them share 1 - d / 56 of what they saw, d days apart:
--     var = sum over u, v of lam^(t-u) lam^(t-v) max(1 - |u-v| / 56, 0)
-- (docs/decisions/0017). Past weeks are closed, so a later day changes none of them, and what
-- they were is read from their own rows.
with measures as (
    {% for detector in var('measures') -%}
    select
        account_id,
        as_of,
        offer,
        signal_type,
        value
    from {{ ref('meas_' ~ detector) }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

accounts as (
    select
        account_id,
        coalesce(segment, '') as segment
    from {{ ref('stg_lyttepost__accounts') }}
),

offers as (
    select * from {{ ref('offers') }}
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

by_offer as (
    select
        measures.account_id,
        measures.as_of,
        measures.signal_type,
        measures.value,
        offers.offer,
        accounts.segment,
        -- Sums over a sector are of whole numbers: order must not show in the last digit.
        cast(round(measures.value * 1e9) as hugeint) as value_nano
    from measures
    inner join accounts on measures.account_id = accounts.account_id
    inner join offers on coalesce(measures.offer, offers.offer) = offers.offer
),

peers as (
    select
        *,
        count(value) over sector - case when value is null then 0 else 1 end as n_peers,
        coalesce(sum(value_nano) over sector - coalesce(value_nano, 0), 0) as peers_nano
    from by_offer
    where {{ is_to_build('as_of') }}
    window sector as (partition by offer, signal_type, as_of, segment)
),

corrected as (
    -- n / (n + 10) times the mean of n others is their sum over n + 10.
    select
        *,
        value - cast(peers_nano as double) / 1e9 / (n_peers + 10) as value_corrected,
        cast(date_trunc('week', as_of) as date) as week
    from peers
    where {{ of_part() }}
),

{% if after -%}
closed_weeks as (
    select
        account_id,
        offer,
        signal_type,
        cast(date_trunc('week', as_of) as date) as week,
        max(as_of) as as_of
    from by_offer
    where {{ of_part() }} and as_of > date '{{ after }}' - 380
    group by account_id, offer, signal_type, cast(date_trunc('week', as_of) as date)
    having max(as_of) <= date '{{ after }}'
),

closed_ends as ( -- noqa: ST03
    select
        closed_weeks.account_id,
        closed_weeks.offer,
        closed_weeks.signal_type,
        closed_weeks.week,
        closed_weeks.as_of,
        built.value,
        built.value_corrected,
        built.overlap
    from closed_weeks
    inner join {{ this }} as built
        on
            closed_weeks.account_id = built.account_id
            and closed_weeks.offer = built.offer
            and closed_weeks.signal_type = built.signal_type
            and closed_weeks.as_of = built.as_of
),

{% endif -%}
week_ends as (
    select
        account_id,
        offer,
        signal_type,
        week,
        as_of,
        value,
        value_corrected
    from corrected
    qualify
        row_number() over (
            partition by account_id, offer, signal_type, week order by as_of desc
        ) = 1
    {% if after -%}
    union all by name
    select * exclude (overlap) from closed_ends
    {%- endif %}
),

shared as (
    -- What a measure shares with those of the weeks before, seen from its own day.
    select
        weighed.account_id,
        weighed.offer,
        weighed.signal_type,
        weighed.as_of,
        sum(
            (1 - (weighed.as_of - past.as_of) / 56.0)
            * {{ halved('weighed.as_of - past.as_of', 'catalogue.half_life_days') }}
            order by past.as_of
        ) as overlap
    from corrected as weighed
    inner join catalogue on weighed.signal_type = catalogue.id
    inner join week_ends as past
        on
            weighed.account_id = past.account_id
            and weighed.offer = past.offer
            and weighed.signal_type = past.signal_type
            and weighed.week > past.week
            and weighed.as_of - past.as_of < 56
    where weighed.value is not null and past.value is not null
    group by weighed.account_id, weighed.offer, weighed.signal_type, weighed.as_of
    {% if after -%}
    union all
    select
        account_id,
        offer,
        signal_type,
        as_of,
        overlap
    from closed_ends
    {%- endif %}
),

this_week as (
    select
        corrected.*,
        cast(catalogue.half_life_days as double) as half_life_days,
        coalesce(shared.overlap, 0) as overlap,
        1 + 2 * coalesce(shared.overlap, 0) as variance
    from corrected
    inner join catalogue on corrected.signal_type = catalogue.id
    left join shared
        on
            corrected.account_id = shared.account_id
            and corrected.offer = shared.offer
            and corrected.signal_type = shared.signal_type
            and corrected.as_of = shared.as_of
),

past_weeks as (
    -- What the weeks before a week weigh on its Monday; a day of the week halves it on.
    -- Summed a week and not a day at a time: seven times less on daily visits.
    select
        weeks.account_id,
        weeks.offer,
        weeks.signal_type,
        weeks.week,
        sum(
            {{ halved('weeks.week - past.as_of', 'catalogue.half_life_days') }} * past.value_corrected
            order by past.as_of
        ) as total_corrected,
        sum(
            {{ halved('weeks.week - past.as_of', 'catalogue.half_life_days') }} * past.value
            order by past.as_of
        ) as total,
        sum(
            {{ halved('2 * (weeks.week - past.as_of)', 'catalogue.half_life_days') }}
            * (1 + 2 * coalesce(shared.overlap, 0))
            order by past.as_of
        ) filter (where past.value is not null) as variance
    from week_ends as weeks
    inner join catalogue on weeks.signal_type = catalogue.id
    inner join week_ends as past
        on
            weeks.account_id = past.account_id
            and weeks.offer = past.offer
            and weeks.signal_type = past.signal_type
            and weeks.week > past.week
    left join shared
        on
            past.account_id = shared.account_id
            and past.offer = shared.offer
            and past.signal_type = shared.signal_type
            and past.as_of = shared.as_of
    -- Beyond a year a week weighs under one per cent of this one.
    where past.as_of > weeks.week - 371 and {{ is_to_build('weeks.as_of') }}
    group by weeks.account_id, weeks.offer, weeks.signal_type, weeks.week
),

sums as (
    -- Not observed today is not observed, whatever was measured before: no row.
    select
        this_week.account_id,
        this_week.offer,
        this_week.signal_type,
        this_week.as_of,
        this_week.value,
        this_week.value_corrected,
        this_week.overlap,
        this_week.value_corrected + coalesce(
            past_weeks.total_corrected
            * {{ halved('this_week.as_of - this_week.week', 'this_week.half_life_days') }}, 0
        ) as total_corrected,
        this_week.value + coalesce(
            past_weeks.total
            * {{ halved('this_week.as_of - this_week.week', 'this_week.half_life_days') }}, 0
        ) as total,
        sqrt(
            this_week.variance + coalesce(
                past_weeks.variance
                * {{ halved('2 * (this_week.as_of - this_week.week)', 'this_week.half_life_days') }}, 0
            )
        ) as norm
    from this_week
    left join past_weeks
        on
            this_week.account_id = past_weeks.account_id
            and this_week.offer = past_weeks.offer
            and this_week.signal_type = past_weeks.signal_type
            and this_week.week = past_weeks.week
    where this_week.value is not null
),

final_cte as (
    select
        account_id,
        offer,
        signal_type,
        as_of,
        greatest(0.0, least(5.0, total_corrected / norm)) as x,
        greatest(0.0, least(5.0, total / norm)) as x_raw,
        value,
        value_corrected,
        overlap
    from sums
)

select * from final_cte
