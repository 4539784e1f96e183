{%- set facts = [
    'procedure_id', 'title', 'description', 'value', 'currency', 'deadline_at', 'duration_months',
] %}
{%- set reading = 'sightings.fetched_at, sightings.visit_id, sightings.record_index' %}
{%- set latest = '(sightings.is_detail, ' ~ reading ~ ')' %}
{%- set earliest = '(not sightings.is_detail, ' ~ reading ~ ')' -%}
-- Procurement notices where an account is buyer or winner. The full notice, where it was
-- read, says more than the search hit and is preferred field by field.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and parser_version is not null
),

notices as (
    select * from {{ ref('stg_observed__notices') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
    where org_number is not null
),

sightings as (
    select
        notices.*,
        visits.fetched_at,
        visits.visit_id
    from notices
    inner join visits
        on
            notices.source = visits.source
            and notices.url = visits.url
            and notices.payload_digest = visits.payload_digest
            and notices.parser_version = visits.parser_version
),

sources_begun as (
    select
        source,
        cast(min(fetched_at) as date) as first_day
    from sightings
    group by source
),

parties as (
    select
        sightings.source,
        sightings.notice_id,
        sightings.party_role,
        accounts.account_id,
        min(sightings.fetched_at) as known_at,
        arg_min(sightings.visit_id, (sightings.fetched_at, sightings.visit_id)) as visit_id,
        arg_min(sightings.url, (sightings.fetched_at, sightings.visit_id)) as url
    from sightings
    inner join accounts on sightings.party_org_number = accounts.org_number
    group by all
),

notice_facts as (
    -- What was read by the end of the day on which the account's part was first seen, a
    -- full notice before a search hit: what is read later must not change what was known.
    select
        parties.source,
        parties.notice_id,
        parties.party_role,
        parties.account_id,
        {% for column in facts %}
        arg_max(sightings.{{ column }}, {{ latest }}) filter (where sightings.{{ column }} is not null) as {{ column }},
        {% endfor %}
        arg_max(sightings.notice_type, {{ latest }}) as notice_type,
        arg_max(sightings.source_type, {{ latest }}) as source_type,
        arg_max(sightings.cpv, {{ latest }}) filter (where len(sightings.cpv) > 0) as cpv,
        min(sightings.published_at) as published_at,
        arg_min(sightings.party_name, {{ earliest }}) filter (where sightings.party_role = 'buyer') as buyer_name,
        arg_min(sightings.party_name, {{ earliest }}) filter (where sightings.party_role = 'winner') as winner_name
    from sightings
    inner join parties
        on
            sightings.source = parties.source
            and sightings.notice_id = parties.notice_id
            and cast(sightings.fetched_at as date) <= cast(parties.known_at as date)
    group by parties.source, parties.notice_id, parties.party_role, parties.account_id
),

final_cte as (
    select
        parties.account_id,
        parties.source,
        parties.notice_id,
        notice_facts.procedure_id,
        notice_facts.notice_type,
        notice_facts.source_type,
        parties.party_role as role,
        notice_facts.title,
        notice_facts.description,
        coalesce(notice_facts.cpv, cast([] as varchar[])) as cpv,
        notice_facts.value,
        notice_facts.currency,
        notice_facts.published_at,
        notice_facts.deadline_at,
        notice_facts.duration_months,
        notice_facts.buyer_name,
        notice_facts.winner_name,
        parties.known_at,
        parties.visit_id,
        parties.url,
        cast(parties.known_at as date) = sources_begun.first_day
        and cast(notice_facts.published_at as date) < sources_begun.first_day as is_first_day
    from parties
    inner join notice_facts
        on
            parties.source = notice_facts.source
            and parties.notice_id = notice_facts.notice_id
            and parties.party_role = notice_facts.party_role
            and parties.account_id = notice_facts.account_id
    inner join sources_begun on parties.source = sources_begun.source
)

select * from final_cte
