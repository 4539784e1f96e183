{#- Condition: the landmark in `column` comes after the last one that stands as built. -#}
{% macro is_to_build(column) -%}
{%- set day = last_standing_day() -%}
{%- if not day -%}{{ column }} is not null{%- else -%}{{ column }} > date '{{ day }}'{%- endif -%}
{%- endmacro %}

{#-
    Condition: the moment in `column` is of a day later than `after`; any when that is none. A bare
    column against one moment, so that whole pieces of a table are passed over without reading them.
-#}
{% macro is_later(column, after) -%}
{%- if not after -%}{{ column }} is not null{%- else -%}{{ column }} >= timestamp '{{ after }}' + interval 1 day{%- endif -%}
{%- endmacro %}

{#-
    The rows of a model of entities (meta.marked) with a mark for each entity in `touched`, and
    what is known now of those in `later` (meta.learnt_later), which keep the rest of their row.
-#}
{% macro marked_anew(rows, touched, keys, later=none) -%}
select
    *,
    cast(null as boolean) as is_anew
from {{ rows }}
union all by name
select
    {{ keys }},
    true as is_anew
from {{ touched }}
{%- if later %}
union all by name
select
    *,
    false as is_anew
from {{ later }}
{%- endif %}
{%- endmacro %}

{#- Condition: an account is of the part that is made; of the only one where nobody divides them. -#}
{% macro of_part(part=0, n_parts=1) -%}
hash(account_id) % {{ n_parts }} = {{ part }}
{%- endmacro %}
