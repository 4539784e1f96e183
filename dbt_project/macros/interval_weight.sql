{#- What a change weighs by how exactly it is dated: 1 within 14 days, then 14 over the width (SCIENCE 1.4). -#}
{% macro interval_weight(lo, hi) -%}
least(1.0, 14.0 / greatest(date_diff('second', {{ lo }}, {{ hi }}) / 86400.0, 1e-9))
{%- endmacro %}
