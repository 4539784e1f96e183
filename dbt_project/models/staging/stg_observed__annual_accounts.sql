{{ config(materialized='landed', meta={'source': 'observed.annual_accounts'}) }}
with source_rows as (
    select * from {{ landed('observed', 'annual_accounts') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(org_number as varchar) as org_number,
        cast(accounts_id as varchar) as accounts_id,
        cast(accounts_type as varchar) as accounts_type,
        cast(period_from as date) as period_from,
        cast(period_to as date) as period_to,
        cast(currency as varchar) as currency,
        cast(revenue as double) as revenue,
        cast(operating_costs as double) as operating_costs,
        cast(operating_result as double) as operating_result,
        cast(result_before_tax as double) as result_before_tax,
        cast(result as double) as result,
        cast(total_assets as double) as total_assets,
        cast(equity as double) as equity,
        cast(debt as double) as debt,
        cast(is_unaudited as boolean) as is_unaudited,
        cast(is_liquidation as boolean) as is_liquidation,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
