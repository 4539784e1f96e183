-- Accounts, for names and groups.
with accounts as (
    select * from {{ source('published', 'dim_accounts') }}
),

final_cte as (
    select
        account_id,
        name,
        country,
        segment
    from accounts
)

select * from final_cte
