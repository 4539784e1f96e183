-- Scores of the newest day, one row an account and offer.
with scores as (
    select * from {{ source('published', 'account_scores') }}
),

final_cte as (
    select
        account_id || '/' || offer as score_id,
        account_id,
        offer,
        as_of,
        state,
        window_state,
        play,
        talk_to_role,
        probability,
        base_rate,
        lift,
        attention_rank,
        is_listed
    from scores
)

select * from final_cte
