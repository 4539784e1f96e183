-- Signals that stand, one row an event.
with signals as (
    select * from {{ source('published', 'signals') }}
),

final_cte as (
    select
        signal_id,
        account_id,
        signal_type,
        family,
        awareness,
        source,
        status,
        strength,
        cast(known_at as date) as known_on
    from signals
    where superseded_at is null
)

select * from final_cte
