{{ config(materialized='landed', meta={'source': 'observed.site_structure'}) }}
with source_rows as (
    select * from {{ landed('observed', 'site_structure') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(part as varchar) as part,
        cast(label as varchar) as label,
        cast(target as varchar) as target,
        cast(depth as bigint) as depth,
        cast(order_no as bigint) as order_no,
        cast(n_pages as bigint) as n_pages,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
