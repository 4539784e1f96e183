{{ config(
    materialized='days',
    meta={
        'entity': ['account_id', 'channel', 'day', 'gone_day', 'is_old', 'term'], 'marked': true,
        'parts': {'of': 'language_documents', 'rows': 1000000}
    }
) }}
{%- set after = last_standing_day() %}
{%- set open_end = "date '9999-12-31'" %}
{%- set has_gone = (
    "day <= date '" ~ after ~ "' and gone_day > date '" ~ after ~ "' and gone_day < " ~ open_end
) %}
-- Terms counted per account, channel and day of first sight: the only place where texts
-- are taken apart, so that windows add days instead of reading texts again. Words of the
-- account's own name are no terms. Where a term of new text stands is kept, for a term is
-- new when several texts say it; of old text nobody asks, and all text of a first day is old.
--
-- After new visits alone, texts are counted that are new or have gone since, and the latter
-- are taken from the count they stood in: of the texts that stay, only those on the same
-- pages are looked into, which may have the page say a word still.
with documents as (
    select
        account_id,
        channel,
        day,
        gone_day,
        is_old,
        document_group,
        terms
    from {{ ref('language_documents') }}
    where {{ of_part() }} and ({{ is_to_build('day') }}{% if after %} or ({{ has_gone }}){% endif %})
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
        -- Filtered, and not only left out: lists are held in memory, whatever the limit.
        case when not is_old then list_sort(list(document_group) filter (where not is_old)) end as document_groups
    from group_terms
    group by account_id, channel, day, gone_day, is_old, term
),

{% if after -%}
gone_terms as (
    select * from group_terms
    where day <= date '{{ after }}'
),

-- From the documents and not from their words, so that it is known to be the small side.
gone_pages as (
    select distinct
        account_id,
        channel,
        day,
        is_old,
        document_group
    from {{ ref('language_documents') }}
    where {{ of_part() }} and {{ has_gone }} and not is_old
),

staying as (
    select
        stays.account_id,
        stays.channel,
        stays.day,
        stays.is_old,
        stays.document_group,
        unnest(stays.terms) as term
    from {{ ref('language_documents') }} as stays
    semi join gone_pages using (account_id, channel, day, is_old, document_group)
    where stays.gone_day = {{ open_end }}
),

said_still as (
    select distinct staying.*
    from staying
    semi join gone_terms using (account_id, channel, day, is_old, document_group, term)
),

gone_term_days as ( -- noqa: ST03
    select
        gone_terms.account_id,
        gone_terms.channel,
        gone_terms.day,
        {{ open_end }} as gone_day,
        gone_terms.is_old,
        gone_terms.term,
        cast(sum(gone_terms.n) as bigint) as n,
        list(gone_terms.document_group)
        filter (where said_still.term is null and not gone_terms.is_old) as document_groups
    from gone_terms
    left join said_still using (account_id, channel, day, is_old, document_group, term)
    group by gone_terms.account_id, gone_terms.channel, gone_terms.day, gone_terms.is_old, gone_terms.term
),

{% endif -%}
final_cte as (
    select term_days.*
    from term_days
    inner join accounts on term_days.account_id = accounts.account_id
    where not list_has_any(string_split(term_days.term, '_'), accounts.name_words)
    {% if after -%}
    union all by name
    select
        built.* replace (
            built.n - gone.n as n,
            list_filter(
                built.document_groups, g -> not list_contains(coalesce(gone.document_groups, []), g)
            ) as document_groups
        )
    from {{ this }} as built
    inner join gone_term_days as gone
        on
            built.account_id = gone.account_id
            and built.channel = gone.channel
            and built.day = gone.day
            and built.gone_day = gone.gone_day
            and built.is_old = gone.is_old
            and built.term = gone.term
    where built.n > gone.n
    {%- endif %}
)

{% if after -%}
{{ marked_anew('final_cte', 'gone_term_days', 'account_id, channel, day, gone_day, is_old, term') }}
{%- else -%}
select * from final_cte
{%- endif %}
