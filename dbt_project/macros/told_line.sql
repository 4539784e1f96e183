{#- A signal in the words of its type: a template of the catalogue with its slots filled.
    Words that may not be shown any more are said to be so in the language of the line. -#}
{% macro told_line(template, date_format, unnamed, untitled, withdrawn) -%}
{%- set quoted = "case {} when " ~ withdrawn_note() ~ " then '" ~ withdrawn ~ "' else {} end" -%}
{%- set before = quoted.replace('{}', 'signals.quote_before') -%}
{%- set after = quoted.replace('{}', 'signals.quote_after') -%}
    {%- set slots = [
        ('{name}', "coalesce(signals.person_name, '" ~ unnamed ~ "')"),
        ('{title}', "coalesce(signals.person_title, '" ~ untitled ~ "')"),
        ('{subject}', "signals.subject"),
        ('{before}', "coalesce(" ~ before ~ ", '?')"),
        ('{quote}', "coalesce(" ~ after ~ ", signals.subject)"),
        ('{when}', "strftime(signals.effective_pt, '" ~ date_format ~ "')"),
    ] -%}
{%- for slot in slots %}replace({% endfor -%}
{{ template }}
{%- for slot, value in slots %}, '{{ slot }}', {{ value }}){% endfor %}
{%- endmacro %}
