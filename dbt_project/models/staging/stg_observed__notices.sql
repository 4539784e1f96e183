with source_rows as (
    select * from {{ source('observed', 'notices') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(notice_id as varchar) as notice_id,
        cast(procedure_id as varchar) as procedure_id,
        cast(notice_type as varchar) as notice_type,
        cast(source_type as varchar) as source_type,
        cast(title as varchar) as title,
        cast(description as varchar) as description,
        cast(party_role as varchar) as party_role,
        cast(party_org_number as varchar) as party_org_number,
        cast(party_name as varchar) as party_name,
        cast(cpv as varchar[]) as cpv,
        cast(value as double) as value,
        cast(currency as varchar) as currency,
        cast(published_at as timestamp) as published_at,
        cast(deadline_at as timestamp) as deadline_at,
        cast(duration_months as double) as duration_months,
        cast(is_detail as boolean) as is_detail
    from source_rows
)

select * from renamed
