-- The latest landmark of the coverage, one row per account and source.
with coverage as (
    select * from {{ ref('hist_coverage_daily') }}
),

final_cte as (
    select *
    from coverage
    qualify row_number() over (partition by account_id, source order by as_of desc) = 1
)

select * from final_cte
