{{ config(materialized='landed', meta={'source': 'observed.technologies'}) }}
with source_rows as (
    select * from {{ landed('observed', 'technologies') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(name as varchar) as name,
        cast(category as varchar) as category,
        cast(evidence as varchar) as evidence,
        cast(is_used as boolean) as is_used,
        cast(is_phased_out as boolean) as is_phased_out,
        cast(quote as varchar) as quote,
        cast(ad_id as varchar) as ad_id,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
