{{ config(materialized='days', meta={'entity': ['account_id', 'source', 'person_key'], 'marked': true}) }}
{%- set after = last_standing_day() %}
-- One row per person and round (account, source, day) in which they were listed, with what
-- followed: misses, the proof that they are gone, and the spell the sighting belongs to.
--
-- A person is absent only when the page that listed them last is evidence without them, or
-- when that page itself is gone (404, 410, no longer visited, no longer a list) while the
-- account's other pages list as many people as before: a page that moved is no departure.
-- From a list that collapsed and was believed later (hist_people_lists) they were absent from
-- its day on, which was known when it was believed.
--
-- After new visits alone, who goes on being listed has but new sightings more. Who came, was
-- missed or came back, and whose departure is not proved yet, is judged anew; so is all of an
-- account with a new name, or with a list that was believed late.
with all_lists as (
    select * from {{ ref('hist_people_lists') }}
),

all_shown as not materialized (
    select * from {{ ref('hist_people_listings') }}
),

names as (
    select * from {{ ref('hist_people_names') }}
),

all_visits as (
    select * from {{ ref('hist_visits') }}
    where account_id is not null
),

{% if after -%}
last_sightings as (
    {{ last_sighting_of_each('account_id, source, person_key') }}
),

new_days as (
    select distinct
        all_shown.account_id,
        all_shown.source,
        all_shown.day,
        coalesce(names.person_key, all_shown.shown_key) as person_key,
        all_shown.key_first_day
    from all_shown
    left join names
        on
            all_shown.account_id = names.account_id
            and all_shown.source = names.source
            and all_shown.shown_key = names.shown_key
    where all_shown.day > date '{{ after }}'
),

new_rounds as (
    select distinct
        account_id,
        source,
        day
    from new_days
),

-- Who stood on the list to the last, and on which of the new days they did.
standing as (
    select
        last_sightings.account_id,
        last_sightings.source,
        last_sightings.person_key,
        last_sightings.last_one.first_miss_at is not null as is_missed,
        last_sightings.last_one.gone_known_at is not null as is_gone,
        count(distinct new_rounds.day) as n_rounds,
        count(distinct new_days.day) as n_sighted
    from last_sightings
    inner join new_rounds using (account_id, source)
    left join new_days
        on
            last_sightings.account_id = new_days.account_id
            and last_sightings.source = new_days.source
            and last_sightings.person_key = new_days.person_key
            and new_rounds.day = new_days.day
    group by all
),

-- A new name may be another spelling of somebody, or make a short one ambiguous.
touched_accounts as (
    select
        account_id,
        source
    from new_days
    where key_first_day > date '{{ after }}'
    union
    select
        account_id,
        source
    from all_lists
    where cast(believed_at as date) > date '{{ after }}'
),

touched as (
    select
        account_id,
        source,
        person_key
    from standing
    where case when is_gone then n_sighted > 0 else is_missed or n_sighted < n_rounds end
    union
    select
        new_days.account_id,
        new_days.source,
        new_days.person_key
    from new_days
    anti join last_sightings using (account_id, source, person_key)
    union
    select
        last_sightings.account_id,
        last_sightings.source,
        last_sightings.person_key
    from last_sightings
    semi join touched_accounts using (account_id, source)
    union
    select
        all_shown.account_id,
        all_shown.source,
        coalesce(names.person_key, all_shown.shown_key) as person_key
    from all_shown
    semi join touched_accounts using (account_id, source)
    left join names
        on
            all_shown.account_id = names.account_id
            and all_shown.source = names.source
            and all_shown.shown_key = names.shown_key
),

judged_accounts as ( -- noqa: ST03
    select distinct
        account_id,
        source
    from touched
),

{% endif -%}
visits as (
    select all_visits.*
    from all_visits
    {% if after -%}
    semi join judged_accounts using (account_id, source)
    {%- endif %}
),

lists as (
    select all_lists.*
    from all_lists
    {% if after -%}
    semi join judged_accounts using (account_id, source)
    {%- endif %}
),

shown as (
    select all_shown.*
    from all_shown
    {% if after -%}
    left join judged_accounts using (account_id, source)
    where judged_accounts.account_id is not null or all_shown.day > date '{{ after }}'
    {%- endif %}
),

listings as (
    select
        shown.*,
        coalesce(names.person_key, shown.shown_key) as person_key
    from shown
    left join names
        on
            shown.account_id = names.account_id
            and shown.source = names.source
            and shown.shown_key = names.shown_key
),

rosters as (
    select
        account_id,
        source,
        day,
        max(fetched_at) as fetched_at,
        count(distinct person_key) as n_seen
    from listings
    {% if after -%}
    semi join judged_accounts using (account_id, source)
    {%- endif %}
    group by account_id, source, day
),

{{ coverage_guard('rosters', 'account_id, source', slack=1, may_be_empty=false) }},

witnesses as (
    -- The page that speaks for the account when a person's own page is gone.
    select
        account_id,
        source,
        day,
        fetched_at,
        visit_id
    from lists
    where is_evidence
    qualify
        row_number() over (
            partition by account_id, source, day order by n_seen desc, url
        ) = 1
),

rounds as (
    select
        guarded.account_id,
        guarded.source,
        guarded.day,
        witnesses.fetched_at as witness_at,
        witnesses.visit_id as witness_visit_id
    from guarded
    left join witnesses
        on
            guarded.account_id = witnesses.account_id
            and guarded.source = witnesses.source
            -- An expression on one side keeps this a join of equal keys.
            and case when guarded.is_evidence then guarded.day end = witnesses.day
),

