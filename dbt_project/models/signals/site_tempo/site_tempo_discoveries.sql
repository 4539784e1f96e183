{{ config(materialized='days') }}
{%- set after = last_standing_day() %}
-- Which changes of tempo are claimed (SCIENCE 2.9; the rules are those of the macro), and
-- what the walk over the days remembers.
with recursive tails as (
    select * from {{ ref('site_tempo_tails') }}
    where p_up is not null and has_baseline
),

hypotheses as (
    -- What would not be worth the telling is tested, and never found: one day with many
    -- edits is no tempo, nor are two, for a box that turns shows its two texts so.
    select
        account_id,
        as_of,
        'edits' as class,
        case when effect >= 1.5 and n_days >= 4 then p_up else 1.0 end as p_value
    from tails
    where series = 'edits'
    union all
    select
        account_id,
        as_of,
        'publishing more' as class,
        case when effect >= 1.5 and n_days >= 3 then p_up else 1.0 end as p_value
    from tails
    where series = 'publishing'
    union all
    select
        account_id,
        as_of,
        'publishing less' as class,
        case when effect <= 0.5 then p_down else 1.0 end as p_value
    from tails
    where series = 'publishing'
),

{{ discoveries('hypotheses', of_class='class', after=after, carried=this) }}

select * from discovery_states
