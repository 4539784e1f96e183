{#- Condition: the landmark in `column` comes after the last one that stands as built. -#}
{% macro is_to_build(column) -%}
{%- set day = last_standing_day() -%}
{%- if not day -%}{{ column }} is not null{%- else -%}{{ column }} > date '{{ day }}'{%- endif -%}
{%- endmacro %}
