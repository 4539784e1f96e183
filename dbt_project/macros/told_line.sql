{#- A signal in the words of its type: a template of the catalogue with its slots filled. -#}
{% macro told_line(template, date_format, unnamed, untitled) -%}
    {%- set slots = [
        ('{name}', "coalesce(signals.person_name, '" ~ unnamed ~ "')"),
        ('{title}', "coalesce(signals.person_title, '" ~ untitled ~ "')"),
        ('{subject}', "signals.subject"),
        ('{before}', "coalesce(signals.quote_before, '?')"),
        ('{quote}', "coalesce(signals.quote_after, signals.subject)"),
        ('{when}', "strftime(signals.effective_pt, '" ~ date_format ~ "')"),
    ] -%}
{%- for slot in slots %}replace({% endfor -%}
{{ template }}
{%- for slot, value in slots %}, '{{ slot }}', {{ value }}){% endfor %}
{%- endmacro %}
