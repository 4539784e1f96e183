-- What happens to a leadership as a whole: slots added, removed and renamed together,
-- founders who leave, many leaders gone in half a year, and lists that were written anew.
-- A claim rests on its members; it is withdrawn when too few of them stand.
{%- set restructure_days = 60 %}
{%- set cluster_days = 180 %}
with moves as (
    select * from {{ ref('leadership_moves') }}
),

slots as (
    select * from {{ ref('hist_role_slots') }}
),

people_events as (
    select * from {{ ref('hist_people_events') }}
),

people_titles as (
    select * from {{ ref('hist_people_titles') }}
),

registry_roles as (
    select * from {{ ref('hist_registry_roles') }}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

lists as (
    select * from {{ ref('hist_people_lists') }}
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
),

-- Slots that were added, removed or renamed --------------------------------------------
leader_moves as (
    -- A head of a function is of the leadership where the list is short.
    select
        moves.*,
        lists.n_seen as n_after
    from moves
    left join lists on moves.after_visit_id = lists.visit_id
    where
        moves.origin <> 'filed'
        and not moves.is_interim
        and moves.is_new_slot
        and moves.function <> 'unknown'
        and (moves.seniority >= 3 or lists.n_seen <= 25)
),

holders_of_function as (
    -- For every move whether anybody else held the function before it, and who holds it
    -- after it, as known.
    select
        leader_moves.move_id,
        bool_or(coalesce(
            slots.from_hi < leader_moves.effective_hi and slots.known_at <= leader_moves.known_at, false
        )) as was_held,
        bool_or(coalesce(
            slots.known_at <= leader_moves.known_at and not {{ has_ended_by('slots', 'leader_moves.known_at') }},
            false
        )) as is_held,
        min(slots.known_at) filter (
            where
            slots.known_at > leader_moves.known_at
            and slots.from_hi - leader_moves.effective_hi <= interval 120 day
        ) as filled_known_at
    from leader_moves
    left join slots
        on
            leader_moves.account_id = slots.account_id
            and leader_moves.source = slots.source
            and leader_moves.function = slots.function
            and leader_moves.person_key <> slots.person_key
    group by leader_moves.move_id
),

slot_changes as (
    select
        leader_moves.account_id,
        leader_moves.move_id,
        leader_moves.function,
        leader_moves.seniority,
        leader_moves.effective_lo,
        leader_moves.effective_hi,
        leader_moves.effective_pt,
        leader_moves.known_at,
        leader_moves.before_visit_id,
        leader_moves.after_visit_id,
        leader_moves.quote_before,
        leader_moves.quote_after,
        leader_moves.source,
        leader_moves.url,
        case
            when leader_moves.origin = 'internal' then 'renamed'
            when leader_moves.event = 'appeared' then 'added'
            else 'removed'
        end as change,
        case
            when leader_moves.event = 'gone'
                then least(leader_moves.superseded_at, holders_of_function.filled_known_at)
            else leader_moves.superseded_at
        end as superseded_at
    from leader_moves
    inner join holders_of_function on leader_moves.move_id = holders_of_function.move_id
    where
        leader_moves.origin = 'internal'
        or (leader_moves.event = 'appeared' and not holders_of_function.was_held)
        or (leader_moves.event = 'gone' and not holders_of_function.is_held)
),

-- Slots that were vacated --------------------------------------------------------------
vacancies as (
    -- A successor who was listed before the departure is a planned handover.
    select departures.*
    from moves as departures
    anti join slots as successors
        on
            departures.account_id = successors.account_id
            and departures.function = successors.function
            and departures.seniority = successors.seniority
            and departures.person_key <> successors.person_key
            and departures.event = 'gone'
            and successors.from_hi <= departures.effective_lo
            and departures.effective_lo - successors.from_hi <= interval 120 day
            and not successors.is_left_censored
            and successors.known_at <= departures.known_at
    where departures.event = 'gone' and departures.seniority >= 3 and not departures.is_interim
),

members as (
    select
        *,
        'management_team_restructured' as signal_type,
        {{ restructure_days }} as reach,
        2 as needed,
        concat_ws(':', change, function, seniority) as member
    from slot_changes
    union all by name
    select
        account_id,
        move_id,
        function,
        seniority,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        before_visit_id,
        after_visit_id,
        quote_before,
        quote_after,
        source,
        url,
        'vacated' as change,
        superseded_at,
        'leadership_turnover_cluster' as signal_type,
        {{ cluster_days }} as reach,
        3 as needed,
        name_ends as member
    from vacancies
),

together as (
    -- For every member those within reach of it that were known and stood when it was.
    select
        latest.signal_type,
        latest.move_id,
        latest.needed,
        count(distinct fellows.member) as n_members,
        bool_or(fellows.change <> 'removed') as has_new_slot,
        min(fellows.effective_lo) as effective_lo,
        max(fellows.effective_hi) as effective_hi,
        arg_min(fellows.before_visit_id, (fellows.effective_lo, fellows.move_id)) as before_visit_id,
        arg_max(fellows.after_visit_id, (fellows.effective_hi, fellows.move_id)) as after_visit_id,
        arg_min(fellows.quote_before, (fellows.effective_lo, fellows.move_id)) as quote_before,
        max(fellows.seniority) as seniority,
        list_sort(list(fellows.superseded_at) filter (where fellows.superseded_at is not null)) as withdrawn
    from members as latest
    inner join members as fellows
        on
            latest.account_id = fellows.account_id
            and latest.signal_type = fellows.signal_type
            and latest.known_at >= fellows.known_at
            and abs(date_diff('day', latest.effective_pt, fellows.effective_pt)) <= latest.reach
            and coalesce(fellows.superseded_at > latest.known_at, true)
    group by latest.signal_type, latest.move_id, latest.needed
),

leaders_held as (
    -- How many leaders were listed when a cluster was complete.
    select
        members.move_id,
        count(distinct slots.person_key) as n_leaders
    from members
    inner join slots
        on
            members.account_id = slots.account_id
            and members.source = slots.source
            and slots.seniority >= 3
            and slots.known_at <= members.known_at
            and not {{ has_ended_by('slots', 'members.known_at') }}
    where members.signal_type = 'leadership_turnover_cluster'
    group by members.move_id
),

groups as (
    select
        members.account_id,
        members.signal_type,
        members.reach,
        members.move_id,
        members.known_at,
        members.source,
        members.url,
        together.* exclude (signal_type, move_id)
    from members
    inner join together
        on members.move_id = together.move_id and members.signal_type = together.signal_type
    left join leaders_held on members.move_id = leaders_held.move_id
    where
        together.n_members >= together.needed
        and together.has_new_slot
        -- Three of forty leaders in half a year is no cluster.
        and (
            members.signal_type <> 'leadership_turnover_cluster'
            or together.n_members >= 0.2 * (together.n_members + coalesce(leaders_held.n_leaders, 0))
        )
),

first_groups as (
    -- One claim while the same changes are within reach.
    select *
    from groups
    qualify
        coalesce(
            known_at - lag(known_at) over (partition by account_id, signal_type order by known_at, move_id)
            > interval 1 day * reach,
            true
        )
),

whole_leadership as (
    select
        account_id,
        signal_type,
        'leadership' as subject,
        effective_lo,
        effective_hi,
        effective_lo + (effective_hi - effective_lo) / 2 as effective_pt,
        known_at,
        -- Withdrawn with the member after which too few are left.
        withdrawn[n_members - needed + 1] as superseded_at,
        least(1.0, 0.25 * n_members) as strength,
        'observed_act' as evidence_class,
        before_visit_id,
        after_visit_id,
        quote_before,
        case
            when signal_type = 'leadership_turnover_cluster'
                then n_members || ' leaders no longer listed within ' || reach || ' days'
            else n_members || ' roles added, removed or renamed within ' || reach || ' days'
        end as quote_after,
        cast(null as varchar) as function,
        seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(n_members as double) as effect,
        source,
        url
    from first_groups
),

-- Founders -----------------------------------------------------------------------------
titled as (
    select
        people_titles.*,
        classes.is_founder,
        (people_titles.function = 'general' and people_titles.seniority = 4)
        or regexp_matches(
            {{ title_words('people_titles.title') }},
            ' (styre|board|chair|bestyrelse|hallituksen|styrelse)\p{L}* '
            || '| (ceo|daglig leder|dagleg leiar|adm dir|administrerende direktør|vd|toimitusjohtaja) '
        ) as leads
    from people_titles
    inner join classes on people_titles.title = classes.title
),

title_steps as (
    select
        *,
        lag(leads) over person as led,
        bool_or(is_founder) over person as was_founder
    from titled
    window
        person as (
            partition by account_id, source, person_key
            order by version_no
            rows between unbounded preceding and current row
        )
),

founders as (
    select
        account_id,
        source,
        person_key,
        arg_min(name, known_at) as name,
        min(known_at) as known_at
    from titled
    where is_founder
    group by account_id, source, person_key
),

founder_names as (
    select
        *,
        trim(regexp_replace(lower(name), '[^\p{L}]+', ' ', 'g')) as name_words
    from founders
),

named_founders as (
    select
        *,
        split_part(name_words, ' ', 1) || ' ' || split_part(name_words, ' ', -1) as name_ends
    from founder_names
),

role_names as (
    select
        *,
        trim(regexp_replace(lower(holder_name), '[^\p{L}]+', ' ', 'g')) as name_words
    from registry_roles
    where role_class in ('chief_executive', 'chair', 'deputy_chair', 'board_member')
),

exits as (
    select
        named_founders.account_id,
        named_founders.name_ends,
        people_events.name as person_name,
        people_events.title as person_title,
        people_events.effective_lo,
        people_events.effective_hi,
        people_events.effective_pt,
        greatest(people_events.known_at, named_founders.known_at) as known_at,
        least(people_events.superseded_at, people_events.bulk_known_at) as superseded_at,
        people_events.before_visit_id,
        people_events.after_visit_id,
        people_events.quote_before,
        people_events.quote_after,
        people_events.source,
        people_events.url,
        'observed_act' as evidence_class
    from people_events
    inner join named_founders using (account_id, source, person_key)
    where
        people_events.event = 'gone'
        and coalesce(people_events.bulk_known_at > people_events.known_at, true)
    union all by name
    -- Still listed, and no longer as who leads it or sits on its board.
    select
        named_founders.account_id,
        named_founders.name_ends,
        title_steps.name as person_name,
        title_steps.title as person_title,
        visits.fetched_at as effective_lo,
        title_steps.valid_from as effective_hi,
        visits.fetched_at + (title_steps.valid_from - visits.fetched_at) / 2 as effective_pt,
        title_steps.known_at,
        title_steps.reworded_known_at as superseded_at,
        title_steps.before_visit_id,
        title_steps.after_visit_id,
        title_steps.quote_before,
        title_steps.quote_after,
        title_steps.source,
        title_steps.url,
        'observed_act' as evidence_class
    from title_steps
    inner join named_founders using (account_id, source, person_key)
    inner join visits on title_steps.before_visit_id = visits.visit_id
    where
        title_steps.was_founder
        and title_steps.led
        and not title_steps.leads
        and coalesce(title_steps.reworded_known_at > title_steps.known_at, true)
    union all by name
    select
        named_founders.account_id,
        named_founders.name_ends,
        role_names.holder_name as person_name,
        case
            when role_names.role_class = 'chief_executive' then 'Daglig leder'
            when role_names.role_class = 'chair' then 'Styreleder'
            else 'Styremedlem'
        end as person_title,
        role_names.effective_lo,
        role_names.effective_hi,
        role_names.effective_pt,
        greatest(role_names.known_at, named_founders.known_at) as known_at,
        cast(null as timestamp) as superseded_at,
        role_names.before_visit_id,
        role_names.after_visit_id,
        cast(null as varchar) as quote_before,
        cast(null as varchar) as quote_after,
        role_names.source,
        visits.url,
        'filed_act' as evidence_class
    from role_names
    inner join named_founders
        on
            role_names.account_id = named_founders.account_id
            and split_part(role_names.name_words, ' ', 1) || ' ' || split_part(role_names.name_words, ' ', -1)
            = named_founders.name_ends
    inner join visits on role_names.after_visit_id = visits.visit_id
    -- From one seat of the board to another is no exit.
    anti join role_names as seated
        on
            role_names.account_id = seated.account_id
            and role_names.name_words = seated.name_words
            and role_names.role_class <> 'chief_executive'
            and seated.role_class <> 'chief_executive'
            and seated.event = 'appeared'
            and role_names.effective_hi = seated.effective_hi
    where role_names.event = 'gone' and role_names.before_visit_id is not null
),

founder_exits as (
    select
        account_id,
        'founder_exit' as signal_type,
        'founder:' || name_ends as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        0.8 * {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        evidence_class,
        before_visit_id,
        after_visit_id,
        quote_before,
        quote_after,
        'general' as function,
        4 as seniority,
        person_name,
        person_title,
        cast(null as double) as effect,
        source,
        url
    from exits
    where effective_hi - effective_lo <= interval 400 day
    qualify
        row_number() over (
            partition by account_id, name_ends order by known_at, evidence_class, effective_hi, person_title
        ) = 1
),

-- Lists --------------------------------------------------------------------------------
edits as (
    -- As it was known when the edit was known to be one.
    select
        account_id,
        source,
        event,
        after_visit_id,
        bulk_known_at,
        count(*) as n_people,
        string_agg(title, ', ' order by seniority desc, title) filter (where seniority >= 3) as leader_titles,
        max(effective_lo) as effective_lo,
        min(effective_hi) as effective_hi,
        arg_max(before_visit_id, (effective_lo, event_id)) as before_visit_id,
        min(url) as url
    from people_events
    where bulk_known_at is not null and known_at <= bulk_known_at
    group by account_id, source, event, after_visit_id, bulk_known_at
),

restored as (
    select
        account_id,
        source,
        event,
        after_visit_id,
        case when count(*) = count(superseded_at) then max(superseded_at) end as superseded_at
    from people_events
    where bulk_known_at is not null
    group by account_id, source, event, after_visit_id
),

list_edits as (
    select
        edits.account_id,
        case edits.event when 'gone' then 'scope_collapse' else 'scope_expansion' end as signal_type,
        'list:' || edits.url as subject,
        edits.effective_lo,
        edits.effective_hi,
        edits.effective_lo + (edits.effective_hi - edits.effective_lo) / 2 as effective_pt,
        edits.bulk_known_at as known_at,
        restored.superseded_at,
        1.0 as strength,
        'observed_act' as evidence_class,
        edits.before_visit_id,
        edits.after_visit_id,
        before_lists.n_seen || ' people listed' as quote_before,
        {{ first_words(
            "concat_ws(': ', edits.n_people"
            " || case edits.event when 'gone' then ' people left' else ' people came into' end"
            " || ' the list in one edit', edits.leader_titles)"
        ) }} as quote_after,
        cast(null as varchar) as function,
        cast(null as integer) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(edits.n_people as double) as effect,
        edits.source,
        edits.url
    from edits
    inner join restored using (account_id, source, event, after_visit_id)
    left join lists as before_lists on edits.before_visit_id = before_lists.visit_id
    where edits.before_visit_id is not null
),

all_signals as (
    select * from whole_leadership
    union all by name
    select * from founder_exits
    union all by name
    select * from list_edits
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        strength,
        cast(null as double) as p_value,
        evidence_class,
        before_visit_id as before_ref,
        after_visit_id as after_ref,
        quote_before,
        quote_after,
        function,
        cast(seniority as bigint) as seniority,
        person_name,
        person_title,
        effect,
        source,
        url
    from all_signals
)

select * from final_cte
