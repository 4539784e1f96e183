{%- set facts = [
    'source_type', 'title', 'text', 'language', 'published_at', 'effective_on', 'amount',
    'currency', 'corrects_id', 'announcement_url',
] %}
{%- set latest = '(sightings.is_detail, sightings.fetched_at, sightings.visit_id, sightings.record_index)' -%}
-- Announcements that concern an account: it is a party by its number, or the address was
-- visited as the account's own (its feed, its news page) and the party has no number. The
-- whole announcement, where it was read, is preferred to its entry in a list.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and parser_version is not null
),

announcements as (
    select * exclude (landed_file, row_digest) from {{ ref('stg_observed__announcements') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

sightings as (
    select
        announcements.*,
        visits.account_id as visited_for,
        visits.fetched_at,
        visits.visit_id
    from announcements
    inner join visits
        on
            announcements.source = visits.source
            and announcements.url = visits.url
            and announcements.payload_digest = visits.payload_digest
            and announcements.parser_version = visits.parser_version
),

sources_begun as (
    select
        source,
        visited_for,
        cast(min(fetched_at) as date) as first_day
    from sightings
    group by source, visited_for
),

party_sightings as (
    select
        accounts.account_id,
        sightings.*
    from sightings
    inner join accounts on sightings.party_org_number = accounts.org_number
    union all
    -- Who speaks in an account's own feed is the account; one row of it is enough.
    select
        sightings.visited_for as account_id,
        sightings.*
    from sightings
    inner join accounts on sightings.visited_for = accounts.account_id
    where sightings.party_org_number is null
    qualify
        row_number() over (
            partition by sightings.visit_id, sightings.announcement_id
            order by
                case sightings.party_role when 'publisher' then 0 when 'subject' then 1 else 2 end,
                sightings.record_index
        ) = 1
),

parties as (
    select
        party_sightings.account_id,
        party_sightings.source,
        party_sightings.announcement_id,
        party_sightings.party_role,
        min(party_sightings.fetched_at) as known_at,
        arg_min(party_sightings.visit_id, (party_sightings.fetched_at, party_sightings.visit_id)) as visit_id,
        arg_min(party_sightings.url, (party_sightings.fetched_at, party_sightings.visit_id)) as url,
        min(sources_begun.first_day) as first_day
    from party_sightings
    inner join sources_begun
        on
            party_sightings.source = sources_begun.source
            and party_sightings.visited_for is not distinct from sources_begun.visited_for
    group by
        party_sightings.account_id, party_sightings.source, party_sightings.announcement_id,
        party_sightings.party_role
),

announcement_facts as (
    -- What was read by the end of the day on which the account's part was first seen:
    -- what is read later must not change what was known.
    select
        parties.account_id,
        parties.source,
        parties.announcement_id,
        parties.party_role,
        {% for column in facts %}
        arg_max(sightings.{{ column }}, {{ latest }}) filter (where sightings.{{ column }} is not null) as {{ column }},
        {% endfor %}
        arg_max(sightings.category, {{ latest }}) as category,
        -- A list may say more narrowly what it is than the announcement itself.
        arg_max(
            sightings.event_type,
            (sightings.event_type not like '%\_changed' escape '\', {{ latest }})
        ) filter (where sightings.event_type is not null) as event_type,
        arg_max(sightings.terms, {{ latest }}) filter (where len(sightings.terms) > 0) as terms
    from sightings
    inner join parties
        on
            sightings.source = parties.source
            and sightings.announcement_id = parties.announcement_id
            and cast(sightings.fetched_at as date) <= cast(parties.known_at as date)
    group by parties.account_id, parties.source, parties.announcement_id, parties.party_role
),

corrections as (
    -- When an announcement was first known to be corrected or replaced by another.
    select
        account_id,
        source,
        corrects_id,
        min(known_at) as superseded_at
    from announcement_facts
    inner join parties using (account_id, source, announcement_id, party_role)
    where corrects_id is not null
    group by account_id, source, corrects_id
),

final_cte as (
    select
        parties.account_id,
        parties.source,
        parties.announcement_id,
        parties.party_role as role,
        announcement_facts.category,
        announcement_facts.event_type,
        announcement_facts.source_type,
        announcement_facts.title,
        announcement_facts.text,
        coalesce(announcement_facts.terms, cast([] as varchar[])) as terms,
        announcement_facts.language,
        announcement_facts.published_at,
        announcement_facts.effective_on,
        announcement_facts.amount,
        announcement_facts.currency,
        announcement_facts.corrects_id,
        announcement_facts.corrects_id is not null
        or coalesce(announcement_facts.event_type = 'correction', false) as is_correction,
        announcement_facts.announcement_url,
        parties.known_at,
        corrections.superseded_at,
        parties.visit_id,
        parties.url,
        cast(parties.known_at as date) = parties.first_day
        and coalesce(cast(announcement_facts.published_at as date) < parties.first_day, true)
            as is_first_day
    from parties
    inner join announcement_facts
        on
            parties.account_id = announcement_facts.account_id
            and parties.source = announcement_facts.source
            and parties.announcement_id = announcement_facts.announcement_id
            and parties.party_role = announcement_facts.party_role
    left join corrections
        on
            parties.account_id = corrections.account_id
            and parties.source = corrections.source
            and parties.announcement_id = corrections.corrects_id
)

select * from final_cte
