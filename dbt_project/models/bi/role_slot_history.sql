-- Published: one row per tenure of a role slot (function and seniority), with who held it
-- before and after, and whether it stands empty, as far as seen now.
with slots as (
    select * from {{ ref('hist_role_slots') }}
),

standing as (
    -- An end that was withdrawn is none.
    select *
    from slots
    qualify
        row_number() over (
            partition by tenure_id
            order by
                case when ended_known_at is not null and end_superseded_at is null then 0 else 1 end,
                ended_known_at
        ) = 1
),

tenures as (
    select
        * exclude (to_lo, to_hi, ended_by, ended_known_at, end_superseded_at),
        case when end_superseded_at is null then to_lo end as to_lo,
        case when end_superseded_at is null then to_hi end as to_hi,
        case when end_superseded_at is null then ended_by end as ended_by,
        case when end_superseded_at is null then ended_known_at end as ended_known_at
    from standing
),

neighbours as (
    -- Ends within 120 days of the beginning, the nearest one first.
    select
        later.tenure_id,
        earlier.tenure_id as earlier_id
    from tenures as later
    inner join tenures as earlier
        on
            later.account_id = earlier.account_id
            and later.source = earlier.source
            and later.function = earlier.function
            and later.seniority = earlier.seniority
            and later.person_key <> earlier.person_key
            and not later.is_left_censored
            and abs(date_diff('day', earlier.to_hi, later.from_hi)) <= 120
    qualify
        row_number() over (
            partition by later.tenure_id
            order by abs(date_diff('second', earlier.to_hi, later.from_hi)), earlier.tenure_id
        ) = 1
        and row_number() over (
            partition by earlier.tenure_id
            order by abs(date_diff('second', earlier.to_hi, later.from_hi)), later.tenure_id
        ) = 1
),

open_slots as (
    select distinct
        account_id,
        source,
        function,
        seniority
    from tenures
    where to_hi is null
),

final_cte as (
    select
        tenures.tenure_id,
        tenures.account_id,
        tenures.source,
        tenures.function,
        tenures.seniority,
        tenures.is_interim,
        tenures.person_key,
        tenures.name,
        tenures.title,
        tenures.from_lo as held_from_lo,
        tenures.from_hi as held_from_hi,
        tenures.is_left_censored,
        tenures.to_lo as held_to_lo,
        tenures.to_hi as held_to_hi,
        tenures.ended_by,
        before.name as predecessor_name,
        before.from_hi as predecessor_from_hi,
        before.is_left_censored as predecessor_is_left_censored,
        before.to_hi as predecessor_to_hi,
        successors.name as successor_name,
        successors.from_hi as successor_from_hi,
        tenures.to_hi is not null
        and open_slots.account_id is null
        and successors.tenure_id is null as is_vacant,
        tenures.known_at,
        tenures.ended_known_at,
        {{ legal_basis() }} as legal_basis,
        {{ notice_due_on('tenures.from_hi') }} as notice_due_on
    from tenures
    left join neighbours as behind on tenures.tenure_id = behind.tenure_id
    left join tenures as before on behind.earlier_id = before.tenure_id
    left join neighbours as ahead on tenures.tenure_id = ahead.earlier_id
    left join tenures as successors on ahead.tenure_id = successors.tenure_id
    left join open_slots
        on
            tenures.account_id = open_slots.account_id
            and tenures.source = open_slots.source
            and tenures.function = open_slots.function
            and tenures.seniority = open_slots.seniority
)

select * from final_cte
