{#- A press text and a page tell of one move when they are at most so far apart. -#}
{%- set reach_days = 120 -%}
-- Leading posts taken and left as press texts tell it. What only the press says counts 0.7
-- (a stock exchange announcement 0.8); when page or register show the same person's move
-- within 120 days, their telling is told anew with both (1.0) and both former ones give
-- way: one event, one contribution (SCIENCE 2.5). A person stands only in a public role.
with announced as (
    select * from {{ ref('hist_announcement_events') }}
    where event_family = 'leadership' and person_name is not null
),

title_classes as (
    select * from {{ ref('hist_title_classes') }}
),

moves as (
    select * from {{ ref('leadership_moves') }}
),

page_signals as (
    select * from {{ ref('sig_leadership') }}
),

classed as (
    select
        announced.*,
        case announced.signal_type when 'departed' then 'gone' else 'appeared' end as event,
        title_classes.function,
        title_classes.seniority,
        coalesce(announced.stated_at, announced.known_at) as happened_at,
        trim(regexp_replace(lower(announced.person_name), '[^\p{L}]+', ' ', 'g')) as name_words
    from announced
    inner join title_classes on announced.person_title = title_classes.title
    where
        -- Old news that resurfaces, and what was there on the first day, are no change.
        coalesce(announced.stated_at >= announced.known_at - interval {{ reach_days }} day, true)
        and (announced.before_visit_id is not null or announced.evidence_class = 'filed_act')
        and (
            title_classes.seniority in (3, 4)
            or (title_classes.seniority = 2 and title_classes.function <> 'unknown')
        )
),

named as (
    select
        *,
        split_part(name_words, ' ', 1) || ' ' || split_part(name_words, ' ', -1) as name_ends
    from classed
),

told as (
    -- The first text of a move; feed, site and press room repeat each other.
    select *
    from named
    qualify
        coalesce(
            known_at - lag(known_at) over (
                partition by account_id, name_ends, event order by known_at, evidence_id
            ) > interval {{ reach_days }} day, true
        )
),

page_tellings as (
    select distinct
        page_signals.*,
        moves.event,
        moves.name_ends
    from page_signals
    inner join moves
        on
            page_signals.account_id = moves.account_id
            and page_signals.effective_lo = moves.effective_lo
            and page_signals.effective_hi = moves.effective_hi
            and page_signals.person_name = moves.person_name
),

matches as (
    select
        told.evidence_id,
        page_tellings.*,
        greatest(page_tellings.known_at, told.known_at) as told_at
    from told
    inner join page_tellings
        on
            told.account_id = page_tellings.account_id
            and told.name_ends = page_tellings.name_ends
            and told.event = page_tellings.event
            and abs(date_diff('day', told.happened_at, page_tellings.effective_pt)) <= {{ reach_days }}
),

first_matches as (
    select
        evidence_id,
        min(told_at) as told_at
    from matches
    group by evidence_id
),

chiefs as (
    -- Chief executives who came and went, by page, register and press.
    select
        account_id,
        name_ends,
        event,
        effective_pt as happened_at,
        known_at,
        superseded_at,
        cast(null as varchar) as evidence_id
    from moves
    where function = 'general' and seniority = 4 and not is_interim
    union all
    select
        account_id,
        name_ends,
        event,
        happened_at,
        known_at,
        cast(null as timestamp) as superseded_at,
        evidence_id
    from told
    where function = 'general' and seniority = 4 and signal_type <> 'appointed_interim'
),

successors as (
    -- Who left stands until somebody else has come: one change, one contribution.
    select
        gone.evidence_id,
        min(came.known_at) as successor_at
    from chiefs as gone
    inner join chiefs as came
        on
            gone.account_id = came.account_id
            and gone.name_ends <> came.name_ends
            and gone.event = 'gone'
            and came.event = 'appeared'
            and abs(date_diff('day', gone.happened_at, came.happened_at)) <= {{ reach_days }}
            and coalesce(came.superseded_at > gone.known_at, true)
    where gone.evidence_id is not null
    group by gone.evidence_id
),

page_departures as (
    -- Told on a page, and who came is told by the press.
    select
        told.evidence_id,
        arg_min(
            {{ event_id([
                'gone.account_id', 'gone.signal_type', 'gone.subject', 'gone.effective_lo', 'gone.effective_hi'
            ]) }},
            (gone.known_at, gone.subject)
        ) as retells
    from told
    inner join page_tellings as gone
        on
            told.account_id = gone.account_id
            and told.name_ends <> gone.name_ends
            and told.event = 'appeared'
            and gone.event = 'gone'
            and gone.signal_type = 'ceo_change'
            and abs(date_diff('day', told.happened_at, gone.effective_pt)) <= {{ reach_days }}
            and coalesce(gone.superseded_at > told.known_at, true)
    where told.function = 'general' and told.seniority = 4 and told.signal_type <> 'appointed_interim'
    group by told.evidence_id
),

alone as (
    select
        told.account_id,
        case
            when told.signal_type = 'appointed_interim' then 'interim_leader'
            when told.function = 'general' and told.seniority = 4 then 'ceo_change'
            when told.event = 'gone' then 'functional_leader_departed'
            else 'functional_leader_appointed'
        end as signal_type,
        concat_ws(':', told.function, told.seniority, told.name_words, told.event) as subject,
        coalesce(told.stated_at, told.before_at) as effective_lo,
        told.happened_at as effective_hi,
        told.happened_at as effective_pt,
        told.known_at,
        least(first_matches.told_at, successors.successor_at) as superseded_at,
        case told.seniority when 4 then 1.0 when 3 then 0.8 else 0.4 end
        * case when told.event = 'gone' then 0.5 else 1.0 end
        * case when told.evidence_class = 'filed_act' then 0.8 else 0.7 end as strength,
        told.evidence_class,
        told.before_visit_id as before_ref,
        told.visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words('coalesce(told.quote, told.title)') }} as quote_after,
        told.function,
        cast(told.seniority as bigint) as seniority,
        told.person_name,
        told.person_title,
        told.source,
        told.url,
        page_departures.retells
    from told
    left join first_matches on told.evidence_id = first_matches.evidence_id
    left join successors on told.evidence_id = successors.evidence_id
    left join page_departures on told.evidence_id = page_departures.evidence_id
    where
        coalesce(first_matches.told_at > told.known_at, true)
        and coalesce(successors.successor_at > told.known_at, true)
),

together as (
    select
        account_id,
        signal_type,
        subject || ':stated:corroborated' as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        told_at as known_at,
        superseded_at,
        least(1.0, strength / 0.8) as strength,
        evidence_class,
        before_ref,
        after_ref,
        quote_before,
        quote_after,
        function,
        seniority,
        person_name,
        person_title,
        source,
        url,
        {{ event_id(['account_id', 'signal_type', 'subject', 'effective_lo', 'effective_hi']) }} as retells
    from matches
    where
        -- Register and site together are the whole of it already.
        subject not like '%:corroborated'
        and coalesce(superseded_at > told_at, true)
    qualify
        row_number() over (
            partition by account_id, signal_type, subject, effective_lo, effective_hi
            order by told_at, evidence_id
        ) = 1
),

final_cte as (
    select
        *,
        cast(null as double) as p_value,
        cast(null as double) as effect
    from alone
    union all by name
    select
        *,
        cast(null as double) as p_value,
        cast(null as double) as effect
    from together
)

select * from final_cte
