-- What the tempo of a site is counted in, each thing once: rewritten core pages (edits), and
-- news (publishing). What belongs to a template or to the days out of season does not
-- count; what is published again under a new date is not new. An edit is of the day on
-- which a second visit saw it too: on the day before nobody knew that it would stay.
with pages as (
    select * from {{ ref('hist_pages') }}
    where
        page_role in (
            'about', 'services', 'products', 'prices', 'customers', 'partners', 'strategy', 'content', 'sustainability'
        )
),

announcements as (
    select * from {{ ref('hist_announcements') }}
    where source in ('company_pages', 'press_feeds', 'ntb_releases')
),

edits as (
    select
        account_id,
        'edits' as series,
        known_at,
        url || '|' || version as item_key,
        regexp_extract(url, '[^/]+/?$') as title,
        source,
        url,
        row_number() over (partition by account_id, known_at order by url) as edit_no,
        count(*) over (partition by account_id, known_at) as n_edits
    from pages
    where change_class = 'content'
),

page_counts as (
    select
        account_id,
        valid_from,
        count(distinct url) as n_pages
    from pages
    where version = 1
    group by account_id, valid_from
),

edit_days as (
    select distinct
        account_id,
        known_at
    from edits
),

standing as (
    -- Core pages known by then.
    select
        edits.account_id,
        edits.known_at,
        sum(page_counts.n_pages) as n_pages
    from edit_days as edits
    left join page_counts on edits.account_id = page_counts.account_id and edits.known_at > page_counts.valid_from
    group by edits.account_id, edits.known_at
),

titled as (
    select
        account_id,
        known_at,
        announcement_id,
        title,
        source,
        url,
        is_first_day,
        published_at,
        -- The same words under another date or address are the same news.
        coalesce(nullif({{ label_key('title') }}, ''), announcement_id) as title_key,
        case when length(text) >= 200 then md5({{ label_key('text') }}) else announcement_id end as text_key
    from announcements
),

firsts as (
    select *
    from titled
    qualify
        row_number() over (
            partition by account_id, title_key order by known_at, is_first_day desc, source, announcement_id
        ) = 1
),

news as (
    select *
    from firsts
    qualify
        row_number() over (
            partition by account_id, text_key order by known_at, is_first_day desc, source, announcement_id
        ) = 1
),

items as (
    select
        edits.account_id,
        edits.series,
        edits.known_at,
        edits.item_key,
        edits.title,
        edits.source,
        edits.url
    from edits
    inner join standing
        on edits.account_id = standing.account_id and edits.known_at = standing.known_at
    -- When most pages are rewritten at once, it is one piece of work.
    where edits.edit_no <= 2 or edits.n_edits < 5 or edits.n_edits < 0.5 * standing.n_pages
    union all by name
    select
        account_id,
        'publishing' as series,
        known_at,
        title_key as item_key,
        title,
        source,
        url
    from news
    -- An archive that was found late is no news.
    where not is_first_day and coalesce(published_at > known_at - interval 45 day, true)
),

final_cte as (
    select * from items
    where not {{ is_out_of_season('known_at') }}
)

select * from final_cte
