{{ config(materialized='landed', meta={'source': 'observed.notices'}) }}
with source_rows as (
    select * from {{ landed('observed', 'notices') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(notice_id as varchar) as notice_id,
        cast(notice_uuid as varchar) as notice_uuid,
        cast(procedure_id as varchar) as procedure_id,
        cast(corrects_notice as varchar) as corrects_notice,
        cast(follows_notices as varchar[]) as follows_notices,
        cast(notice_type as varchar) as notice_type,
        cast(source_type as varchar) as source_type,
        cast(title as varchar) as title,
        cast(description as varchar) as description,
        cast(party_role as varchar) as party_role,
        cast(party_org_number as varchar) as party_org_number,
        cast(party_foreign_number as varchar) as party_foreign_number,
        cast(party_name as varchar) as party_name,
        cast(party_country as varchar) as party_country,
        cast(lot_ids as varchar[]) as lot_ids,
        cast(cpv as varchar[]) as cpv,
        cast(value as double) as value,
        cast(currency as varchar) as currency,
        cast(published_at as timestamp) as published_at,
        cast(deadline_at as timestamp) as deadline_at,
        cast(request_deadline_at as timestamp) as request_deadline_at,
        cast(contract_start_on as date) as contract_start_on,
        cast(contract_end_on as date) as contract_end_on,
        cast(concluded_on as date) as concluded_on,
        cast(duration_months as double) as duration_months,
        cast(renewals as bigint) as renewals,
        cast(is_framework as boolean) as is_framework,
        cast(is_detail as boolean) as is_detail,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
