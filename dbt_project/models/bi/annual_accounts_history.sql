-- Published: annual accounts as they were filed.
with annual_accounts as (
    select * from {{ ref('hist_annual_accounts') }}
),

final_cte as (
    select
        account_id,
        source,
        org_number,
        accounts_id,
        accounts_type,
        period_from,
        period_to,
        currency,
        revenue,
        operating_costs,
        operating_result,
        result_before_tax,
        result,
        total_assets,
        equity,
        debt,
        is_unaudited,
        is_liquidation,
        is_correction,
        known_at,
        superseded_at
    from annual_accounts
)

select * from final_cte
