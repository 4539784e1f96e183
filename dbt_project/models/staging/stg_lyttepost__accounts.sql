with source_rows as (
    select * from {{ source('lyttepost', 'accounts') }}
),

renamed as (
    select
        cast(account_id as varchar) as account_id,
        cast(name as varchar) as name,
        cast(country as varchar) as country,
        cast(org_number as varchar) as org_number,
        cast(domains as varchar[]) as domains,
        cast(parent_account_id as varchar) as parent_account_id,
        cast(segment as varchar) as segment,
        cast(owner as varchar) as owner,
        cast(crm_ids as varchar[]) as crm_ids,
        cast(employees as bigint) as employees
    from source_rows
)

select * from renamed
