{{ config(materialized='view') }}
-- Texts of new positions as read within a fortnight of the opening: one row per text and
-- opening. A list may show the title alone, and the ad's own page be read the day after.
with openings as (
    select * from {{ ref('hiring_openings') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and parser_version is not null
),

job_ads as not materialized (
    select * from {{ ref('stg_observed__job_ads') }}
    where description is not null and description <> ''
),

read_payloads as (
    select
        account_id,
        source,
        url,
        payload_digest,
        parser_version,
        min(fetched_at) as first_read_at
    from visits
    group by account_id, source, url, payload_digest, parser_version
),

texts as (
    select
        read_payloads.account_id,
        read_payloads.source,
        read_payloads.first_read_at,
        {{ ad_identity('job_ads.ad_id') }} as ad_ref,
        job_ads.description
    from read_payloads
    inner join job_ads
        on
            read_payloads.source = job_ads.source
            and read_payloads.url = job_ads.url
            and read_payloads.payload_digest = job_ads.payload_digest
            and read_payloads.parser_version = job_ads.parser_version
),

final_cte as (
    select
        openings.event_id,
        openings.account_id,
        greatest(openings.known_at, texts.first_read_at) as known_at,
        texts.description
    from openings
    inner join texts
        on
            openings.source = texts.source
            and {{ ad_identity('openings.ad_id') }} = texts.ad_ref
    where
        (texts.account_id = openings.account_id or (texts.account_id is null and openings.is_from_feed))
        and texts.first_read_at <= openings.known_at + interval 14 day
)

select * from final_cte
