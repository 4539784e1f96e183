-- One row per attempt. What the parser said of the payload is merged into the outcome:
-- a page that was fetched but not understood is not an observation.
with visits as (
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

final_cte as (
    select
        visits.* exclude (outcome),
        visits.outcome as landed_outcome,
        newest_reading.parser_version,
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
