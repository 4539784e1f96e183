{#-
Common table expressions of the gone rule with hysteresis (SCIENCE 1.3 and 1.5).

`states` holds one row per entity and round in which its state is known: `state_at`, `visit_id`,
`is_seen` (1 present, 0 absent; unknown rounds have no row). Result, CTE `spelled`: one row
per sighting with what followed it: `first_miss_at`, `first_miss_visit_id`,
`last_miss_at`, `last_miss_visit_id`, `gone_known_at` (when the proof was complete),
`gone_superseded_at` (a return within back_days withdraws the claim), and the spell it
belongs to (`spell_no`, `spell_lo_at`, `spell_lo_visit_id`: the last miss before it).

misses + min(flip_weight * flips, 24) misses in a row are needed, flips being returns in the last
180 days, and `days` days from the first of them. With `sure_days`, four misses in a row that
span so many days are enough whatever the flips: the count of the rule is meant for daily
visits, and at one visit a week it would wait for half a year. `known` names the column that
says when a state was known, where that may be later than the visit.
-#}
{% macro gone_rule(
    states, keys, misses, days, flip_weight=2, back_days=30, sure_days=none, known='state_at'
) -%}
state_steps as (
    select
        *,
        lag(is_seen) over past as previous_seen,
        -- A sum is of 128 bits: 1.7 million of them took 359 ms to read back, other numbers 2 to 3.
        cast(sum(is_seen) over (
            partition by {{ keys }} order by state_at rows unbounded preceding
        ) as bigint) as sighting_no
    from {{ states }}
    window past as (partition by {{ keys }} order by state_at)
),

state_runs as (
    select
        *,
        sum(case when is_seen = 1 and previous_seen = 0 then 1 else 0 end) over (
            partition by {{ keys }}
            order by state_at
            range between interval 180 day preceding and current row
        ) as flips,
        sum(1 - is_seen) over run as miss_run,
        max({{ known }}) over run as run_known_at,
        min(case when is_seen = 0 then state_at end) over run as run_first_miss
    from state_steps
    window
        run as (
            partition by {{ keys }}, sighting_no
            order by state_at
            rows unbounded preceding
        )
),

sightings_and_misses as (
    select
        {{ keys }},
        sighting_no,
        min(case when is_seen = 1 then state_at end) as sighted_at,
        min(case when is_seen = 0 then state_at end) as first_miss_at,
        arg_min(visit_id, state_at) filter (where is_seen = 0) as first_miss_visit_id,
        max(case when is_seen = 0 then state_at end) as last_miss_at,
        arg_max(visit_id, state_at) filter (where is_seen = 0) as last_miss_visit_id,
        min(case
            when
                is_seen = 0
                and state_at - run_first_miss >= interval {{ days }} day
                and (
                    miss_run >= {{ misses }} + least({{ flip_weight }} * flips, 24)
                    {% if sure_days is not none %}
                    or (miss_run >= 4 and state_at - run_first_miss >= interval {{ sure_days }} day)
                    {% endif %}
                )
                then run_known_at
        end) as gone_known_at
    from state_runs
    where sighting_no > 0
    group by {{ keys }}, sighting_no
),

returns as (
    select
        *,
        lag(gone_known_at) over following as previous_gone_at,
        lag(last_miss_at) over following as previous_last_miss_at,
        lag(last_miss_visit_id) over following as previous_last_miss_visit_id,
        lead(sighted_at) over following as next_sighted_at
    from sightings_and_misses
    window following as (partition by {{ keys }} order by sighted_at)
),

spell_starts as (
    select
        *,
        sighting_no = 1
        or coalesce(sighted_at - previous_gone_at > interval {{ back_days }} day, false) as is_spell_start
    from returns
),

spell_numbers as (
    select
        * exclude (previous_gone_at, next_sighted_at),
        case
            when next_sighted_at - gone_known_at <= interval {{ back_days }} day then next_sighted_at
        end as gone_superseded_at,
        cast(sum(case when is_spell_start then 1 else 0 end) over (
            partition by {{ keys }} order by sighted_at rows unbounded preceding
        ) as bigint) as spell_no
    from spell_starts
),

spelled as (
    select
        * exclude (previous_last_miss_at, previous_last_miss_visit_id, is_spell_start),
        first_value(case when is_spell_start and sighting_no > 1 then previous_last_miss_at end)
            over spell as spell_lo_at,
        first_value(case when is_spell_start and sighting_no > 1 then previous_last_miss_visit_id end)
            over spell as spell_lo_visit_id
    from spell_numbers
    window spell as (partition by {{ keys }}, spell_no order by sighted_at)
)
{%- endmacro %}

{#- Whether so many people came or went in one edit of a list that the edit is about the list:
    ten of them and a fifth of those who were there before, or five who are half as many again;
    a list that lost three and over two fifths has collapsed (SCIENCE 1.2). `n_after` is the
    length of the list after the edit. -#}
{% macro is_bulk_edit(event, n_changed, n_after) -%}
case
    when {{ event }} = 'appeared'
        then
            ({{ n_changed }} >= 10 and {{ n_changed }} >= 0.2 * ({{ n_after }} - {{ n_changed }}))
            or ({{ n_changed }} >= 5 and {{ n_changed }} >= 0.5 * ({{ n_after }} - {{ n_changed }}))
    else
        ({{ n_changed }} >= 10 and {{ n_changed }} >= 0.2 * ({{ n_after }} + {{ n_changed }}))
        or ({{ n_changed }} >= 3 and {{ n_changed }} > 0.4 * ({{ n_after }} + {{ n_changed }}))
end
{%- endmacro %}

{#- Whether a tenure of hist_role_slots was known at a moment to have ended. -#}
{% macro has_ended_by(slots, moment) -%}
(
    coalesce({{ slots }}.ended_known_at <= {{ moment }}, false)
    and coalesce({{ slots }}.end_superseded_at > {{ moment }}, true)
)
{%- endmacro %}

{#- The last sighting of each entity that stands in the model's own table: its number, and the
rest as `last_one`. Read once: to seek each one's last number first takes twice as long. -#}
{% macro last_sighting_of_each(keys) -%}
select
        {{ keys }},
        max(sighting_no) as sighting_no,
        arg_max(
            struct_pack(first_miss_at, gone_known_at, spell_no, spell_lo_at, spell_lo_visit_id),
            sighting_no
        ) as last_one
    from {{ this }}
    group by {{ keys }}
{%- endmacro %}
