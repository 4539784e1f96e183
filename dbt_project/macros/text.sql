{#- Small text helpers; anything an engine spells differently is kept here. -#}

{#- At most n words of a text: quotes are held to 25. -#}
{% macro first_words(text, n=25) -%}
array_to_string(string_split(regexp_replace(trim({{ text }}), '\s+', ' ', 'g'), ' ')[1:{{ n }}], ' ')
{%- endmacro %}

{#- A title made comparable: lower case, punctuation as one space, a space at both ends so
    that rules can anchor words without the engine's ASCII-only word boundary. -#}
{% macro title_words(title) -%}
(' ' || trim(regexp_replace(lower({{ title }}), '[^\p{L}\p{N}]+', ' ', 'g')) || ' ')
{%- endmacro %}

{#- Stable id of an event: 32 hex characters over its identifying columns. -#}
{% macro event_id(columns) -%}
md5(concat_ws('|', {% for column in columns %}coalesce(cast({{ column }} as varchar), ''){{ ", " if not loop.last }}{% endfor %}))
{%- endmacro %}

{#- What stands in place of the words of an ad that may not be shown any more. -#}
{% macro withdrawn_note() -%}
'no longer advertised'
{%- endmacro %}
