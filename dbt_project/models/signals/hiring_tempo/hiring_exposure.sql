{{ config(materialized='days') }}
-- Days in which new positions of an account could have been seen, and the positions seen,
-- per landmark: window of 8 weeks, baseline of the 44 weeks before (SCIENCE 2.1). A visit
-- covers the days since the one before it, at most 56.
with job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

openings as (
    select
        account_id,
        known_at,
        job_key as item_key
    from {{ ref('hiring_openings') }}
    -- Summer jobs come every year, and are no growth.
    where not {{ is_seasonal_job(title_words('title')) }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

evidence_days as (
    select
        account_id,
        day,
        arg_max(visit_id, (fetched_at, visit_id)) as visit_id,
        max(fetched_at) as fetched_at
    from job_visits
    group by account_id, day
),

{{ tempo_exposure('evidence_days', 'openings', 'account_id') }}

select * from tempo_exposed
