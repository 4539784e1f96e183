-- Predecessor and successor of one slot: gone and appeared within 120 days of each other.
-- Each move belongs to at most one pair, the first that could be known.
{%- set reach_days = 120 %}
with moves as (
    select * from {{ ref('leadership_moves') }}
    -- Who holds a role for the time being replaces nobody.
    where seniority >= 3 and not (function = 'general' and seniority = 4) and not is_interim
),

pairs as (
    select
        successor.account_id,
        successor.move_id as appeared_move_id,
        predecessor.move_id as gone_move_id,
        greatest(successor.known_at, predecessor.known_at) as known_at,
        predecessor.superseded_at,
        abs(date_diff('second', predecessor.effective_pt, successor.effective_pt)) as distance
    from moves as successor
    inner join moves as predecessor
        on
            successor.account_id = predecessor.account_id
            and successor.function = predecessor.function
            and successor.seniority = predecessor.seniority
            and successor.name_ends <> predecessor.name_ends
            and successor.event = 'appeared'
            and predecessor.event = 'gone'
            and successor.effective_lo - predecessor.effective_hi <= interval {{ reach_days }} day
            and predecessor.effective_lo - successor.effective_hi <= interval {{ reach_days }} day
    where
        successor.function <> 'unknown'
        and coalesce(
            predecessor.superseded_at > greatest(successor.known_at, predecessor.known_at), true
        )
),

ranked as (
    select
        *,
        row_number() over (
            partition by appeared_move_id order by known_at, distance, gone_move_id
        ) as rank_of_successor,
        row_number() over (
            partition by gone_move_id order by known_at, distance, appeared_move_id
        ) as rank_of_predecessor
    from pairs
),

final_cte as (
    select
        account_id,
        appeared_move_id,
        gone_move_id,
        known_at,
        superseded_at
    from ranked
    where rank_of_successor = 1 and rank_of_predecessor = 1
)

select * from final_cte
