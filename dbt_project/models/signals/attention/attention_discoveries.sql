{{ config(materialized='days') }}
{%- set after = last_standing_day() %}
-- Which rises and drops of attention are claimed (SCIENCE 2.9; the rules are those of the
-- macro), and what the walk over the days remembers.
with recursive measures as (
    -- One hypothesis per account and direction; of several offers the clearest, paid for.
    select
        account_id,
        as_of,
        signal_type,
        least(1.0, min(p_value) * count(p_value)) as p_value
    from {{ ref('meas_attention') }}
    where p_value is not null
    group by account_id, as_of, signal_type
),

{{ discoveries('measures', after=after, carried=this) }}

select * from discovery_states
