{#- Whether a signal concerns what its step of a pattern asks for (seed composite_steps). -#}
{% macro concerns(event, step) -%}
case
    when coalesce({{ step }}.must_match, '') = '' then true
    when {{ step }}.must_match = 'offer' then {{ event }}.is_match
    else coalesce(list_contains(string_split({{ step }}.must_match, '|'), {{ event }}.function), false)
end
{%- endmacro %}
