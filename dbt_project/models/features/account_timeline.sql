-- One line per thing worth telling, in the words of its type.
with signals as (
    select * from {{ ref('signals') }}
    where status <> 'contradicted'
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

worded as (
    select
        signals.*,
        {% for language, format, unnamed, untitled in [
            ('nb', '%d.%m.%Y', 'En person', 'leder'),
            ('en', '%Y-%m-%d', 'Someone', 'leader'),
        ] %}
        replace(replace(replace(replace(replace(replace(
            catalogue.line_{{ language }},
            '{name}', coalesce(signals.person_name, '{{ unnamed }}')),
            '{title}', coalesce(signals.person_title, '{{ untitled }}')),
            '{subject}', signals.subject),
            '{before}', coalesce(signals.quote_before, '?')),
            '{quote}', coalesce(signals.quote_after, signals.subject)),
            '{when}', strftime(signals.effective_pt, '{{ format }}')) as line_{{ language }}{{ "," if not loop.last }}
        {% endfor %}
    from signals
    inner join catalogue on signals.signal_type = catalogue.id
),

final_cte as (
    select
        account_id,
        effective_pt as happened_at,
        known_at,
        signal_id,
        signal_type,
        family,
        line_nb,
        line_en,
        url as evidence_url
    from worded
)

select * from final_cte
