{{ config(materialized='landed', meta={'source': 'observed.people'}) }}
with source_rows as (
    select * from {{ landed('observed', 'people') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(person_key as varchar) as person_key,
        cast(name as varchar) as name,
        cast(title as varchar) as title,
        cast(section as varchar) as section,
        cast(order_no as bigint) as order_no,
        cast(via as varchar) as via,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
