-- Ads that stand for a longer or shorter time than before, claimed under false discovery
-- control (SCIENCE 2.9).
with tails as (
    select * from {{ ref('hiring_duration_tails') }}
),

exposure as (
    select * from {{ ref('hiring_exposure') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

discoveries as (
    select * from {{ ref('hiring_duration_discoveries') }}
    where is_discovery
),

final_cte as (
    select
        discoveries.account_id,
        'hiring_tempo_change' as signal_type,
        case when tails.effect > 1 then 'shorter' else 'longer' end as subject,
        cast(discoveries.as_of - 112 as timestamp) as effective_lo,
        exposure.known_at as effective_hi,
        cast(discoveries.as_of - 112 as timestamp)
        + (exposure.known_at - cast(discoveries.as_of - 112 as timestamp)) / 2 as effective_pt,
        exposure.known_at,
        cast(null as timestamp) as superseded_at,
        least(-log10(tails.p_value), 4.0) / 4 as strength,
        tails.p_value,
        'observed_act' as evidence_class,
        exposure.before_visit_id as before_ref,
        exposure.after_visit_id as after_ref,
        case
            when tails.n_baseline > 0
                then cast(round(tails.e_baseline / tails.n_baseline) as bigint) || ' days on average'
        end as quote_before,
        cast(round(tails.e_window / greatest(tails.n_window, 1)) as bigint) || ' days on average' as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        tails.effect,
        visits.source,
        visits.url
    from discoveries
    inner join tails on discoveries.account_id = tails.account_id and discoveries.as_of = tails.as_of
    inner join exposure on discoveries.account_id = exposure.account_id and discoveries.as_of = exposure.as_of
    inner join visits on exposure.after_visit_id = visits.visit_id
    where exposure.before_visit_id <> exposure.after_visit_id
)

select * from final_cte
