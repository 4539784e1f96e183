{#- A company's name made comparable: lower case, punctuation away, legal form away. -#}
{% macro company_name_key(name) -%}
trim(regexp_replace(
    trim(regexp_replace(lower({{ name }}), '[^\p{L}\p{N}]+', ' ', 'g')),
    ' (as|asa|ab|aps|a s|oy|oyj|ans|da|sa|ltd|limited|plc|llp|inc|gmbh)$', ''
))
{%- endmacro %}

{#- Identity of a position across boards: its title and place. -#}
{% macro job_key(title, place) -%}
trim({{ title_words(title) }}) || '|' || coalesce(trim({{ title_words(place) }}), '')
{%- endmacro %}

{#- Two keys of company names that may be one company: equal, or one begins the other. -#}
{% macro same_company(one, other) -%}
coalesce(
    {{ one }} <> '' and {{ other }} <> ''
    and (
        {{ one }} = {{ other }}
        or starts_with({{ one }}, {{ other }} || ' ')
        or starts_with({{ other }}, {{ one }} || ' ')
    ),
    false
)
{%- endmacro %}