people_days as (
    -- Listed on several pages: an established list speaks before a new one, a long one
    -- before a short one.
    select listings.*
    from listings
    {% if after -%}
    left join touched using (account_id, source, person_key)
    where touched.person_key is not null or listings.day > date '{{ after }}'
    {% endif -%}
    qualify
        row_number() over (
            partition by listings.account_id, listings.source, listings.person_key, listings.day
            order by
                listings.is_first_list, listings.n_seen desc, listings.url, listings.order_no, listings.shown_key
        ) = 1
),

people as (
    select
        account_id,
        source,
        person_key,
        min(day) as first_day
    from people_days
    {% if after -%}
    semi join touched using (account_id, source, person_key)
    {%- endif %}
    group by account_id, source, person_key
),

person_rounds as (
    select
        people.account_id,
        people.source,
        people.person_key,
        rounds.day,
        rounds.witness_at,
        rounds.witness_visit_id,
        people_days.fetched_at as sighted_at,
        people_days.visit_id as sighted_visit_id,
        last_value(people_days.url ignore nulls) over (
            partition by people.account_id, people.source, people.person_key
            order by rounds.day
            rows unbounded preceding
        ) as last_url,
        first_value(people_days.fetched_at ignore nulls) over (
            partition by people.account_id, people.source, people.person_key
            order by rounds.day
            rows between 1 following and unbounded following
        ) as next_sighted_at
    from people
    inner join rounds
        on
            people.account_id = rounds.account_id
            and people.source = rounds.source
            and people.first_day <= rounds.day
    left join people_days
        on
            people.account_id = people_days.account_id
            and people.source = people_days.source
            and people.person_key = people_days.person_key
            and rounds.day = people_days.day
),

pages_of_people as (
    select distinct
        account_id,
        source,
        url
    from people_days
),

page_days as (
    select
        visits.account_id,
        visits.source,
        visits.url,
        visits.day,
        bool_and(coalesce(visits.http_status in (404, 410), false)) as is_gone_page,
        bool_or(visits.is_ok and coalesce(lists.n_seen, 0) = 0) as is_no_list,
        max(case when lists.is_evidence then lists.fetched_at end) as evidence_at,
        max(case when lists.is_evidence then lists.visit_id end) as evidence_visit_id,
        max(case when lists.believed_at is not null then lists.fetched_at end) as short_at,
        max(case when lists.believed_at is not null then lists.visit_id end) as short_visit_id,
        max(lists.believed_at) as believed_at,
        coalesce(max(lists.n_seen), 0) as n_seen
    from visits
    semi join pages_of_people using (account_id, source, url)
    left join lists
        on
            visits.account_id = lists.account_id
            and visits.source = lists.source
            and visits.url = lists.url
            and visits.day = lists.day
    group by visits.account_id, visits.source, visits.url, visits.day
),

observed as (
    select
        person_rounds.*,
        page_days.evidence_at,
        page_days.evidence_visit_id,
        page_days.url is null
        or page_days.is_gone_page
        or (page_days.n_seen = 0 and page_days.is_no_list) as is_page_gone,
        -- Who was back by then was not gone.
        case when coalesce(person_rounds.next_sighted_at > page_days.believed_at, true) then page_days.short_at end
            as short_at,
        page_days.short_visit_id,
        page_days.believed_at
    from person_rounds
    left join page_days
        on
            person_rounds.account_id = page_days.account_id
            and person_rounds.source = page_days.source
            and person_rounds.last_url = page_days.url
            and person_rounds.day = page_days.day
),

judged as (
    select
        account_id,
        source,
        person_key,
        case when sighted_at is not null then 1 else 0 end as is_seen,
        coalesce(sighted_at, evidence_at, short_at, case when is_page_gone then witness_at end) as state_at,
        coalesce(
            sighted_visit_id,
            evidence_visit_id,
            case when short_at is not null then short_visit_id else witness_visit_id end
        ) as visit_id,
        case
            when sighted_at is null and evidence_at is null and short_at is not null then believed_at
        end as believed_at
    from observed
),

states as (
    select
        *,
        coalesce(believed_at, state_at) as state_known_at
    from judged
    where state_at is not null
),

{{ gone_rule('states', 'account_id, source, person_key', misses=3, days=7, known='state_known_at') }},

{% if after -%}
-- Seen again and again since: nothing more is known of them.
steady as (
    select
        people_days.account_id,
        people_days.source,
        people_days.person_key,
        last_sightings.sighting_no + row_number() over (
            partition by people_days.account_id, people_days.source, people_days.person_key
            order by people_days.fetched_at
        ) as sighting_no,
        people_days.fetched_at as sighted_at,
        last_sightings.last_one.spell_no,
        last_sightings.last_one.spell_lo_at,
        last_sightings.last_one.spell_lo_visit_id
    from people_days
    inner join last_sightings using (account_id, source, person_key)
    anti join touched using (account_id, source, person_key)
    where people_days.day > date '{{ after }}'
),

{% endif -%}
known as (
    -- The last of many misses says nothing of the sighting, and is another at every visit.
    select * exclude (last_miss_at, last_miss_visit_id)
    from spelled
    {% if after -%}
    union all by name
    select * from steady
    {%- endif %}
),

final_cte as (
    select
        known.*,
        people_days.day,
        people_days.url,
        people_days.visit_id,
        people_days.name,
        people_days.title,
        people_days.title_norm,
        people_days.order_no,
        people_days.n_seen,
        people_days.med28,
        people_days.is_first_list
    from known
    inner join people_days
        on
            known.account_id = people_days.account_id
            and known.source = people_days.source
            and known.person_key = people_days.person_key
            and known.sighted_at = people_days.fetched_at
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', 'account_id, source, person_key') }}
{%- else -%}
select * from final_cte
{%- endif %}
