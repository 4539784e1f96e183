-- What became of every procedure where an account is buyer or winner. A notice counts
-- once however many publishers it has; a correction moves dates and is no new step; an
-- award or a cancellation closes the procedure, a competition after it opens it again.
with notices as (
    select * from {{ ref('hist_notices') }}
),

distinct_notices as (
    select *
    from notices
    qualify
        row_number() over (
            partition by account_id, role, notice_key order by known_at, source, notice_id
        ) = 1
),

steps as (
    select
        *,
        case
            when notice_type in ('planning', 'market_dialogue') then 'planned'
            when notice_type = 'competition' then 'open'
            when notice_type = 'intention' then 'intended'
            when notice_type = 'award' then 'awarded'
            when notice_type = 'cancelled' then 'cancelled'
        end as state
    from distinct_notices
),

final_cte as (
    select
        account_id,
        role,
        chain_id,
        coalesce(
            arg_max(state, (published_at, known_at, notice_id)) filter (where state is not null), 'other'
        ) as state,
        case
            when
                arg_max(state, (published_at, known_at, notice_id)) filter (where state is not null)
                in ('awarded', 'cancelled')
                then max(published_at) filter (where state is not null)
        end as closed_at,
        min(published_at) filter (where state = 'planned') as planned_at,
        min(published_at) filter (where state = 'open') as opened_at,
        min(published_at) filter (where state = 'awarded') as awarded_at,
        min(published_at) filter (where state = 'cancelled') as cancelled_at,
        arg_max(coalesce(deadline_at, request_deadline_at), (published_at, known_at, notice_id))
        filter (where coalesce(deadline_at, request_deadline_at) is not null) as deadline_at,
        count(*) as n_notices,
        count(*) filter (where corrects_notice is not null) as n_corrections,
        min(known_at) as known_at
    from steps
    group by account_id, role, chain_id
)

select * from final_cte
