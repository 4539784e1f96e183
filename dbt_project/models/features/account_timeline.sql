-- One line per thing worth telling, in the words of its type. Withdrawn claims are not told,
-- nor changes that nobody has a word for.
with signals as (
    select * from {{ ref('signals') }}
    where status <> 'contradicted' and signal_type <> 'unclassified_change'
),

catalogue as (
    select * from {{ ref('signal_types') }}
),

worded as (
    select
        signals.*,
        {{
            told_line(
                'catalogue.line_nb',
                '%d.%m.%Y',
                unnamed='En person',
                untitled='leder',
                withdrawn='ikke lenger utlyst'
            )
        }} as line_nb,
        {{
            told_line(
                'catalogue.line_en',
                '%Y-%m-%d',
                unnamed='Someone',
                untitled='leader',
                withdrawn='no longer advertised'
            )
        }} as line_en
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
