{#- An ad is copied to other sources within a week; later it is the next ad of that title. -#}
{%- set days_apart = 7 -%}
-- Which ads are one job: one row per spell of an ad in a source, with the job it belongs
-- to. A spell belongs to the job of a spell known earlier in another source when, at the
-- time it became known, that one was open (or closed for 14 days at most) and names the
-- same address, or the same title at a place they share and days of opening that lie a week
-- apart at most; of several the one of the nearest day, and the first of those that came in
-- together with the first. What becomes known later never changes it. A second ad of the same
-- source is another job.
with recursive ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

openings as (
    select
        event_id,
        account_id,
        source,
        job_key,
        spell_ref,
        spell_no,
        known_at,
        is_left_censored,
        addresses,
        {{ job_title_key('title') }} as title_key,
        {{ job_place_keys('place') }} as place_keys,
        -- The day that the source prints, where it may be so; else the days between two looks.
        case
            when effective_pt = posted_at then posted_at
            else coalesce(effective_lo, timestamp '1900-01-01')
        end as from_at,
        case when effective_pt = posted_at then posted_at else coalesce(effective_hi, known_at) end as to_at,
        -- What the company itself shows goes before what a feed tells at the same time.
        row_number() over (
            partition by account_id order by known_at, is_from_feed, source, posted_at, event_id
        ) as known_no
    from ad_events
    where event = 'opened'
),

opened as (
    -- Posts of one title that come in together: the first of one source is the first of another.
    select
        *,
        row_number() over (
            partition by account_id, source, title_key, place_keys, cast(known_at as date)
            order by known_no
        ) as together_no
    from openings
),

closed as (
    select * from ad_events
    where event = 'closed'
),

by_title as (
    select
        later.event_id,
        earlier.event_id as earlier_event_id,
        case when list_has_any(later.place_keys, earlier.place_keys) then 2 else 3 end as rank_no
    from opened as later
    inner join opened as earlier
        on
            later.account_id = earlier.account_id
            and later.title_key = earlier.title_key
            and later.source <> earlier.source
            and later.known_no > earlier.known_no
    where
        (
            list_has_any(later.place_keys, earlier.place_keys)
            or len(later.place_keys) = 0
            or len(earlier.place_keys) = 0
        )
        -- What stood there at the first look may have been moved there from another system.
        and (
            later.is_left_censored
            or greatest(later.from_at - earlier.to_at, earlier.from_at - later.to_at)
            <= interval {{ days_apart }} day
        )
),

addressed as (
    select
        * exclude (addresses),
        unnest(addresses) as address
    from opened
),

sharing_address as (
    select
        later.event_id,
        earlier.event_id as earlier_event_id,
        -- An address under which a source shows several titles names no position.
        min(earlier.title_key) over same_address as first_title,
        max(earlier.title_key) over same_address as last_title
    from addressed as later
    inner join addressed as earlier
        on
            later.account_id = earlier.account_id
            and later.address = earlier.address
            and later.source <> earlier.source
            and later.known_no > earlier.known_no
    window same_address as (partition by later.event_id, later.address, earlier.source)
),

candidates as (
    select
        event_id,
        earlier_event_id,
        min(rank_no) as rank_no
    from (
        select * from by_title
        union all
        select
            event_id,
            earlier_event_id,
            1 as rank_no
        from sharing_address
        where first_title = last_title
    ) as pairs
    group by event_id, earlier_event_id
),

long_closed as (
    select distinct
        candidates.event_id,
        candidates.earlier_event_id
    from candidates
    inner join opened as later on candidates.event_id = later.event_id
    inner join opened as earlier on candidates.earlier_event_id = earlier.event_id
    inner join closed
        on
            earlier.account_id = closed.account_id
            and earlier.source = closed.source
            and earlier.spell_ref = closed.spell_ref
            and earlier.spell_no = closed.spell_no
            and later.known_at > closed.known_at + interval 14 day
            and coalesce(closed.superseded_at > later.known_at, true)
),

nearest as (
    select
        candidates.event_id,
        candidates.earlier_event_id,
        candidates.rank_no,
        later.known_no,
        later.source,
        later.spell_ref,
        earlier.source as earlier_source
    from candidates
    inner join opened as later on candidates.event_id = later.event_id
    inner join opened as earlier on candidates.earlier_event_id = earlier.event_id
    anti join long_closed
        on
            candidates.event_id = long_closed.event_id
            and candidates.earlier_event_id = long_closed.earlier_event_id
    qualify
        row_number() over (
            partition by candidates.event_id
            order by
                candidates.rank_no,
                greatest(
                    later.from_at - earlier.to_at, earlier.from_at - later.to_at, interval 0 day
                ),
                later.together_no = earlier.together_no desc,
                cast(earlier.known_at as date) desc,
                earlier.known_no
        ) = 1
),

links as (
    -- The first ad of a source takes the place; only its own later spells share it.
    select
        nearest.event_id,
        nearest.earlier_event_id,
        nearest.rank_no,
        nearest.source,
        nearest.spell_ref,
        first_value(nearest.spell_ref) over (
            partition by nearest.earlier_event_id, nearest.source order by nearest.known_no
        ) = nearest.spell_ref as is_first_there
    from nearest
),

walk as (
    -- A link is taken when no other ad of its source stands between it and the job.
    select
        opened.event_id,
        opened.event_id as job_id,
        0 as steps,
        [{ 'source': opened.source, 'spell_ref': opened.spell_ref }] as spells
    from opened
    anti join links on opened.event_id = links.event_id
    union all
    select
        event_id,
        case when is_taken then job_id else event_id end as job_id,
        case when is_taken then steps + 1 else 0 end as steps,
        case
            when is_taken then list_append(spells, { 'source': source, 'spell_ref': spell_ref })
            else [{ 'source': source, 'spell_ref': spell_ref }]
        end as spells
    from (
        select
            links.event_id,
            links.source,
            links.spell_ref,
            walk.job_id,
            walk.steps,
            walk.spells,
            links.is_first_there
            and len(list_filter(
                walk.spells, spell -> spell.source = links.source and spell.spell_ref <> links.spell_ref
            )) = 0 as is_taken
        from walk
        inner join links on walk.event_id = links.earlier_event_id
    ) as reached
),

final_cte as (
    select
        opened.event_id,
        opened.account_id,
        opened.source,
        opened.spell_ref,
        opened.spell_no,
        opened.known_at,
        walk.job_id,
        roots.job_key,
        walk.steps = 0 as is_first,
        case if(walk.steps > 0, links.rank_no, null)
            when 1 then 'address'
            when 2 then 'title and place'
            when 3 then 'title'
        end as same_by
    from opened
    inner join walk on opened.event_id = walk.event_id
    inner join opened as roots on walk.job_id = roots.event_id
    left join links on opened.event_id = links.event_id
)

select * from final_cte
