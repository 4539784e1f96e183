-- Who finds staff for others (industry code 78): their ads are the positions of others.
with registry as (
    select * from {{ ref('hist_registry') }}
),

final_cte as (
    select
        account_id,
        min(known_at) as known_at
    from registry
    where field = 'industry_code' and value like '78%' and is_sub_unit is not true
    group by account_id
)

select * from final_cte
