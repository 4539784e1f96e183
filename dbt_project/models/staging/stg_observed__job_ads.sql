{{ config(materialized='landed', meta={'source': 'observed.job_ads'}) }}
with source_rows as (
    select * from {{ landed('observed', 'job_ads') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(ad_id as varchar) as ad_id,
        cast(ad_status as varchar) as ad_status,
        cast(title as varchar) as title,
        cast(employer_name as varchar) as employer_name,
        cast(employer_org_number as varchar) as employer_org_number,
        cast(place as varchar) as place,
        cast(description as varchar) as description,
        cast(terms as varchar[]) as terms,
        cast(department as varchar) as department,
        cast(posted_at as timestamp) as posted_at,
        cast(expires_at as timestamp) as expires_at,
        cast(modified_at as timestamp) as modified_at,
        cast(ad_url as varchar) as ad_url,
        cast(apply_url as varchar) as apply_url,
        cast(is_listing as boolean) as is_listing,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
