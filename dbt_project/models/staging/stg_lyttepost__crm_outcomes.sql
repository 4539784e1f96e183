with source_rows as (
    select * from {{ source('lyttepost', 'crm_outcomes') }}
),

renamed as (
    select
        cast(account_id as varchar) as account_id,
        cast(offer as varchar) as offer,
        cast(opportunity_id as varchar) as opportunity_id,
        cast(opened_at as timestamp) as opened_at,
        cast(created_at as timestamp) as created_at,
        cast(stage as varchar) as stage,
        cast(is_qualified as boolean) as is_qualified,
        cast(evidence_ref as varchar) as evidence_ref
    from source_rows
)

select * from renamed
