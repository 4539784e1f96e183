{{ config(materialized='days', meta={'entity': ['account_id', 'channel', 'day'], 'marked': true}) }}
{%- set after = last_standing_day() %}
-- Terms counted per account, channel and day of first sight: the only place where texts
-- are taken apart, so that windows add days instead of reading texts again. Words of the
-- account's own name are no terms.
--
-- After new visits alone, days are counted anew of which texts are new or have gone since.
with documents as (
    select * from {{ ref('language_documents') }}
),

accounts as (
    select
        account_id,
        string_split({{ title_words('name') }}, ' ') as name_words
    from {{ ref('stg_lyttepost__accounts') }}
),

{% if after -%}
touched as ( -- noqa: ST03
    select distinct
        account_id,
        channel,
        day
    from {{ ref('language_documents') }}
    where
        day > date '{{ after }}'
        or (gone_day > date '{{ after }}' and gone_day < date '9999-12-31')
),

{% endif -%}
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
    {% if after -%}
    semi join touched using (account_id, channel, day)
    {%- endif %}
),

-- A page says a word often: its address is kept once, and asked once whether it is a name.
group_terms as (
    select
        account_id,
        channel,
        day,
        gone_day,
        is_old,
        document_group,
        term,
        count(*) as n
    from occurrences
    group by account_id, channel, day, gone_day, is_old, document_group, term
),

term_days as (
    select
        account_id,
        channel,
        day,
        gone_day,
        is_old,
        term,
        cast(sum(n) as bigint) as n,
        list_sort(list(document_group)) as document_groups
    from group_terms
    group by account_id, channel, day, gone_day, is_old, term
),

final_cte as (
    select term_days.*
    from term_days
    inner join accounts on term_days.account_id = accounts.account_id
    where not list_has_any(string_split(term_days.term, '_'), accounts.name_words)
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', 'account_id, channel, day') }}
{%- else -%}
select * from final_cte
{%- endif %}
