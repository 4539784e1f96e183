{{ config(meta={'dagster': {'ref': {'name': 'signals'}}}) }}
-- Every signal stands on archived visits: one after, and one before unless it is a filed
-- act that carries its own date.
with signals as (
    select * from {{ ref('signals') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

final_cte as (
    select
        signals.signal_id,
        signals.signal_type,
        signals.before_ref,
        signals.after_ref
    from signals
    left join visits as before_visits on signals.before_ref = before_visits.visit_id
    left join visits as after_visits on signals.after_ref = after_visits.visit_id
    where
        after_visits.visit_id is null
        or (signals.before_ref is not null and before_visits.visit_id is null)
        or (signals.before_ref is null and signals.evidence_class <> 'filed_act')
)

select * from final_cte
