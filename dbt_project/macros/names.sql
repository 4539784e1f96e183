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

{#- Two keys of people that spell one name: a typo, a first name and its initial, or the short
    form of a first name ("Ara", "Arafat"). -#}
{% macro is_respelling(one, other) -%}
(
    jaro_winkler_similarity({{ one }}, {{ other }}) >= 0.94
    or levenshtein({{ one }}, {{ other }}) <= 1
    or (
        split_part({{ one }}, ' ', -1) = split_part({{ other }}, ' ', -1)
        and {{ one }}[1] = {{ other }}[1]
        and least(length(split_part({{ one }}, ' ', 1)), length(split_part({{ other }}, ' ', 1))) = 1
    )
    or (
        split_part({{ one }}, ' ', -1) = split_part({{ other }}, ' ', -1)
        and least(length(split_part({{ one }}, ' ', 1)), length(split_part({{ other }}, ' ', 1))) >= 3
        and (
            starts_with(split_part({{ one }}, ' ', 1), split_part({{ other }}, ' ', 1))
            or starts_with(split_part({{ other }}, ' ', 1), split_part({{ one }}, ' ', 1))
        )
    )
)
{%- endmacro %}

{#- Two keys of people of which one has every word of the other, and more: a middle name, an
    initial, a second surname. Two words at least have to agree. -#}
{% macro is_fuller_name(one, other) -%}
(
    len(string_split({{ one }}, ' ')) <> len(string_split({{ other }}, ' '))
    and least(len(string_split({{ one }}, ' ')), len(string_split({{ other }}, ' '))) >= 2
    and len(list_intersect(string_split({{ one }}, ' '), string_split({{ other }}, ' ')))
    = least(len(string_split({{ one }}, ' ')), len(string_split({{ other }}, ' ')))
)
{%- endmacro %}
