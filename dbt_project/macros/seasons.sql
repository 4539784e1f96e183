{#- Days in which little is said in any year: fellesferie and the weeks around new year. -#}
{% macro is_holiday(day) -%}
(
    strftime({{ day }}, '%m-%d') between '07-01' and '08-10'
    or strftime({{ day }}, '%m-%d') >= '12-18'
    or strftime({{ day }}, '%m-%d') <= '01-07'
)
{%- endmacro %}

{#- Whether a time lies in the season of general meetings, in which boards rotate. -#}
{% macro is_meeting_season(moment) -%}
month({{ moment }}) between 5 and 7
{%- endmacro %}
