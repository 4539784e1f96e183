-- Published: notices where the account is buyer or winner.
with notices as (
    select * from {{ ref('hist_notices') }}
),

final_cte as (
    select
        account_id,
        notice_id,
        procedure_id,
        notice_type,
        role,
        title,
        cpv,
        value,
        currency,
        published_at,
        deadline_at,
        known_at
    from notices
    qualify
        row_number() over (
            partition by account_id, notice_id, role order by known_at, source
        ) = 1
)

select * from final_cte
