{#- What is the first of its kind needs a year of watching (SIGNALS 5D). -#}
{%- set first_of_kind_days = 365 -%}
-- What single ads say: new positions as context, a place where nobody was hired before,
-- a purchase being staffed, and a slot that is advertised again and again. A position
-- told as a leader's, as one about an offer's theme or as a buyer's is not told again as
-- a posting, and those of one visit and function are one row.
with openings as (
    select * from {{ ref('hiring_openings') }}
),

ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

jobs as (
    select * from {{ ref('hist_jobs') }}
    where is_first
),

job_texts as (
    select * from {{ ref('hist_job_texts') }}
),

ad_texts as (
    select * from {{ ref('hiring_ad_texts') }}
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

theme_openings as (
    select distinct event_id from {{ ref('theme_job_openings') }}
),

leader_ads as (
    select distinct split_part(subject, ':', 3) as event_id
    from {{ ref('sig_leadership_roles') }}
    where signal_type = 'leader_role_advertised'
),

own_openings as (
    -- Of companies that hire for themselves.
    select
        openings.*,
        {{ title_words('openings.title') }} as title_words,
        job_texts.is_withdrawn
    from openings
    inner join job_texts on openings.event_id = job_texts.job_id
    left join agencies
        on openings.account_id = agencies.account_id and openings.known_at >= agencies.known_at
    where agencies.account_id is null
),

-- Made once: else the search of the texts is put into the reading of the files they are from,
-- and the pattern is compiled anew for each: 5 s of processor time for a year of days.
project_texts as materialized (
    select
        own_openings.event_id,
        ad_texts.known_at,
        ad_texts.description
    from own_openings
    inner join ad_texts on own_openings.event_id = ad_texts.event_id
    where {{ is_project_title('own_openings.title_words') }}
),

project_purchases as (
    select
        event_id,
        known_at,
        {{ purchase_object('description') }} as what
    from project_texts
),

-- Purchases being staffed.
purchases as (
    select
        event_id,
        known_at,
        cast(null as varchar) as what
    from own_openings
    where
        {{ is_buying_title('title_words') }}
        or ({{ is_project_title('title_words') }} and {{ names_a_system('title_words') }})
    union all
    select
        event_id,
        known_at,
        what
    from project_purchases
    where what is not null
),

first_purchases as (
    select *
    from purchases
    qualify row_number() over (partition by event_id order by known_at, what nulls first) = 1
),

procurement_roles as (
    select
        own_openings.account_id,
        'procurement_role_opened' as signal_type,
        own_openings.event_id as subject,
        own_openings.effective_lo,
        own_openings.effective_hi,
        own_openings.effective_pt,
        first_purchases.known_at,
        own_openings.before_visit_id,
        own_openings.after_visit_id,
        case
            when own_openings.is_withdrawn then {{ withdrawn_note() }}
            else concat_ws(': ', own_openings.title, first_purchases.what)
        end as quote_after,
        own_openings.function,
        own_openings.seniority,
        own_openings.source,
        own_openings.url
    from first_purchases
    inner join own_openings on first_purchases.event_id = own_openings.event_id
    where
        not {{ is_seasonal_job('own_openings.title_words') }}
        and not {{ is_standing_ad('own_openings.title_words') }}
),

-- A place where no ad ever was.
placed as (
    select
        ad_events.*,
        unnest(list_distinct({{ job_place_keys('ad_events.place') }})) as place_key
    from ad_events
    where ad_events.event = 'opened' and not {{ is_anywhere("coalesce(ad_events.place, '')") }}
),

place_uses as (
    select
        * exclude (place_key),
        {{ work_place('place_key') }} as work_place
    from placed
),

numbered_places as (
    select
        *,
        row_number() over (
            partition by account_id, work_place order by known_at, is_left_censored desc, event_id
        ) as use_no,
        count(*) over (
            partition by account_id
            order by known_at
            range between unbounded preceding and interval 1 microsecond preceding
        ) as n_placed_before
    from place_uses
    where work_place is not null
),

first_places as (
    select
        *,
        -- Many new places at once are places written in a new way.
        count(*) over (partition by account_id, known_at) as n_new_places
    from numbered_places
    where use_no = 1
),

watched as (
    select
        account_id,
        source,
        min(fetched_at) as source_since_at
    from job_visits
    group by account_id, source
),

watched_since as (
    select
        account_id,
        source,
        source_since_at,
        min(source_since_at) over (partition by account_id) as since_at
    from watched
),

new_places as (
    select
        first_places.account_id,
        'hiring_location_new' as signal_type,
        first_places.work_place as subject,
        first_places.effective_lo,
        first_places.effective_hi,
        first_places.effective_pt,
        first_places.known_at,
        first_places.before_visit_id,
        first_places.after_visit_id,
        case
            when own_openings.is_withdrawn then {{ withdrawn_note() }}
            else concat_ws(', ', own_openings.title, first_places.place)
        end as quote_after,
        first_places.function,
        first_places.seniority,
        first_places.source,
        first_places.url
    from first_places
    inner join own_openings on first_places.event_id = own_openings.event_id
    inner join watched_since
        on first_places.account_id = watched_since.account_id and first_places.source = watched_since.source
    where
        first_places.n_new_places <= 2
        and first_places.n_placed_before >= 3
        and first_places.known_at - watched_since.since_at >= interval {{ first_of_kind_days }} day
        -- Another system spells places in its own way.
        and first_places.known_at - watched_since.source_since_at >= interval 60 day
        and not {{ is_anywhere('own_openings.title') }}
),

-- The same slot again and again: it was closed, and after a fortnight at least it is back.
slot_jobs as (
    select
        ad_events.*,
        split_part(ad_events.job_key, '|', 1) || '|' || split_part(ad_events.job_key, '|', 2) as slot
    from ad_events
    inner join jobs on ad_events.event_id = jobs.event_id
    where ad_events.event = 'opened'
),

in_turn as (
    select
        *,
        lag(source) over slot_order as previous_source,
        lag(spell_ref) over slot_order as previous_spell_ref,
        lag(spell_no) over slot_order as previous_spell_no,
        count(*) over (
            partition by account_id, slot
            order by known_at
            range between interval 365 day preceding and current row
        ) as n_in_year
    from slot_jobs
    window slot_order as (partition by account_id, slot order by known_at, event_id)
),

returned as (
    select
        in_turn.event_id,
        max(closed.effective_hi) as closed_at
    from in_turn
    inner join ad_events as closed
        on
            closed.event = 'closed'
            and in_turn.account_id = closed.account_id
            and in_turn.previous_source = closed.source
            and in_turn.previous_spell_ref = closed.spell_ref
            and in_turn.previous_spell_no = closed.spell_no
            and in_turn.known_at >= closed.known_at
            and coalesce(closed.superseded_at > in_turn.known_at, true)
    group by in_turn.event_id
),

judged_slots as (
    select
        in_turn.*,
        coalesce(in_turn.effective_hi - returned.closed_at >= interval 14 day, false) as is_return
    from in_turn
    left join returned on in_turn.event_id = returned.event_id
),

loop_steps as (
    select
        *,
        is_return
        and coalesce(lag(is_return) over slot_order, false)
        and coalesce(known_at - lag(known_at, 2) over slot_order <= interval 365 day, false)
        -- What is advertised all the time is no vacancy that cannot be filled.
        and n_in_year <= 5 as is_loop
    from judged_slots
    window slot_order as (partition by account_id, slot order by known_at, event_id)
),

loop_starts as (
    select *
    from loop_steps
    qualify
        is_loop
        and not coalesce(
            lag(is_loop) over (partition by account_id, slot order by known_at, event_id), false
        )
),

loops as (
    select
        loop_starts.account_id,
        'replacement_loop' as signal_type,
        loop_starts.slot as subject,
        loop_starts.effective_lo,
        loop_starts.effective_hi,
        loop_starts.effective_pt,
        loop_starts.known_at,
        loop_starts.before_visit_id,
        loop_starts.after_visit_id,
        case
            when job_texts.is_withdrawn then {{ withdrawn_note() }}
            else loop_starts.n_in_year || ' times in 12 months: ' || loop_starts.title
        end as quote_after,
        loop_starts.function,
        loop_starts.seniority,
        loop_starts.source,
        loop_starts.url
    from loop_starts
    left join agencies
        on loop_starts.account_id = agencies.account_id and loop_starts.known_at >= agencies.known_at
    inner join job_texts on loop_starts.event_id = job_texts.job_id
    where
        agencies.account_id is null
        and not loop_starts.is_left_censored
        and loop_starts.before_visit_id is not null
        and not {{ is_seasonal_job(title_words('loop_starts.title')) }}
        and not {{ is_standing_ad(title_words('loop_starts.title')) }}
),

told_better as (
    select event_id from theme_openings
    union
    select event_id from leader_ads
    union
    -- Known at the opening only: what a text says later leaves the posting as it was told.
    select subject as event_id from procurement_roles
    where known_at = effective_hi
),

postings as (
    select
        own_openings.account_id,
        'job_posting_opened' as signal_type,
        own_openings.function as subject,
        min(own_openings.effective_lo) as effective_lo,
        max(own_openings.effective_hi) as effective_hi,
        arg_min(own_openings.effective_pt, own_openings.event_id) as effective_pt,
        own_openings.known_at,
        arg_min(own_openings.before_visit_id, (own_openings.effective_lo, own_openings.event_id)) as before_visit_id,
        arg_min(own_openings.after_visit_id, own_openings.event_id) as after_visit_id,
        case
            when bool_or(own_openings.is_withdrawn) then {{ withdrawn_note() }}
            else string_agg(distinct own_openings.title, '; ' order by own_openings.title)
        end as quote_after,
        own_openings.function,
        max(own_openings.seniority) as seniority,
        own_openings.source,
        arg_min(own_openings.url, own_openings.event_id) as url
    from own_openings
    anti join told_better on own_openings.event_id = told_better.event_id
    where not {{ is_standing_ad('own_openings.title_words') }}
    group by own_openings.account_id, own_openings.known_at, own_openings.function, own_openings.source
),

all_signals as (
    select * from postings
    union all by name
    select * from new_places
    union all by name
    select * from procurement_roles
    union all by name
    select * from loops
),

final_cte as (
    select
        account_id,
        signal_type,
        case when signal_type = 'job_posting_opened' then subject || ':' || source else subject end as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        before_visit_id as before_ref,
        after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words('quote_after') }} as quote_after,
        function,
        cast(seniority as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        source,
        url
    from all_signals
)

select * from final_cte
