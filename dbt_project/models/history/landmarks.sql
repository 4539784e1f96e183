-- The days a reader can ask about: every day with at least one visit.
with visits as (
    select * from {{ ref('hist_visits') }}
),

final_cte as (
    select distinct visits.day as as_of
    from visits
)

select * from final_cte
