-- Published: versions of the meaningful text of each page. What the newest visit shows
-- first is told at once; a later visit that does not show it takes it back.
with pages as (
    select * from {{ ref('hist_pages') }}
),

seen_once as (
    select * from {{ ref('hist_page_changes') }}
    where known_at is null
),

rows_of_pages as (
    select
        account_id,
        source,
        url,
        text_digest,
        language,
        valid_from,
        known_at,
        change_class,
        page_role,
        true as is_confirmed
    from pages
    union all
    select
        account_id,
        source,
        url,
        text_digest,
        language,
        fetched_at as valid_from,
        fetched_at as known_at,
        change_class,
        scope as page_role,
        false as is_confirmed
    from seen_once
),

final_cte as (
    select
        account_id,
        url,
        row_number() over page as version,
        text_digest,
        language,
        valid_from,
        lead(valid_from) over page as valid_to,
        known_at,
        change_class,
        page_role,
        is_confirmed
    from rows_of_pages
    window page as (partition by account_id, source, url order by valid_from)
)

select * from final_cte
