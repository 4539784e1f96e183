-- Who came into and went out of a role slot (function and seniority), from the site and
-- the register, each with the magnitude of SCIENCE 2.5 before the match with an offer.
-- Nothing that was there when observation began is a move.
with people_events as (
    select * from {{ ref('hist_people_events') }}
),

people_titles as (
    select * from {{ ref('hist_people_titles') }}
),

registry_roles as (
    select * from {{ ref('hist_registry_roles') }}
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

site_moves as (
    select
        event_id as move_id,
        account_id,
        person_key,
        name as person_name,
        title as person_title,
        function,
        seniority,
        source,
        url,
        event,
        'external' as origin,
        true as is_new_slot,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        -- One of many in one edit of a list is no move.
        least(superseded_at, bulk_known_at) as superseded_at,
        before_visit_id,
        after_visit_id,
        quote_before,
        quote_after
    from people_events
    where
        not is_left_censored
        and coalesce(bulk_known_at > known_at, true)
        and before_visit_id is not null
        and after_visit_id is not null
),

title_steps as (
    select
        *,
        lag(function) over versions as previous_function,
        lag(seniority) over versions as previous_seniority,
        lag(is_interim) over versions as previous_is_interim
    from people_titles
    window versions as (partition by account_id, source, person_key order by version_no)
),

internal_moves as (
    -- The same person under a title of another slot: a move within the company.
    select
        {{ event_id([
            'title_steps.account_id',
            'title_steps.source',
            'title_steps.person_key',
            "'moved'",
            'title_steps.version_no',
        ]) }} as move_id,
        title_steps.account_id,
        title_steps.person_key,
        title_steps.name as person_name,
        title_steps.title as person_title,
        title_steps.function,
        title_steps.seniority,
        title_steps.source,
        title_steps.url,
        'appeared' as event,
        'internal' as origin,
        (
            (title_steps.function, title_steps.seniority)
            is distinct from (title_steps.previous_function, title_steps.previous_seniority)
        ) as is_new_slot,
        visits.fetched_at as effective_lo,
        title_steps.valid_from as effective_hi,
        visits.fetched_at + (title_steps.valid_from - visits.fetched_at) / 2 as effective_pt,
        title_steps.known_at,
        title_steps.reworded_known_at as superseded_at,
        title_steps.before_visit_id,
        title_steps.after_visit_id,
        title_steps.quote_before,
        title_steps.quote_after
    from title_steps
    inner join visits on title_steps.before_visit_id = visits.visit_id
    where
        title_steps.version_no > 1
        and coalesce(title_steps.reworded_known_at > title_steps.known_at, true)
        and (title_steps.function, title_steps.seniority, title_steps.is_interim)
        is distinct from (
            title_steps.previous_function,
            title_steps.previous_seniority,
            title_steps.previous_is_interim
        )
),

registry_moves as (
    -- The register knows one of our roles: the chief executive.
    select
        registry_roles.event_id as move_id,
        registry_roles.account_id,
        registry_roles.holder_key as person_key,
        registry_roles.holder_name as person_name,
        'Daglig leder' as person_title,
        'general' as function,
        4 as seniority,
        registry_roles.source,
        visits.url,
        registry_roles.event,
        'filed' as origin,
        true as is_new_slot,
        registry_roles.effective_lo,
        registry_roles.effective_hi,
        registry_roles.effective_pt,
        registry_roles.known_at,
        registry_roles.superseded_at,
        registry_roles.before_visit_id,
        registry_roles.after_visit_id,
        cast(null as varchar) as quote_before,
        {{ first_words("'Daglig leder: ' || registry_roles.holder_name") }} as quote_after
    from registry_roles
    inner join visits on registry_roles.after_visit_id = visits.visit_id
    where
        registry_roles.role_class = 'chief_executive'
        and registry_roles.event = 'appeared'
        and not registry_roles.is_left_censored
        and registry_roles.before_visit_id is not null
),

all_moves as (
    select * from site_moves
    union all by name
    select * from internal_moves
    union all by name
    select * from registry_moves
),

worded as (
    select
        all_moves.*,
        coalesce(classes.is_interim, false) as is_interim,
        coalesce(classes.is_during_leave, false) as is_during_leave,
        trim(regexp_replace(lower(all_moves.person_name), '[^\p{L}]+', ' ', 'g')) as name_words
    from all_moves
    left join classes on all_moves.person_title = classes.title
),

leaves as (
    -- A title that tells of a leave: its holder's, or that of whoever stands in.
    select
        people_titles.account_id,
        people_titles.function,
        people_titles.valid_from as leave_at,
        people_titles.known_at
    from people_titles
    inner join classes on people_titles.title = classes.title
    where classes.is_during_leave
),

during_leaves as (
    -- Who is on leave has not left, and who stands in comes back to what was before.
    select
        worded.move_id,
        min(leaves.known_at) as leave_known_at
    from worded
    inner join leaves
        on
            worded.account_id = leaves.account_id
            and worded.function = leaves.function
            and (worded.event = 'gone' or worded.is_interim)
            and abs(date_diff('day', worded.effective_pt, leaves.leave_at)) <= 120
    group by worded.move_id
),

final_cte as (
    select
        worded.* exclude (name_words, is_during_leave, superseded_at),
        least(worded.superseded_at, during_leaves.leave_known_at) as superseded_at,
        -- Registers print middle names that sites leave out.
        split_part(name_words, ' ', 1) || ' ' || split_part(name_words, ' ', -1) as name_ends,
        case seniority when 5 then 0.6 when 4 then 1.0 when 3 then 0.8 else 0.4 end
        * case when event = 'gone' then 0.5 when origin = 'internal' then 0.6 else 1.0 end
        * {{ interval_weight('effective_lo', 'effective_hi') }} as magnitude
    from worded
    left join during_leaves on worded.move_id = during_leaves.move_id
    where
        (seniority >= 3 or (seniority = 2 and function <> 'unknown'))
        -- Owners and board members on a page lead no function.
        and not (seniority = 5 and function in ('general', 'unknown'))
        and not worded.is_during_leave
        and coalesce(during_leaves.leave_known_at > worded.known_at, true)
)

select * from final_cte
