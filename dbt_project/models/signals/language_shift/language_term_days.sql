-- Terms counted per account, channel and day of first sight: the only place where texts
-- are taken apart, so that windows add days instead of reading texts again. Words of the
-- account's own name are no terms.
with documents as (
    select * from {{ ref('language_documents') }}
),

accounts as (
    select
        account_id,
        string_split({{ title_words('name') }}, ' ') as name_words
    from {{ ref('stg_lyttepost__accounts') }}
),

occurrences as (
    select
        account_id,
        channel,
        day,
        gone_day,
        is_old,
        document_group,
        unnest(terms) as term
    from documents
),

final_cte as (
    select
        occurrences.account_id,
        occurrences.channel,
        occurrences.day,
        occurrences.gone_day,
        occurrences.is_old,
        occurrences.term,
        count(*) as n,
        list_sort(list(distinct occurrences.document_group)) as document_groups
    from occurrences
    inner join accounts on occurrences.account_id = accounts.account_id
    where not list_has_any(string_split(occurrences.term, '_'), accounts.name_words)
    group by all
)

select * from final_cte
