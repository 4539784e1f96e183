-- Published: values of register fields, and role holders as group/role/holder, over time.
with fields as (
    select * from {{ ref('hist_registry') }}
),

roles as (
    select * from {{ ref('hist_registry_roles') }}
),

role_spells as (
    select
        *,
        lead(effective_hi) over (
            partition by account_id, org_number, group_code, role_code, holder_key
            order by effective_hi
        ) as gone_at
    from roles
),

final_cte as (
    select
        account_id,
        org_number,
        field,
        value,
        valid_from,
        valid_to,
        known_at,
        is_correction
    from fields
    union all
    select
        account_id,
        org_number,
        concat_ws('/', group_code, role_code, holder_key) as field,
        holder_name as value,
        effective_hi as valid_from,
        gone_at as valid_to,
        known_at,
        false as is_correction
    from role_spells
    where event = 'appeared'
)

select * from final_cte
