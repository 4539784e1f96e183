-- Hiring tempo as continuous measures per landmark: s = min(-log10 p, 4), both ways. Null
-- where the account could not be seen for four of the last eight weeks.
with exposure as (
    select * from {{ ref('hiring_exposure') }}
),

tails as (
    select * from {{ ref('hiring_tails') }}
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

final_cte as (
    select
        exposure.account_id,
        exposure.as_of,
        cast(null as varchar) as offer,
        directions.signal_type,
        least(
            -log10(case when directions.sign > 0 then tails.p_up else tails.p_down end), 4.0
        ) as value,
        case when directions.sign > 0 then tails.p_up else tails.p_down end as p_value,
        tails.effect,
        exposure.before_visit_id,
        exposure.after_visit_id,
        coalesce(
            tails.n_window || ' new positions in ' || cast(tails.days_window as bigint)
            || ' days, ' || cast(round(tails.n_expected, 1) as varchar) || ' expected',
            'observed ' || cast(exposure.days_window as bigint) || ' of the last 56 days'
        ) as note
    from exposure
    cross join directions
    left join tails
        on exposure.account_id = tails.account_id and exposure.as_of = tails.as_of
)

select * from final_cte
