{%- set fields = [
    'name', 'legal_form', 'industry_code', 'business_address', 'municipality', 'employees', 'homepage',
    'parent_org_number', 'is_bankrupt', 'is_in_liquidation', 'is_deleted', 'share_capital', 'purpose',
] -%}
-- Values of register fields over time. The register is authoritative: one differing
-- reading is a change (K = 1, no guard). A number of employees that is not stated is no
-- change to zero: null readings of it are skipped.
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
    -- The account's own unit, not its sub-units.
    select
        visits.account_id,
        visits.fetched_at,
        visits.visit_id,
        entities.* exclude (source, url, payload_digest, parser_version, record_index)
    from visits
    inner join entities
        on
            visits.source = entities.source
            and visits.url = entities.url
            and visits.payload_digest = entities.payload_digest
            and visits.parser_version = entities.parser_version
    inner join accounts
        on
            visits.account_id = accounts.account_id
            and entities.org_number = accounts.org_number
),

field_readings as (
    {% for field in fields %}
    select
        account_id,
        org_number,
        '{{ field }}' as field,
        trim(cast({{ field }} as varchar)) as value,
        {{ 'deleted_on' if field == 'is_deleted' else 'cast(null as date)' }} as stated_on,
        fetched_at,
        visit_id
    from readings
    {{ 'where employees is not null' if field == 'employees' }}
    union all
    {% endfor %}
    select
        account_id,
        org_number,
        'remarks' as field,
        nullif(array_to_string(list_sort(remarks), ', '), '') as value,
        cast(null as date) as stated_on,
        fetched_at,
        visit_id
    from readings
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
        stated_on
    from versions
)

select * from final_cte
