-- What was said of each account on each day.
with history as (
    select * from {{ source('published', 'account_score_history') }}
),

final_cte as (
    select
        account_id || '/' || offer || '/' || as_of as score_day_id,
        account_id,
        offer,
        as_of,
        state,
        is_written_down,
        probability,
        lift
    from history
)

select * from final_cte
