{{ config(materialized='days') }}
-- Tempo of edits and of publishing as continuous measures per landmark: s = min(-log10 p, 4)
-- of the upper tail. Null where the site could not be seen for four of the last eight weeks.
with tails as (
    select * from {{ ref('site_tempo_tails') }}
),

final_cte as (
    select
        account_id,
        as_of,
        cast(null as varchar) as offer,
        case series when 'edits' then 'site_edit_tempo_change' else 'publishing_tempo_change' end as signal_type,
        least(-log10(p_up), 4.0) as value,
        p_up as p_value,
        effect,
        before_visit_id,
        after_visit_id,
        coalesce(
            n_window || ' in ' || cast(days_window as bigint) || ' days, '
            || cast(round(n_expected, 1) as varchar) || ' expected',
            'observed ' || cast(days_window as bigint) || ' of the last 56 days'
        ) as note
    from tails
    where {{ is_to_build('as_of') }}
)

select * from final_cte
