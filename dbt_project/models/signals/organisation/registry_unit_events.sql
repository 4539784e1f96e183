{#- Companies that own, let or hold and do nothing else. -#}
{%- set holding_codes = "'64', '68', '41.1'" -%}
{#- A branch that is registered anew within these days has moved. -#}
{%- set chain_days = 60 -%}
-- Branches that came into and went out of an account's list in the register, and companies
-- founded below it. A list is compared with its own reading before, so that a page that is
-- not read closes nothing; a branch that goes as another comes in the same town, street or
-- name is a move and no event.
with visits as not materialized (
    select * from {{ ref('hist_visits') }}
    where is_ok and parser_version is not null
),

entities as (
    select * from {{ ref('stg_observed__registry_entities') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

list_visits as (
    select
        account_id,
        source,
        url,
        payload_digest,
        parser_version,
        fetched_at,
        visit_id,
        lag(payload_digest) over list_order as before_digest,
        lag(parser_version) over list_order as before_parser_version,
        lag(visit_id) over list_order as before_visit_id,
        lag(fetched_at) over list_order as before_at
    from visits
    where scope = 'sub_units' and account_id is not null
    window list_order as (partition by account_id, source, url order by fetched_at, visit_id)
),

steps as (
    select * from list_visits
    where before_digest <> payload_digest
),

units as (
    select
        *,
        regexp_extract(business_address, '\d{4}\s+([^,]+)$', 1) as place
    from entities
),

came as (
    select
        steps.account_id,
        steps.source,
        steps.url,
        steps.fetched_at,
        steps.visit_id,
        steps.before_visit_id,
        steps.before_at,
        1 as direction,
        units.org_number as unit_number,
        units.name as unit_name,
        units.place,
        units.business_address,
        coalesce(units.registered_on, units.founded_on) as stated_on
    from steps
    inner join units
        on
            steps.source = units.source
            and steps.url = units.url
            and steps.payload_digest = units.payload_digest
            and steps.parser_version = units.parser_version
            and not units.is_deleted
    anti join units as before_units
        on
            steps.source = before_units.source
            and steps.url = before_units.url
            and steps.before_digest = before_units.payload_digest
            and steps.before_parser_version = before_units.parser_version
            and units.org_number = before_units.org_number
            and not before_units.is_deleted
),

step_sizes as (
    select
        steps.visit_id,
        count(units.org_number) as n_units
    from steps
    left join units
        on
            steps.source = units.source
            and steps.url = units.url
            and steps.payload_digest = units.payload_digest
            and steps.parser_version = units.parser_version
    group by steps.visit_id
),

went as (
    select
        steps.account_id,
        steps.source,
        steps.url,
        steps.fetched_at,
        steps.visit_id,
        steps.before_visit_id,
        steps.before_at,
        -1 as direction,
        before_units.org_number as unit_number,
        before_units.name as unit_name,
        before_units.place,
        before_units.business_address,
        cast(null as date) as stated_on
    from steps
    inner join units as before_units
        on
            steps.source = before_units.source
            and steps.url = before_units.url
            and steps.before_digest = before_units.payload_digest
            and steps.before_parser_version = before_units.parser_version
            and not before_units.is_deleted
    -- A list that is suddenly empty was not read.
    inner join step_sizes on steps.visit_id = step_sizes.visit_id and step_sizes.n_units > 0
    anti join units
        on
            steps.source = units.source
            and steps.url = units.url
            and steps.payload_digest = units.payload_digest
            and steps.parser_version = units.parser_version
            and before_units.org_number = units.org_number
            and not units.is_deleted
),

moves as (
    select * from came
    union all
    select * from went
),

settled as (
    -- From one page of the list to another is no event, and neither is coming back.
    select
        *,
        lead(fetched_at) over (partition by account_id, unit_number order by fetched_at) as back_at
    from moves
    qualify
        count(*) over (partition by account_id, unit_number, cast(fetched_at as date)) = 1
        and coalesce(
            fetched_at - lag(fetched_at) over (partition by account_id, unit_number order by fetched_at)
            > interval {{ chain_days }} day, true
        )
),

chained as (
    select
        one.account_id,
        one.unit_number,
        one.fetched_at,
        min(greatest(one.fetched_at, other.fetched_at)) as chain_known_at
    from settled as one
    inner join settled as other
        on
            one.account_id = other.account_id
            and one.unit_number <> other.unit_number
            and one.direction = -other.direction
            and one.fetched_at - other.fetched_at
            between -interval {{ chain_days }} day and interval {{ chain_days }} day
            and (
                lower(one.place) = lower(other.place)
                or {{ street_key('one.business_address') }} = {{ street_key('other.business_address') }}
                or {{ company_name_key('one.unit_name') }} = {{ company_name_key('other.unit_name') }}
            )
    group by one.account_id, one.unit_number, one.fetched_at
),

branches as (
    select
        settled.*,
        case settled.direction when 1 then 'establishment_opened' else 'establishment_closed' end as event_type,
        chained.chain_known_at,
        case when settled.back_at - settled.fetched_at <= interval {{ chain_days }} day then settled.back_at end
            as back_known_at
    from settled
    left join chained
        on
            settled.account_id = chained.account_id
            and settled.unit_number = chained.unit_number
            and settled.fetched_at = chained.fetched_at
),

founded as (
    -- A company of its own, registered below the account; read wherever it was read.
    select
        accounts.account_id,
        visits.source,
        visits.url,
        visits.fetched_at,
        visits.visit_id,
        entities.org_number as unit_number,
        entities.name as unit_name,
        coalesce(entities.registered_on, entities.founded_on) as stated_on
    from entities
    inner join visits
        on
            entities.source = visits.source
            and entities.url = visits.url
            and entities.payload_digest = visits.payload_digest
            and entities.parser_version = visits.parser_version
            and visits.scope not in ('sub_unit', 'sub_units')
    inner join accounts on entities.parent_org_number = accounts.org_number
    where
        coalesce(entities.registered_on, entities.founded_on) >= cast(visits.fetched_at as date) - 120
        and left(entities.industry_code, 2) not in ({{ holding_codes }})
        and left(entities.industry_code, 4) not in ({{ holding_codes }})
        and not regexp_matches(lower(entities.name), '(holding|eiendom|eigedom|invest|property|spv)')
    qualify
        row_number() over (
            partition by accounts.account_id, entities.org_number order by visits.fetched_at, visits.visit_id
        ) = 1
),

final_cte as (
    select
        {{ event_id(['account_id', 'unit_number', 'event_type', 'fetched_at']) }} as event_id,
        account_id,
        source,
        url,
        unit_number,
        unit_name,
        nullif(place, '') as place,
        direction,
        case when chain_known_at is null or chain_known_at > fetched_at then event_type end as signal_type,
        cast(stated_on as timestamp) as stated_at,
        fetched_at as known_at,
        least(case when chain_known_at > fetched_at then chain_known_at end, back_known_at) as superseded_at,
        visit_id,
        before_visit_id,
        before_at
    from branches
    union all by name
    select
        {{ event_id(['account_id', 'unit_number', "'subsidiary_founded'"]) }} as event_id,
        account_id,
        source,
        url,
        unit_number,
        unit_name,
        1 as direction,
        'subsidiary_founded' as signal_type,
        cast(stated_on as timestamp) as stated_at,
        fetched_at as known_at,
        visit_id
    from founded
)

select * from final_cte
