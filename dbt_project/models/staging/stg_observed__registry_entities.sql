{{ config(materialized='landed', meta={'source': 'observed.registry_entities'}) }}
with source_rows as (
    select * from {{ landed('observed', 'registry_entities') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(org_number as varchar) as org_number,
        cast(name as varchar) as name,
        cast(legal_form as varchar) as legal_form,
        cast(industry_code as varchar) as industry_code,
        cast(industry_codes as varchar[]) as industry_codes,
        cast(business_address as varchar) as business_address,
        cast(municipality as varchar) as municipality,
        cast(employees as bigint) as employees,
        cast(homepage as varchar) as homepage,
        cast(parent_org_number as varchar) as parent_org_number,
        cast(founded_on as date) as founded_on,
        cast(registered_on as date) as registered_on,
        cast(is_bankrupt as boolean) as is_bankrupt,
        cast(is_in_liquidation as boolean) as is_in_liquidation,
        cast(is_deleted as boolean) as is_deleted,
        cast(deleted_on as date) as deleted_on,
        cast(share_capital as double) as share_capital,
        cast(purpose as varchar) as purpose,
        cast(remarks as varchar[]) as remarks,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
