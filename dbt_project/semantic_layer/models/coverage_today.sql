-- What could be seen of each account, by source.
with coverage as (
    select * from {{ source('published', 'coverage') }}
),

final_cte as (
    select
        account_id || '/' || source as coverage_id,
        account_id,
        source,
        as_of,
        state,
        case when state = 'fresh' then 1 else 0 end as is_fresh
    from coverage
)

select * from final_cte
