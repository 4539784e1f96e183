{{ config(materialized='days') }}
{%- set after = last_standing_day() %}
-- Which shifts of the mix of positions are claimed (SCIENCE 2.9; the rules are those of the
-- macro), and what the walk over the days remembers.
with recursive tails as (
    select * from {{ ref('hiring_mix_tails') }}
),

exposure as (
    select * from {{ ref('hiring_exposure') }}
),

-- The most surprising function of an account speaks for it.
oddest as (
    select *
    from tails
    qualify row_number() over (partition by account_id, as_of order by p_value, function) = 1
),

measures as (
    select
        oddest.account_id,
        oddest.as_of,
        'role_mix_shift' as signal_type,
        case
            -- Several of one kind on one day are one decision; a few points more are no shift.
            when oddest.n_window >= 3 and oddest.n_days >= 2 and oddest.share - oddest.expected_share >= 0.15
                then oddest.p_value
            else 1.0
        end as p_value
    from oddest
    inner join exposure on oddest.account_id = exposure.account_id and oddest.as_of = exposure.as_of
    where exposure.days_window >= 28 and exposure.days_baseline >= 112
),

{{ discoveries('measures', after=after, carried=this) }}

select * from discovery_states
