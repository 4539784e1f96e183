{{ config(materialized='days', meta={'entity': ['account_id', 'channel', 'document_key'], 'marked': true}) }}
{%- set after = last_standing_day() %}
{%- set columns = [
    'account_id', 'channel', 'document_key', 'document_group', 'source', 'url', 'text', 'terms', 'language',
    'first_seen_at', 'day', 'is_old', 'after_visit_id', 'before_visit_id',
] %}
-- Texts of an account as documents that may mention the words of an offer: main blocks of
-- its pages, its ads, and what it says in the press itself. `found` are the words of offers
-- that stand in it. What was there when observation began is old.
--
-- After new visits alone, new texts are added, and ads whose text was withdrawn are others.
with documents as (
    select * from {{ ref('language_documents') }}
    where len(terms) > 0 and {{ is_to_build('day') }}
),

{% if after -%}
ads_said_anew as ( -- noqa: ST03
    select ads.*
    from {{ ref('language_documents') }} as ads
    anti join {{ this }} as built
        on
            ads.account_id = built.account_id
            and ads.channel = built.channel
            and ads.document_key = built.document_key
            and ads.text is not distinct from built.text
    where ads.channel = 'jobs' and len(ads.terms) > 0 and ads.day <= date '{{ after }}'
),

{% endif -%}
releases as (
    select * from {{ ref('hist_announcements') }}
    where
        role = 'publisher'
        and category in ('press', 'news', 'stock_exchange')
        and not is_correction
        and len(terms) > 0
        and {{ is_later('known_at', after) }}
),

visits as (
    select
        visit_id,
        lag(visit_id) over (partition by source, url order by fetched_at, visit_id) as previous_visit_id,
        fetched_at
    from {{ ref('hist_visits') }}
    semi join releases using (source, url)
    where is_ok
),

offer_words as (
    select list(distinct term) as words
    from {{ ref('offer_terms') }}
),

own_releases as (
    -- The same words in several places, or said again, are one release.
    select
        releases.account_id,
        'press' as channel,
        md5({{ title_words('releases.title') }}) as document_key,
        md5({{ title_words('releases.title') }}) as document_group,
        releases.source,
        releases.url,
        concat_ws('. ', releases.title, releases.text) as text,
        releases.terms,
        coalesce(releases.language, '') as language,
        releases.known_at as first_seen_at,
        cast(releases.known_at as date) as day,
        releases.is_first_day
        or coalesce(releases.published_at < releases.known_at - interval 56 day, false) as is_old,
        releases.visit_id as after_visit_id,
        visits.previous_visit_id as before_visit_id
    from releases
    inner join visits on releases.visit_id = visits.visit_id
    {% if after -%}
    anti join {{ this }} as built
        on
            releases.account_id = built.account_id
            and built.channel = 'press'
            and md5({{ title_words('releases.title') }}) = built.document_key
    {%- endif %}
    qualify
        row_number() over (
            partition by releases.account_id, md5({{ title_words('releases.title') }})
            order by releases.known_at, releases.source, releases.announcement_id
        ) = 1
),

all_documents as (
    select
        {{ columns | join(', ') }}
    from documents
    union all
    select * from own_releases
    {% if after -%}
    union all
    select
        {{ columns | join(', ') }}
    from ads_said_anew
    {%- endif %}
),

final_cte as (
    select
        all_documents.* exclude (terms),
        list_sort(list_distinct(list_filter(all_documents.terms, t -> list_contains(offer_words.words, t)))) as found
    from all_documents
    cross join offer_words
)

{% if after -%}
{{ marked_anew('final_cte', 'ads_said_anew', 'account_id, channel, document_key') }}
{%- else -%}
select * from final_cte
{%- endif %}
