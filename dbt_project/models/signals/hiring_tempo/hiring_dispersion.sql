{{ config(materialized='days') }}
-- How much more weekly counts of new positions vary than a Poisson count does, pooled over
-- accounts that post often enough to tell, as of each landmark (SCIENCE 2.1).
with exposure as (
    select * from {{ ref('hiring_exposure') }}
    where {{ is_to_build('as_of') }}
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

{{ tempo_dispersion('exposure', 'openings', 'account_id') }}

select * from tempo_dispersed
