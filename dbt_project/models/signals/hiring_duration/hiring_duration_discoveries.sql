{{ config(materialized='days') }}
{%- set after = last_standing_day() %}
-- Which changes of how long ads stand are claimed (SCIENCE 2.9; the rules are those of the
-- macro), and what the walk over the days remembers.
with recursive tails as (
    select * from {{ ref('hiring_duration_tails') }}
),

measures as (
    select
        account_id,
        as_of,
        'hiring_tempo_change' as signal_type,
        p_value
    from tails
),

{{ discoveries('measures', after=after, carried=this) }}

select * from discovery_states
