{#- Street of a one-line address made comparable: registrars correct postal codes. -#}
{% macro street_key(address) -%}
trim(regexp_replace(lower(split_part({{ address }}, ',', 1)), '[^\p{L}\p{N}]+', ' ', 'g'))
{%- endmacro %}
