{#- What is left of one after some days, halved every half-life (SCIENCE 2.7). -#}
{% macro halved(days, half_life) -%}
pow(2.0, -cast({{ days }} as double) / {{ half_life }})
{%- endmacro %}
