{{ config(materialized='landed', meta={'source': 'landing.visits', 'key': 'visit_id'}) }}
-- One row per attempt. What the parser said of the payload is merged into the outcome:
-- a page that was fetched but not understood is not an observation.
with landed_visits as (
    select * from {{ ref('stg_landing__visits') }}
),

payloads as (
    select * from {{ ref('stg_observed__payloads') }}
),

newest_reading as (
    -- A payload may have been read by several parser versions; the newest one holds.
    select
        source,
        url,
        payload_digest,
        parser_version,
        verdict
    from payloads
    qualify
        row_number() over (
            partition by source, url, payload_digest
            order by length(parser_version) desc, parser_version desc, record_index
        ) = 1
),

{% if files_stand() -%}
-- Readings are few and visits many: what was read by another parser since, or not at all
-- any more, is told of the readings, and the visits of those alone are looked into.
built_readings as (
    select distinct
        source,
        url,
        payload_digest,
        parser_version,
        verdict
    from {{ this }}
),

read_anew as ( -- noqa: ST03
    select
        built_readings.source,
        built_readings.url,
        built_readings.payload_digest
    from built_readings
    left join newest_reading
        on
            built_readings.source = newest_reading.source
            and built_readings.url = newest_reading.url
            and built_readings.payload_digest = newest_reading.payload_digest
    where
        built_readings.parser_version is distinct from newest_reading.parser_version
        or built_readings.verdict is distinct from newest_reading.verdict
),

{% endif -%}
visits as (
    select * from landed_visits
    {% if files_stand() -%}
    union all by name
    select
        built.* exclude (outcome, landed_outcome, parser_version, verdict, day, is_ok, row_digest),
        built.landed_outcome as outcome
    from {{ this }} as built
    semi join read_anew
        on
            built.source = read_anew.source
            and built.url = read_anew.url
            and built.payload_digest = read_anew.payload_digest
    {%- endif %}
),

final_cte as (
    select
        visits.* exclude (outcome),
        visits.outcome as landed_outcome,
        newest_reading.parser_version,
        newest_reading.verdict,
        cast(visits.fetched_at as date) as day,
        case
            when visits.outcome not in ('ok', 'not_modified') then visits.outcome
            when newest_reading.verdict in ('parse_empty', 'parse_error') then 'parse_empty'
            else visits.outcome
        end as outcome,
        visits.outcome in ('ok', 'not_modified')
        and coalesce(newest_reading.verdict, 'ok') = 'ok' as is_ok
    from visits
    left join newest_reading
        on
            visits.source = newest_reading.source
            and visits.url = newest_reading.url
            and visits.payload_digest = newest_reading.payload_digest
)

select * from final_cte
