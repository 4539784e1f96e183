-- Every day, for metrics over time.
with days as (
    select * from {{ source('published', 'dim_days') }}
),

final_cte as (
    select day as date_day
    from days
)

select * from final_cte
