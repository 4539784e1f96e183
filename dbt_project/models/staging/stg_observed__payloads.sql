{{ config(materialized='landed', meta={'source': 'observed.payloads'}) }}
with source_rows as (
    select * from {{ landed('observed', 'payloads') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(account_id as varchar) as account_id,
        cast(scope as varchar) as scope,
        cast(verdict as varchar) as verdict,
        cast(error as varchar) as error,
        cast(n_records as bigint) as n_records,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
