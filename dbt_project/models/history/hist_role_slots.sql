-- Who held a role slot (function and seniority) from when to when: one row per tenure and
-- claim of its end, from team pages and from the register. A tenure ends when its holder
-- leaves the list or takes a title of another slot; an end that was withdrawn stays in the
-- log. Who was there when observation began has held the slot for at least that long.
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

spells as (
    select
        appeared.account_id,
        appeared.source,
        appeared.person_key,
        appeared.spell_no,
        appeared.effective_lo,
        appeared.effective_hi,
        appeared.known_at,
        -- One of many who came in one edit may have been there before it.
        appeared.is_left_censored or coalesce(appeared.bulk_known_at is not null, false)
            as is_left_censored,
        min(gone.effective_hi) filter (where gone.superseded_at is null) as gone_hi
    from people_events as appeared
    left join people_events as gone
        on
            appeared.account_id = gone.account_id
            and appeared.source = gone.source
            and appeared.person_key = gone.person_key
            and appeared.spell_no = gone.spell_no
            and gone.event = 'gone'
    where appeared.event = 'appeared'
    group by all
),

spell_titles as (
    select
        spells.account_id,
        spells.source,
        spells.person_key,
        spells.spell_no,
        spells.is_left_censored,
        people_titles.name,
        people_titles.title,
        people_titles.function,
        people_titles.seniority,
        people_titles.is_interim,
        people_titles.url,
        people_titles.valid_from <= spells.effective_hi as is_from_start,
        case
            when people_titles.valid_from <= spells.effective_hi then spells.effective_lo
            else visits.fetched_at
        end as from_lo,
        greatest(people_titles.valid_from, spells.effective_hi) as from_hi,
        greatest(people_titles.known_at, spells.known_at) as known_at
    from spells
    inner join people_titles
        on
            spells.account_id = people_titles.account_id
            and spells.source = people_titles.source
            and spells.person_key = people_titles.person_key
            and coalesce(people_titles.valid_from < spells.gone_hi, true)
            and coalesce(people_titles.valid_to > spells.effective_hi, true)
    left join visits on people_titles.before_visit_id = visits.visit_id
),

steps as (
    select
        *,
        case
            when
                (
                    concat_ws('|', function, seniority, is_interim)
                    is distinct from lag(concat_ws('|', function, seniority, is_interim)) over spell
                )
                then 1
            else 0
        end as is_new_slot
    from spell_titles
    window
        spell as (
            partition by account_id, source, person_key, spell_no order by from_hi, known_at
        )
),

numbered as (
    select
        *,
        sum(is_new_slot) over (
            partition by account_id, source, person_key, spell_no
            order by from_hi, known_at
            rows unbounded preceding
        ) as slot_no
    from steps
),

tenures as (
    select
        account_id,
        source,
        person_key,
        spell_no,
        slot_no,
        function,
        seniority,
        is_interim,
        arg_min(name, (from_hi, known_at)) as name,
        arg_min(title, (from_hi, known_at)) as title,
        arg_min(url, (from_hi, known_at)) as url,
        arg_min(from_lo, (from_hi, known_at)) as from_lo,
        min(from_hi) as from_hi,
        min(known_at) as known_at,
        bool_or(is_left_censored and is_from_start) as is_left_censored
    from numbered
    group by account_id, source, person_key, spell_no, slot_no, function, seniority, is_interim
),

moved as (
    select
        account_id,
        source,
        person_key,
        spell_no,
        slot_no - 1 as slot_no,
        from_lo as to_lo,
        from_hi as to_hi,
        known_at as ended_known_at,
        cast(null as timestamp) as end_superseded_at,
        'moved' as ended_by
    from tenures
    where slot_no > 1
),

last_slots as (
    select
        account_id,
        source,
        person_key,
        spell_no,
        max(slot_no) as slot_no
    from tenures
    group by account_id, source, person_key, spell_no
),

left_list as (
    select
        people_events.account_id,
        people_events.source,
        people_events.person_key,
        people_events.spell_no,
        last_slots.slot_no,
        people_events.effective_lo as to_lo,
        people_events.effective_hi as to_hi,
        people_events.known_at as ended_known_at,
        people_events.superseded_at as end_superseded_at,
        'left' as ended_by
    from people_events
    inner join last_slots using (account_id, source, person_key, spell_no)
    where people_events.event = 'gone'
),

ends as (
    select * from moved
    union all
    select * from left_list
),

site_slots as (
    select
        tenures.* exclude (spell_no, slot_no),
        ends.to_lo,
        ends.to_hi,
        ends.ended_known_at,
        ends.end_superseded_at,
        ends.ended_by
    from tenures
    left join ends using (account_id, source, person_key, spell_no, slot_no)
    where tenures.function <> 'unknown' and tenures.seniority between 2 and 4
),

-- The register knows one of our slots: the chief executive.
chief_events as (
    select
        *,
        sum(case when event = 'appeared' then 1 else 0 end) over (
            partition by account_id, source, org_number, role_code, holder_key
            order by effective_hi, event desc
            rows unbounded preceding
        ) as tenure_no
    from registry_roles
    where role_class = 'chief_executive'
),

registry_slots as (
    select
        came.account_id,
        came.source,
        came.holder_key as person_key,
        'general' as function,
        4 as seniority,
        false as is_interim,
        came.holder_name as name,
        'Daglig leder' as title,
        visits.url,
        came.effective_lo as from_lo,
        came.effective_hi as from_hi,
        came.known_at,
        came.is_left_censored,
        went.effective_lo as to_lo,
        went.effective_hi as to_hi,
        went.known_at as ended_known_at,
        cast(null as timestamp) as end_superseded_at,
        case when went.event_id is not null then 'left' end as ended_by
    from chief_events as came
    left join visits on came.after_visit_id = visits.visit_id
    left join chief_events as went
        on
            came.account_id = went.account_id
            and came.source = went.source
            and came.org_number = went.org_number
            and came.role_code = went.role_code
            and came.holder_key = went.holder_key
            and came.tenure_no = went.tenure_no
            and went.event = 'gone'
    where came.event = 'appeared'
),

all_slots as (
    select * from site_slots
    union all by name
    select * from registry_slots
),

final_cte as (
    select
        {{ event_id(['account_id', 'source', 'person_key', 'function', 'seniority', 'is_interim', 'from_hi']) }}
            as tenure_id,
        account_id,
        source,
        function,
        cast(seniority as bigint) as seniority,
        is_interim,
        person_key,
        name,
        title,
        url,
        from_lo,
        from_hi,
        is_left_censored,
        known_at,
        to_lo,
        to_hi,
        ended_by,
        ended_known_at,
        end_superseded_at
    from all_slots
)

select * from final_cte
