{%- set facts = [
    'notice_uuid', 'procedure_id', 'corrects_notice', 'title', 'description', 'value', 'currency', 'deadline_at',
    'request_deadline_at', 'contract_start_on', 'contract_end_on', 'concluded_on', 'duration_months', 'renewals',
    'is_framework',
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
    select * exclude (landed_file, row_digest) from {{ ref('stg_observed__notices') }}
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
        arg_max(sightings.follows_notices, {{ latest }})
        filter (where len(sightings.follows_notices) > 0) as follows_notices,
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

named as (
    select
        parties.account_id,
        parties.source,
        parties.notice_id,
        parties.party_role as role,
        parties.known_at,
        parties.visit_id,
        parties.url,
        notice_facts.* exclude (account_id, source, notice_id, party_role, cpv, follows_notices),
        coalesce(notice_facts.cpv, cast([] as varchar[])) as cpv,
        coalesce(notice_facts.follows_notices, cast([] as varchar[])) as follows_notices,
        coalesce(
            notice_facts.procedure_id,
            nullif(trim(regexp_replace(lower(notice_facts.title), '[^\p{L}\p{N}]+', ' ', 'g')), ''),
            parties.notice_id
        ) as own_chain,
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
),

-- A plan often has a procedure of its own, which the competition after it names.
followed as (
    select
        later.account_id,
        later.source,
        later.notice_id,
        later.role,
        arg_min(earlier.own_chain, (earlier.published_at, earlier.own_chain)) as chain
    from named as later
    inner join named as earlier
        on
            later.account_id = earlier.account_id
            and later.role = earlier.role
            and later.own_chain <> earlier.own_chain
            -- What is learnt later must not change what was known.
            and later.known_at >= earlier.known_at
            and (
                list_contains(later.follows_notices, earlier.notice_id)
                or list_contains(
                    list_transform(later.follows_notices, reference -> left(reference, 36)), earlier.notice_uuid
                )
            )
    group by later.account_id, later.source, later.notice_id, later.role
),

chains as (
    -- Notices of one procedure follow together, from the first that says so.
    select
        named.account_id,
        named.role,
        named.own_chain,
        arg_min(followed.chain, (named.known_at, followed.chain)) as chain,
        min(named.known_at) as known_at
    from named
    inner join followed
        on
            named.account_id = followed.account_id
            and named.source = followed.source
            and named.notice_id = followed.notice_id
            and named.role = followed.role
    group by named.account_id, named.role, named.own_chain
),

chained as (
    select
        named.*,
        coalesce(before_chains.chain, chains.chain, named.own_chain) as chain_id
    from named
    left join chains
        on
            named.account_id = chains.account_id
            and named.role = chains.role
            and named.own_chain = chains.own_chain
            and named.known_at >= chains.known_at
    left join chains as before_chains
        on
            chains.account_id = before_chains.account_id
            and chains.role = before_chains.role
            and chains.chain = before_chains.own_chain
            and named.known_at >= before_chains.known_at
),

same as (
    -- One notice with several publishers: the same UUID, or, where one of them does not
    -- give it, the same step of the same procedure within ten days. Some have no word of
    -- their own for a dialogue with the market.
    select
        later.account_id,
        later.source,
        later.notice_id,
        later.role,
        arg_min(
            earlier.notice_id,
            (
                later.notice_uuid is distinct from earlier.notice_uuid,
                earlier.known_at,
                earlier.source,
                earlier.notice_id
            )
        ) as first_notice_id
    from chained as later
    inner join chained as earlier
        on
            later.account_id = earlier.account_id
            and later.role = earlier.role
            and later.source <> earlier.source
            and (later.known_at, later.source) > (earlier.known_at, earlier.source)
            and (
                later.notice_uuid = earlier.notice_uuid
                or (
                    (later.notice_uuid is null or earlier.notice_uuid is null)
                    and later.procedure_id = earlier.procedure_id
                    and replace(later.notice_type, 'market_dialogue', 'planning')
                    = replace(earlier.notice_type, 'market_dialogue', 'planning')
                    and (later.corrects_notice is null) = (earlier.corrects_notice is null)
                    and later.published_at >= earlier.published_at - interval 10 day
                    and later.published_at <= earlier.published_at + interval 10 day
                )
            )
    group by later.account_id, later.source, later.notice_id, later.role
),

final_cte as (
    select
        chained.account_id,
        chained.source,
        chained.notice_id,
        coalesce(same.first_notice_id, chained.notice_id) as notice_key,
        chained.notice_uuid,
        chained.procedure_id,
        chained.chain_id,
        chained.corrects_notice,
        chained.follows_notices,
        chained.notice_type,
        chained.source_type,
        chained.role,
        chained.title,
        chained.description,
        chained.cpv,
        chained.value,
        chained.currency,
        chained.published_at,
        chained.deadline_at,
        chained.request_deadline_at,
        chained.contract_start_on,
        chained.contract_end_on,
        chained.concluded_on,
        chained.duration_months,
        chained.renewals,
        chained.is_framework,
        chained.buyer_name,
        chained.winner_name,
        chained.known_at,
        chained.visit_id,
        chained.url,
        chained.is_first_day
    from chained
    left join same
        on
            chained.account_id = same.account_id
            and chained.source = same.source
            and chained.notice_id = same.notice_id
            and chained.role = same.role
)

select * from final_cte
