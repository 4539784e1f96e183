{{ config(materialized='days') }}
-- Gamma-Poisson posterior predictive tails of the number of new positions in 8 weeks
-- (SCIENCE 2.1), deflated for dispersion and set against what the sector does.
with accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

exposure as (
    select
        hiring_exposure.*,
        coalesce(accounts.segment, '') as segment
    from {{ ref('hiring_exposure') }} as hiring_exposure
    inner join accounts on hiring_exposure.account_id = accounts.account_id
    where {{ is_to_build('hiring_exposure.as_of') }}
),

dispersion as (
    select * from {{ ref('hiring_dispersion') }}
    where {{ is_to_build('as_of') }}
),

{{ tempo_tails('exposure', 'dispersion', 'account_id') }}

select * from tempo_tailed
