{{ config(materialized='days') }}
{%- set after = last_standing_day() %}
-- Which silences are claimed (SCIENCE 2.9; the rules are those of the macro), and what the
-- walk over the days remembers.
with recursive measures as (
    select
        account_id,
        as_of,
        'silence_after_activity' as signal_type,
        p_value
    from {{ ref('silence_tails') }}
),

{{ discoveries('measures', after=after, carried=this) }}

select * from discovery_states
