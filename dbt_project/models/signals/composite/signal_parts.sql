-- What each signal of a pattern is made of: one row per part, in the order of the steps.
with numbered as (
    select
        {{ event_id(['account_id', 'signal_type', 'subject', 'effective_lo', 'effective_hi']) }} as signal_id,
        account_id,
        signal_type,
        effective_pt,
        part_ids,
        unnest(range(1, len(part_ids) + 1)) as part_no
    from {{ ref('sig_composite') }}
),

composite as (
    select
        signal_id,
        account_id,
        signal_type,
        effective_pt,
        part_ids[part_no] as part_signal_id,
        part_no
    from numbered
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
