-- Continuous measures carried through time: what the sector did is taken away (SCIENCE
-- 2.8), then a weighted sum over one landmark a week (SCIENCE 2.7)
--     EWMA(t) = sum lam^(t-u) z_u / sqrt(sum lam^(2(t-u)) over observed weeks), in [0, 5].
-- Past weeks are closed, so a later day changes none of them.
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
    window sector as (partition by offer, signal_type, as_of, segment)
),

corrected as (
    -- n / (n + 10) times the mean of n others is their sum over n + 10.
    select
        *,
        value - cast(peers_nano as double) / 1e9 / (n_peers + 10) as value_corrected,
        date_trunc('week', as_of) as week
    from peers
),

week_ends as (
    select *
    from corrected
    qualify
        row_number() over (
            partition by account_id, offer, signal_type, week order by as_of desc
        ) = 1
),

closed_weeks as (
    select
        today.account_id,
        today.offer,
        today.signal_type,
        today.as_of,
        today.as_of as measured_on,
        today.value,
        today.value_corrected
    from corrected as today
    union all
    select
        today.account_id,
        today.offer,
        today.signal_type,
        today.as_of,
        past.as_of as measured_on,
        past.value,
        past.value_corrected
    from corrected as today
    inner join week_ends as past
        on
            today.account_id = past.account_id
            and today.offer = past.offer
            and today.signal_type = past.signal_type
            and today.week > past.week
    -- Beyond a year a week weighs under one per cent of this one.
    where past.as_of > today.as_of - 371
),

weighed as (
    select
        closed_weeks.*,
        pow(
            2.0, -(closed_weeks.as_of - closed_weeks.measured_on) / cast(catalogue.half_life_days as double)
        ) as weight
    from closed_weeks
    inner join catalogue on closed_weeks.signal_type = catalogue.id
),

sums as (
    select
        account_id,
        offer,
        signal_type,
        as_of,
        sum(weight * value_corrected order by measured_on) as total_corrected,
        sum(weight * value order by measured_on) as total,
        sqrt(sum(weight * weight order by measured_on) filter (where value is not null)) as norm,
        bool_or(measured_on = as_of and value is not null) as is_observed
    from weighed
    group by account_id, offer, signal_type, as_of
),

final_cte as (
    -- Not observed today is not observed, whatever was measured before: no row.
    select
        account_id,
        offer,
        signal_type,
        as_of,
        greatest(0.0, least(5.0, total_corrected / norm)) as x,
        greatest(0.0, least(5.0, total / norm)) as x_raw
    from sums
    where is_observed
)

select * from final_cte
