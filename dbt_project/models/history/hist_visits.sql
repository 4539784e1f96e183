-- One row per attempt. What the parser said of the payload is merged into the outcome:
-- a page that was fetched but not understood is not an observation.
with visits as (
    select * from {{ ref('stg_landing__visits') }}
),

payloads as (
    select * from {{ ref('stg_observed__payloads') }}
),

verdicts as (
    -- A payload may have been read by several parser versions; the newest one holds.
    select
        source,
        url,
        payload_digest,
        arg_max(verdict, parser_version) as verdict
    from payloads
    group by source, url, payload_digest
),

final_cte as (
    select
        visits.* exclude (outcome),
        cast(visits.fetched_at as date) as day,
        visits.outcome as landed_outcome,
        case
            when visits.outcome not in ('ok', 'not_modified') then visits.outcome
            when verdicts.verdict in ('parse_empty', 'parse_error') then 'parse_empty'
            else visits.outcome
        end as outcome,
        visits.outcome in ('ok', 'not_modified')
        and coalesce(verdicts.verdict, 'ok') = 'ok' as is_ok
    from visits
    left join verdicts
        on
            visits.source = verdicts.source
            and visits.url = verdicts.url
            and visits.payload_digest = verdicts.payload_digest
)

select * from final_cte
