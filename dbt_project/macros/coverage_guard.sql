{#-
Common table expressions of the coverage guard (SCIENCE 1.2): is a list as long as it
should be, so that what it lacks is absent rather than not shown?

`lists` holds one row per list and visit with `n_seen` and `fetched_at`; `keys` name the
list. Adds `med28` (median length over the plausible visits of the 28 days before, null
with fewer than three) and `is_evidence`. A short list is suspect until ten suspect visits
in a row span 14 days, or, with `seldom`, four span 21: a list read once a week would else be
doubted for ten weeks. `slack` entries may always be missing: two of three leaders is not
a broken page. `may_be_empty`: whether an empty list says anything at all.

The median of the first pass is over every filled list, that of the second over what the
first found plausible: the recursion of the definition, unrolled twice.
-#}
{% macro coverage_guard(lists, keys, slack, may_be_empty, seldom=false) -%}
guard_first as (
    select
        *,
        median(n_seen) filter (where n_seen > 0) over past as past_median,
        count(*) filter (where n_seen > 0) over past as past_visits
    from {{ lists }}
    window
        past as (
            partition by {{ keys }}
            order by fetched_at
            range between interval 28 day preceding and interval 1 microsecond preceding
        )
),

guard_plausible as (
    select
        * exclude (past_median, past_visits),
        past_visits < 3 or not ({{ is_short('n_seen', 'past_median', slack) }}) as is_plausible
    from guard_first
),

guard_second as (
    select
        *,
        case
            when
                count(*) filter (where is_plausible and n_seen > 0) over past >= 3
                then median(n_seen) filter (where is_plausible and n_seen > 0) over past
        end as med28
    from guard_plausible
    window
        past as (
            partition by {{ keys }}
            order by fetched_at
            range between interval 28 day preceding and interval 1 microsecond preceding
        )
),

guard_judged as (
    select
        * exclude (is_plausible),
        {{ "true" if may_be_empty else "n_seen > 0" }} as says_something,
        coalesce(not ({{ is_short('n_seen', 'med28', slack) }}), true) as is_long_enough
    from guard_second
),

guard_runs as (
    select
        *,
        sum(case when says_something and not is_long_enough then 0 else 1 end) over (
            partition by {{ keys }} order by fetched_at rows unbounded preceding
        ) as suspect_island
    from guard_judged
),

guarded as (
    select
        * exclude (says_something, is_long_enough, suspect_island),
        says_something and (
            is_long_enough
            or (
                count(*) filter (where not is_long_enough) over run >= 10
                and fetched_at - min(fetched_at) filter (where not is_long_enough) over run
                >= interval 14 day
            )
            {% if seldom %}
            or (
                count(*) filter (where not is_long_enough) over run >= 4
                and fetched_at - min(fetched_at) filter (where not is_long_enough) over run
                >= interval 21 day
            )
            {% endif %}
        ) as is_evidence
    from guard_runs
    window
        run as (
            partition by {{ keys }}, suspect_island
            order by fetched_at
            rows unbounded preceding
        )
)
{%- endmacro %}

{#- Condition: a list is too short beside its usual length; `slack` entries may always be missing. -#}
{% macro is_short(n_seen, usual, slack) -%}
{{ n_seen }} < 0.6 * {{ usual }} and {{ usual }} - {{ n_seen }} > {{ slack }}
{%- endmacro %}

{#-
Common table expressions before the guard where nothing but `is_evidence` is asked: `doubted`,
the `keys` of `lists` with a day to be built (after `after`) that is short beside the longest of
the 28 days before. No median is above that: the others are long enough without one.
-#}
{% macro doubted_lists(lists, keys, slack, after) -%}
tops as (
    select
        *,
        max(n_seen) over (
            partition by {{ keys }}
            order by fetched_at
            range between interval 28 day preceding and interval 1 microsecond preceding
        ) as most_seen
    from {{ lists }}
    where {{ "day > date '" ~ after ~ "' - 29" if after else "true" }}
),

doubted as (
    select distinct {{ keys }}
    from tops
    where {{ is_short('n_seen', 'most_seen', slack) }} and {{ is_to_build('day') }}
)
{%- endmacro %}
