{{ config(materialized='landed', meta={'source': 'observed.registry_roles'}) }}
with source_rows as (
    select * from {{ landed('observed', 'registry_roles') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(org_number as varchar) as org_number,
        cast(group_code as varchar) as group_code,
        cast(role_code as varchar) as role_code,
        cast(role_class as varchar) as role_class,
        cast(holder_type as varchar) as holder_type,
        cast(holder_key as varchar) as holder_key,
        cast(holder_name as varchar) as holder_name,
        cast(holder_org_number as varchar) as holder_org_number,
        cast(is_resigned as boolean) as is_resigned,
        cast(group_changed_on as date) as group_changed_on,
        cast(appointed_on as date) as appointed_on,
        cast(resigned_on as date) as resigned_on,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
