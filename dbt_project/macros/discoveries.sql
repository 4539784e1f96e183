{#-
What is claimed of a measure: common table expressions of the false discovery control of SCIENCE 2.9.

`hypotheses` names a table with one row per hypothesis and day for which a p-value was computed: `as_of`,
`p_value`, the column(s) `of_class` (a family is one day of one class: Benjamini-Hochberg runs within it) and the
columns `keys` (the account; add the subject where an account has several hypotheses in a class, such as a topic).
A null p-value is no hypothesis: it was not observed well enough that day.

Within a family only *armed* hypotheses count: m is their number, and a hypothesis is discovered when the smallest
p * m / rank at its rank or below is at most `share`. A discovery disarms its hypothesis until p has stayed at or above
`still_p` for `rearm_days`, so that looking again every week is not a new chance to be wrong. Days are walked in
order, for what is armed depends on the days before and never on those after: a past claim does not change.

Result, CTE `discoveries`: one row per claim, (keys, of_class, as_of). It is recursive, so the model begins
`with recursive`:

    with recursive measures as (select ... from {{ ref('meas_x') }}),
    {{ discoveries('measures') }}
    select * from discoveries

A table of the materialization `days` keeps what the walk has to remember, CTE `discovery_states` (the columns and
`hot_on`, the last day that keeps a hypothesis disarmed; `is_discovery`), and the walk goes on from it: `after` is the
last day that stands, `carried` the table itself. Without them the walk begins on the first day.
-#}
{% macro discoveries(
    hypotheses, keys=['account_id'], of_class='signal_type', share=0.10, still_p=0.05, rearm_days=56,
    after=none, carried=none
) -%}
{%- set names = keys + [of_class] -%}
discovery_days as (
    select
        as_of,
        row_number() over (order by as_of) as day_no
    from (
        select distinct as_of from {{ hypotheses }}
        where p_value is not null{% if after %} and as_of > date '{{ after }}'{% endif %}
    ) as measured_days
),

{% if after -%}
discovery_carried as (
    -- What was remembered on the last day that was walked.
    select
        {{ names | join(', ') }},
        hot_on
    from {{ carried }}
    where
        as_of = (
            select max(earlier.as_of)
            from {{ hypotheses }} as earlier
            where earlier.p_value is not null and earlier.as_of <= date '{{ after }}'
        )
),

{% endif -%}

discovery_hypotheses as (
    select
        {% for name in names %}hypotheses.{{ name }},
        {% endfor -%}
        hypotheses.p_value,
        discovery_days.day_no
    from {{ hypotheses }} as hypotheses
    inner join discovery_days on hypotheses.as_of = discovery_days.as_of
    where hypotheses.p_value is not null
),

discovery_subjects as (
    -- What never came below the level cannot be found at any rank, and only counts in m.
    select
        {{ names | join(', ') }},
        min(p_value) <= {{ share }} as is_worth_walking
    from discovery_hypotheses
    {% if after %}anti join discovery_carried using ({{ names | join(', ') }}){% endif %}
    group by {{ names | join(', ') }}
),

discovery_background as (
    select
        discovery_hypotheses.{{ of_class }},
        discovery_hypotheses.day_no,
        count(*) as n_background
    from discovery_hypotheses
    inner join discovery_subjects using ({{ names | join(', ') }})
    where not discovery_subjects.is_worth_walking
    group by discovery_hypotheses.{{ of_class }}, discovery_hypotheses.day_no
),

discovery_walk as (
    select
        {{ names | join(', ') }},
        cast(0 as bigint) as day_no,
        cast(null as date) as as_of,
        cast(null as date) as hot_on,
        false as is_discovery
    from discovery_subjects
    where is_worth_walking
    {% if after -%}
    union all
    select
        {{ names | join(', ') }},
        cast(0 as bigint) as day_no,
        cast(null as date) as as_of,
        hot_on,
        false as is_discovery
    from discovery_carried
    {% endif -%}
    union all
    select
        {% for name in names %}judged.{{ name }},
        {% endfor -%}
        judged.day_no,
        judged.as_of,
        case
            when judged.is_found then judged.as_of
            when not judged.is_armed and judged.p_value < {{ still_p }} then judged.as_of
            when judged.is_armed then null
            else judged.hot_on
        end as hot_on,
        judged.is_found as is_discovery
    from (
        select
            ranked.*,
            ranked.is_armed
            and coalesce(
                min(ranked.p_value * ranked.n_armed / ranked.rank_no) over (
                    partition by ranked.{{ of_class }}, ranked.is_armed and ranked.p_value is not null
                    order by ranked.rank_no desc
                    rows unbounded preceding
                ) <= {{ share }},
                false
            ) as is_found
        from (
            select
                stepped.*,
                stepped.n_background + count(stepped.p_value) filter (where stepped.is_armed)
                    over (partition by stepped.{{ of_class }}) as n_armed,
                row_number() over (
                    partition by
                        stepped.{{ of_class }}, stepped.is_armed and stepped.p_value is not null
                    order by stepped.p_value, {% for key in keys %}stepped.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
                ) as rank_no
            from (
                select
                    {% for name in names %}discovery_walk.{{ name }},
                    {% endfor -%}
                    discovery_days.day_no,
                    discovery_days.as_of,
                    discovery_walk.hot_on,
                    discovery_hypotheses.p_value,
                    coalesce(discovery_background.n_background, 0) as n_background,
                    coalesce(discovery_days.as_of - discovery_walk.hot_on >= {{ rearm_days }}, true) as is_armed
                from discovery_walk
                inner join discovery_days on discovery_walk.day_no + 1 = discovery_days.day_no
                left join discovery_hypotheses
                    on
                        {% for name in names %}discovery_walk.{{ name }} = discovery_hypotheses.{{ name }}
                        and {% endfor -%}
                        discovery_days.day_no = discovery_hypotheses.day_no
                left join discovery_background
                    on
                        discovery_walk.{{ of_class }} = discovery_background.{{ of_class }}
                        and discovery_days.day_no = discovery_background.day_no
            ) as stepped
        ) as ranked
    ) as judged
),

discovery_states as (
    select
        {{ names | join(', ') }},
        as_of,
        hot_on,
        is_discovery
    from discovery_walk
    where day_no > 0 and hot_on is not null
),

discoveries as (
    select
        {{ names | join(', ') }},
        as_of
    from discovery_walk
    where is_discovery
)
{%- endmacro %}
