{#- Condition: the landmark in `column` comes after the last one that stands as built. -#}
{% macro is_to_build(column) -%}
{%- set day = last_standing_day() -%}
{%- if not day -%}{{ column }} is not null{%- else -%}{{ column }} > date '{{ day }}'{%- endif -%}
{%- endmacro %}

{#- The rows of a model of entities (meta.marked) with a mark for each entity in `touched`. -#}
{% macro marked_anew(rows, touched, keys) -%}
select
    *,
    cast(null as boolean) as is_anew
from {{ rows }}
union all by name
select
    {{ keys }},
    true as is_anew
from {{ touched }}
{%- endmacro %}
