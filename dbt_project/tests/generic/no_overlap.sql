{#- Rows of one key that begin before the one ahead of them has ended. -#}
{% test no_overlap(model, keys, starts, ends) %}
with ordered as (
    select
        *,
        lag({{ ends }}) over (partition by {{ keys | join(', ') }} order by {{ starts }}) as previous_end,
        row_number() over (partition by {{ keys | join(', ') }} order by {{ starts }}) as row_no
    from {{ model }}
)

select *
from ordered
where row_no > 1 and (previous_end is null or {{ starts }} < previous_end)
{% endtest %}
