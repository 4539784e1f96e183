-- Procurement notices in which the account is the buyer. A notice is a formal act filed in
-- the official notice database and carries its own date, so it needs no capture before it.
-- Notices of one procedure and kind are one event: a corrigendum is not counted again,
-- nor the same notice from another publisher.
-- Awards an account has won are left out: they say nothing of what it needs.
with notices as (
    select * from {{ ref('hist_notices') }}
    where role = 'buyer'
),

typed as (
    select
        *,
        case notice_type
            when 'market_dialogue' then 'market_dialogue'
            when 'planning' then 'tender_planning'
            when 'competition' then 'tender_open'
            when 'cancelled' then 'tender_cancelled'
            when 'award' then 'contract_awarded'
        end as signal_type
    from notices
    where
        notice_type in ('market_dialogue', 'planning', 'competition', 'cancelled', 'award')
        and published_at >= known_at - interval 365 day
),

first_of_chain as (
    select *
    from typed
    qualify
        coalesce(
            known_at - lag(known_at) over (
                partition by account_id, signal_type, chain_id
                order by known_at, published_at, notice_id
            ) > interval 365 day,
            row_number() over (
                partition by account_id, signal_type, chain_id
                order by known_at, published_at, notice_id
            ) = 1
        )
),

final_cte as (
    select
        account_id,
        signal_type,
        notice_id as subject,
        published_at as effective_lo,
        published_at as effective_hi,
        published_at as effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        1.0 as strength,
        cast(null as double) as p_value,
        'filed_act' as evidence_class,
        cast(null as varchar) as before_ref,
        visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words('title') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        source,
        url
    from first_of_chain
)

select * from final_cte
