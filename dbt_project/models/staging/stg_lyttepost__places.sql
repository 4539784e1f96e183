with source_rows as (
    select * from {{ source('lyttepost', 'places') }}
),

renamed as (
    select
        cast(account_id as varchar) as account_id,
        cast(source as varchar) as source,
        cast(address as varchar) as address,
        cast(kind as varchar) as kind
    from source_rows
)

select * from renamed
