-- What each signal of a pattern is made of: one row per part, in the order of the steps.
with composite as (
    select
        {{ event_id(['account_id', 'signal_type', 'subject', 'effective_lo', 'effective_hi']) }} as signal_id,
        account_id,
        signal_type,
        effective_pt,
        unnest(part_ids) as part_signal_id,
        generate_subscripts(part_ids, 1) as part_no
    from {{ ref('sig_composite') }}
),

atomic as (
    select * from {{ ref('signals_atomic') }}
),

final_cte as (
    select
        composite.signal_id,
        cast(composite.part_no as bigint) as part_no,
        composite.account_id,
        composite.signal_type,
        composite.part_signal_id,
        atomic.signal_type as part_signal_type,
        atomic.effective_pt as part_effective_pt,
        atomic.known_at as part_known_at,
        cast(date_diff('day', atomic.effective_pt, composite.effective_pt) as bigint) as age_days
    from composite
    inner join atomic on composite.part_signal_id = atomic.signal_id
)

select * from final_cte
