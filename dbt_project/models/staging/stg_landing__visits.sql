{{ config(materialized='ephemeral') }}
-- Read file by file by hist_visits.
with source_rows as (
    select * from {{ landed('landing', 'visits') }}
),

renamed as (
    select
        cast(visit_id as varchar) as visit_id,
        cast(source as varchar) as source,
        cast(account_id as varchar) as account_id,
        cast(scope as varchar) as scope,
        cast(url as varchar) as url,
        cast(fetched_at as timestamp) as fetched_at,
        cast(outcome as varchar) as outcome,
        cast(http_status as bigint) as http_status,
        cast(content_type as varchar) as content_type,
        cast(payload_digest as varchar) as payload_digest,
        cast(etag as varchar) as etag,
        cast(last_modified as varchar) as last_modified,
        cast(n_bytes as bigint) as n_bytes,
        cast(truncated as boolean) as truncated,
        cast(redirect_chain as varchar[]) as redirect_chain,
        cast(warc_file as varchar) as warc_file,
        cast(warc_offset as bigint) as warc_offset,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
