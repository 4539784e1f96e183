{{ config(materialized='days') }}
{%- set after = last_standing_day() %}
-- Which surges and slowdowns are claimed (SCIENCE 2.9; the rules are those of the macro),
-- and what the walk over the days remembers.
with recursive measures as (
    select
        account_id,
        as_of,
        signal_type,
        p_value
    from {{ ref('meas_hiring_tempo') }}
    where p_value is not null
),

{{ discoveries('measures', after=after, carried=this) }}

select * from discovery_states
