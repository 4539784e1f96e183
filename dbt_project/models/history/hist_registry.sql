{%- set fields = [
    'name', 'legal_form', 'industry_code', 'business_address', 'municipality', 'employees', 'homepage',
    'parent_org_number', 'is_bankrupt', 'is_in_liquidation', 'is_deleted', 'share_capital', 'purpose',
] -%}
-- Values of register fields over time. The register is authoritative: one differing
-- reading is a change (K = 1, no guard). Employees and share capital that are not stated
-- are unknown, since the register's own forms differ in them: their null readings are
-- skipped. Of a deleted unit only name, form and deletion are stated, so nothing else is
-- read of it: a bankruptcy is not lifted by the end of the company.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

entities as (
    select * from {{ ref('stg_observed__registry_entities') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

readings as (
    -- The account's own unit and its sub-units; where a list and the unit's own address
    -- were read at one moment, the unit's own holds.
    select
        visits.account_id,
        visits.fetched_at,
        visits.visit_id,
        visits.scope in ('sub_unit', 'sub_units') as is_sub_unit,
        entities.* exclude (source, url, payload_digest, parser_version, record_index)
    from visits
    inner join entities
        on
            visits.source = entities.source
            and visits.url = entities.url
            and visits.payload_digest = entities.payload_digest
            and visits.parser_version = entities.parser_version
    inner join accounts on visits.account_id = accounts.account_id
    where entities.org_number = accounts.org_number or visits.scope in ('sub_unit', 'sub_units')
    qualify
        row_number() over (
            partition by visits.account_id, entities.org_number, visits.fetched_at
            order by visits.scope, visits.visit_id
        ) = 1
),

field_readings as (
    {% for field in fields %}
    select
        account_id,
        org_number,
        '{{ field }}' as field,
        trim(cast({{ field }} as varchar)) as value,
        {{ 'deleted_on' if field == 'is_deleted' else 'cast(null as date)' }} as stated_on,
        is_sub_unit,
        fetched_at,
        visit_id
    from readings
    where
        {{ 'true' if field in ('name', 'legal_form', 'is_deleted') else 'not is_deleted' }}
        {{ 'and ' ~ field ~ ' is not null' if field in ('employees', 'share_capital') }}
    union all
    {% endfor %}
    select
        account_id,
        org_number,
        'remarks' as field,
        nullif(array_to_string(list_sort(remarks), ', '), '') as value,
        cast(null as date) as stated_on,
        is_sub_unit,
        fetched_at,
        visit_id
    from readings
    where not is_deleted
),

steps as (
    select
        *,
        row_number() over history = 1 as is_first,
        lag(value) over history as previous_value,
        lag(visit_id) over history as previous_visit_id
    from field_readings
    window
        history as (
            partition by account_id, org_number, field order by fetched_at, visit_id
        )
),

versions as (
    select
        *,
        lag(fetched_at) over history as previous_from,
        lag(previous_value) over history as value_before_previous,
        lag(is_first) over history as previous_is_first,
        lead(fetched_at) over history as valid_to
    from steps
    where is_first or value is distinct from previous_value
    window
        history as (
            partition by account_id, org_number, field order by fetched_at, visit_id
        )
),

final_cte as (
    select
        account_id,
        org_number,
        field,
        value,
        previous_value,
        fetched_at as valid_from,
        valid_to,
        fetched_at as known_at,
        -- A value that is taken back within three days was entered by mistake: the way
        -- back is a correction. The mistaken version itself was believed until then.
        not is_first
        and not coalesce(previous_is_first, false)
        and not (value is distinct from value_before_previous)
        and fetched_at - previous_from <= interval 3 day as is_correction,
        is_first,
        previous_visit_id as before_visit_id,
        visit_id as after_visit_id,
        stated_on,
        is_sub_unit
    from versions
)

select * from final_cte
