{%- set own_key = company_name_key('matched.account_name') -%}
{#- Hosts on which companies publish their own words; a feed elsewhere is somebody else's. -#}
{%- set press_services = 'mynewsdesk|cision|globenewswire|ntb[.]no|prnewswire|businesswire|notified|ritzau|sttinfo'
    ~ '|newsweb|euronext|prezly|feedburner|medium[.]com|substack|blogspot|wordpress|hubspot' -%}
{#- Capital that brings no money: a debt, a bonus issue or a split. -#}
{%- set no_cash = '(?i)(gjeldskonvertering|konvertering av (gjeld|lån)|fondsemisjon|motregning|tingsinnskudd'
    ~ '|spli(tt|t)\\b|debt conversion|bonus issue)' -%}
-- What announcements say of an account that is an event: the class a register or a giver
-- states, or the claims that the words of a press text make. One row per account,
-- announcement, type and person, as first seen. No claim is believed or joined to another
-- here; what a text says of another company is left out.
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
        visits.account_id as visit_account_id,
        visits.fetched_at,
        visits.day,
        visits.visit_id
    from announcements
    inner join visits
        on
            announcements.source = visits.source
            and announcements.url = visits.url
            and announcements.payload_digest = visits.payload_digest
            and announcements.parser_version = visits.parser_version
),

owned as (
    -- Whose it is: the account with the party's number, else the account visited.
    select
        sightings.*,
        accounts.account_id,
        accounts.name as account_name,
        accounts.org_number as account_org_number,
        accounts.domains
    from sightings
    inner join accounts on sightings.party_org_number = accounts.org_number
    union all
    select
        sightings.*,
        accounts.account_id,
        accounts.name as account_name,
        accounts.org_number as account_org_number,
        accounts.domains
    from sightings
    inner join accounts on sightings.visit_account_id = accounts.account_id
    where sightings.party_org_number is null and sightings.party_role in ('publisher', 'subject')
),

voiced as (
    -- A feed on a foreign host that is no press service is a newspaper's.
    select
        *,
        party_role = 'subject'
        or coalesce(
            source = 'press_feeds' and len(domains) > 0
            and not regexp_matches(url, '{{ press_services }}')
            and len(
                list_filter(
                    domains,
                    domain -> regexp_extract(url, '^[a-z]+://([^/:]+)', 1) = domain
                    or ends_with(regexp_extract(url, '^[a-z]+://([^/:]+)', 1), '.' || domain)
                )
            ) = 0, false
        ) as is_third_party
    from owned
),

matched as (
    -- Namesakes: a newspaper means the account where it writes the whole name, the number
    -- or the domain.
    select *
    from voiced
    where
        not is_third_party
        or category not in ('press', 'news')
        or party_org_number is not null
        or contains(lower(concat_ws(' ', title, text)), lower(account_name))
        and regexp_matches(account_name, ' (AS|ASA|SA|AB|A/S|ApS|Oyj?|Ltd|plc|Inc|GmbH|KF|IKS)$')
        or contains(replace(concat_ws(' ', title, text), ' ', ''), account_org_number)
        or len(list_filter(domains, domain -> contains(lower(concat_ws(' ', title, text)), domain))) > 0
),

others as (
    -- The other companies of an announcement that names its parties, and since when.
    select
        source,
        announcement_id,
        party_org_number,
        min(day) as known_on,
        arg_min(party_name, (fetched_at, visit_id, record_index)) as party_name
    from sightings
    where party_role in ('subject', 'counterparty') and party_org_number is not null
    group by source, announcement_id, party_org_number
),

stated as (
    select
        matched.* exclude (claimed_parties, statements),
        cast([] as varchar[]) as parties,
        matched.event_type as stated_type,
        case
            when matched.event_type in ('merger_decided', 'merger_completed') then 'merger_registered'
            when matched.event_type in ('demerger_decided', 'demerger_completed') then 'demerger'
            when
                matched.event_type = 'capital_increased'
                and not regexp_matches(
                    concat_ws(' ', matched.source_type, matched.title, matched.text), '{{ no_cash }}'
                )
                then 'capital_raised'
            when matched.event_type = 'ownership_changed' then 'ownership_change'
            when matched.event_type = 'public_grant_awarded' then 'public_grant_awarded'
        end as signal_type
    from matched
    where matched.event_type is not null
),

claimed as (
    select
        matched.* exclude (claimed_parties, statements),
        cast(null as varchar) as stated_type,
        unnest(matched.event_claims) as signal_type,
        list_filter(
            matched.claimed_parties, party -> not ({{ same_company(company_name_key('party'), own_key) }})
        ) as parties,
        len(matched.claimed_parties) >= 2
        and {{ same_company(company_name_key('matched.claimed_parties[1]'), own_key) }} as is_first_party,
        len(matched.claimed_parties) >= 2
        and {{ same_company(company_name_key('matched.claimed_parties[2]'), own_key) }} as is_second_party
    from matched
    where matched.event_type is null and len(matched.event_claims) > 0
),

directed as (
    -- A buyer stands before what it buys: told by the one, it is bought by the other.
    select
        * exclude (signal_type, is_first_party, is_second_party),
        case
            when signal_type = 'acquisition_made' and is_second_party then 'acquired'
            when signal_type = 'acquired' and is_first_party then 'acquisition_made'
            else signal_type
        end as signal_type
    from claimed
),

spoken as (
    select
        matched.* exclude (claimed_parties, statements),
        cast(null as varchar) as stated_type,
        unnest(matched.statements) as said
    from matched
    where matched.event_type is null and len(matched.statements) > 0
),

told_of_itself as (
    select
        * exclude (said),
        said.claim,
        said.quote,
        said.person as person_name,
        said.title as person_title,
        case said.claim
            when 'certification_gained' then 'certification_gained_or_lost'
            when 'certification_lost' then 'certification_gained_or_lost'
            else said.claim
        end as signal_type,
        case when said.object is null then cast([] as varchar[]) else [said.object] end as parties
    from spoken
    where
        (
            said.subject is null
            or {{ same_company(company_name_key('said.subject'), company_name_key('account_name')) }}
        )
        -- A new owner of the whole is told as the purchase it is.
        and not (said.claim = 'ownership_change' and coalesce(list_contains(event_claims, 'acquired'), false))
        -- What is wrong with somebody is for others to say.
        and (said.claim <> 'negative_mention' or is_third_party)
),

typed as (
    select * from stated
    where signal_type is not null
    union all by name
    select * from directed
    union all by name
    select * from told_of_itself
),

first_sightings as (
    select *
    from typed
    qualify
        row_number() over (
            partition by account_id, source, announcement_id, signal_type, person_name
            order by fetched_at, visit_id, record_index
        ) = 1
),

reading_days as (
    -- Days on which the same place of the account was read before.
    select distinct
        source,
        visit_account_id,
        day,
        visit_id,
        fetched_at
    from sightings
),

before_visits as (
    select
        first_sightings.account_id,
        first_sightings.source,
        first_sightings.announcement_id,
        first_sightings.signal_type,
        max(reading_days.fetched_at) as before_at,
        arg_max(reading_days.visit_id, (reading_days.fetched_at, reading_days.visit_id)) as before_visit_id
    from first_sightings
    inner join reading_days
        on
            first_sightings.source = reading_days.source
            and first_sightings.visit_account_id is not distinct from reading_days.visit_account_id
            and first_sightings.day > reading_days.day
    group by all
),

counterparties as (
    select
        first_sightings.account_id,
        first_sightings.source,
        first_sightings.announcement_id,
        arg_min(others.party_name, others.party_org_number) as party_name
    from first_sightings
    inner join others
        on
            first_sightings.source = others.source
            and first_sightings.announcement_id = others.announcement_id
            and first_sightings.account_org_number is distinct from others.party_org_number
            -- What is read later must not change what was known.
            and first_sightings.day >= others.known_on
    group by all
),

final_cte as (
    select
        {{ event_id([
            'first_sightings.account_id', 'first_sightings.source', 'first_sightings.announcement_id',
            'first_sightings.signal_type', 'first_sightings.person_name',
        ]) }} as evidence_id,
        first_sightings.account_id,
        first_sightings.source,
        first_sightings.announcement_id,
        first_sightings.category,
        first_sightings.signal_type,
        case
            when first_sightings.signal_type in ('merger_announced', 'merger_registered') then 'merger'
            when first_sightings.signal_type in ('acquisition_made', 'acquired') then 'acquisition'
            when first_sightings.signal_type in ('appointed', 'appointed_interim', 'departed') then 'leadership'
            when first_sightings.claim is not null then first_sightings.claim
            else first_sightings.signal_type
        end as event_family,
        first_sightings.stated_type,
        case
            when first_sightings.category in ('registry', 'filing', 'public_money', 'stock_exchange')
                then 'filed_act'
            when first_sightings.is_third_party then 'third_party_report'
            else 'statement'
        end as evidence_class,
        first_sightings.quote,
        first_sightings.person_name,
        first_sightings.person_title,
        -- Mother and daughter, or two companies of one name, tidy up among themselves.
        coalesce(
            split_part(
                {{ company_name_key('coalesce(counterparties.party_name, first_sightings.parties[1])') }}, ' ', 1
            )
            = split_part({{ company_name_key('first_sightings.account_name') }}, ' ', 1)
            and length(split_part({{ company_name_key('first_sightings.account_name') }}, ' ', 1)) >= 4
            and split_part({{ company_name_key('first_sightings.account_name') }}, ' ', 1)
            not in ('norsk', 'norske', 'nordic', 'nordisk', 'scandinavian'), false
        )
        or coalesce(
            regexp_matches(
                concat_ws(' ', first_sightings.source_type, first_sightings.title, first_sightings.text),
                '(?i)(konsernintern|mor-?\s?(og )?datter|datterselskap|dotterselskap|intern(e)? (fusjon|oppryd))'
            ), false
        ) as is_group_internal,
        -- The words without figures, to know again what is said again.
        trim(
            regexp_replace(
                lower(coalesce(first_sightings.quote, first_sightings.title)), '[^\p{L}]+', ' ', 'g'
            )
        ) as words_key,
        coalesce(counterparties.party_name, first_sightings.parties[1]) as counterparty_name,
        nullif(
            {{ company_name_key('coalesce(counterparties.party_name, first_sightings.parties[1])') }}, ''
        ) as counterparty_key,
        first_sightings.title,
        first_sightings.amount,
        first_sightings.currency,
        first_sightings.published_at,
        first_sightings.effective_on,
        -- A day to come is no day of what is told as done; neither is a date misread.
        case
            when
                coalesce(cast(first_sightings.effective_on as timestamp), first_sightings.published_at)
                <= first_sightings.fetched_at + interval 1 day
                then coalesce(cast(first_sightings.effective_on as timestamp), first_sightings.published_at)
        end as stated_at,
        first_sightings.fetched_at as known_at,
        first_sightings.visit_id,
        before_visits.before_visit_id,
        before_visits.before_at,
        first_sightings.url,
        first_sightings.announcement_url
    from first_sightings
    left join before_visits
        on
            first_sightings.account_id = before_visits.account_id
            and first_sightings.source = before_visits.source
            and first_sightings.announcement_id = before_visits.announcement_id
            and first_sightings.signal_type = before_visits.signal_type
    left join counterparties
        on
            first_sightings.account_id = counterparties.account_id
            and first_sightings.source = counterparties.source
            and first_sightings.announcement_id = counterparties.announcement_id
)

select * from final_cte
