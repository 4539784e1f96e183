{{ config(materialized='landed', meta={'source': 'observed.announcements'}) }}
with source_rows as (
    select * from {{ landed('observed', 'announcements') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(announcement_id as varchar) as announcement_id,
        cast(category as varchar) as category,
        cast(event_type as varchar) as event_type,
        cast(source_type as varchar) as source_type,
        cast(title as varchar) as title,
        cast(text as varchar) as text,
        cast(terms as varchar[]) as terms,
        cast(language as varchar) as language,
        cast(published_at as timestamp) as published_at,
        cast(effective_on as date) as effective_on,
        cast(party_role as varchar) as party_role,
        cast(party_org_number as varchar) as party_org_number,
        cast(party_name as varchar) as party_name,
        cast(amount as double) as amount,
        cast(currency as varchar) as currency,
        cast(corrects_id as varchar) as corrects_id,
        cast(announcement_url as varchar) as announcement_url,
        cast(is_detail as boolean) as is_detail,
        cast(event_claims as varchar[]) as event_claims,
        cast(claimed_parties as varchar[]) as claimed_parties,
        cast(
            statements as struct(
                claim varchar, subject varchar, object varchar, person varchar, title varchar, quote varchar
            )[]
        ) as statements,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
