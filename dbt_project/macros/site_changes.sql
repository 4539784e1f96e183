{#- Shared by the detectors that read menus and lists of a site. -#}

{#- A label made comparable: letters and digits in lower case. -#}
{% macro label_key(label) -%}
trim(regexp_replace(lower(coalesce({{ label }}, '')), '[^\p{L}\p{N}]+', ' ', 'g'))
{%- endmacro %}

{#- Share of words that two texts have in common, of the longer one. -#}
{% macro shared_words(one, other) -%}
len(list_intersect(string_split({{ label_key(one) }}, ' '), string_split({{ label_key(other) }}, ' ')))
/ cast(greatest(
    len(list_distinct(string_split({{ label_key(one) }}, ' '))),
    len(list_distinct(string_split({{ label_key(other) }}, ' '))), 1
) as double)
{%- endmacro %}

{#- Passing by nature: campaigns and seasons. -#}
{% macro is_campaign(text) -%}
regexp_matches(
    lower(coalesce({{ text }}, '')),
    'kampanje|tilbud|salg|outlet|black (friday|week)|\bjul|påske|sommer|vinter|messe|webinar|møt oss|ferie|åpningstid|opningstid|konkurranse|\d\s?%'
)
{%- endmacro %}

{#- What tables of changes have in common, of one after the other; `known` is the column that
says when a change was known. The columns are named: not every engine unites them by name. -#}
{% macro one_after_the_other(tables, known) -%}
{%- for table in tables %}
select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        {{ known }},
        reverted_at,
        strength,
        effect,
        before_ref,
        after_ref,
        quote_before,
        quote_after,
        source,
        url
    from {{ table }}
{{ "union all " if not loop.last }}
{%- endfor %}
{%- endmacro %}
