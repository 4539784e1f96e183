-- Texts of an account as documents that may mention the words of an offer: main blocks of
-- its pages, its ads, and what it says in the press itself. `found` are the words of offers
-- that stand in it. What was there when observation began is old.
with documents as (
    select * from {{ ref('language_documents') }}
),

releases as (
    select * from {{ ref('hist_announcements') }}
    where
        role = 'publisher'
        and category in ('press', 'news', 'stock_exchange')
        and not is_correction
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
    where len(releases.terms) > 0
    qualify
        row_number() over (
            partition by releases.account_id, md5({{ title_words('releases.title') }})
            order by releases.known_at, releases.source, releases.announcement_id
        ) = 1
),

all_documents as (
    select
        account_id,
        channel,
        document_key,
        document_group,
        source,
        url,
        text,
        terms,
        language,
        first_seen_at,
        day,
        is_old,
        after_visit_id,
        before_visit_id
    from documents
    union all
    select * from own_releases
),

final_cte as (
    select
        all_documents.* exclude (terms),
        list_sort(list_distinct(list_filter(all_documents.terms, t -> list_contains(offer_words.words, t)))) as found
    from all_documents
    cross join offer_words
    where len(all_documents.terms) > 0
)

select * from final_cte
