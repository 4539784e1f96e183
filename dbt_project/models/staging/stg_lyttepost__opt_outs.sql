with source_rows as (
    select * from {{ source('lyttepost', 'opt_outs') }}
),

renamed as (
    select
        cast(account_id as varchar) as account_id,
        cast(domain as varchar) as domain
    from source_rows
)

select * from renamed
