-- Published: versions of the meaningful text of each page.
with pages as (
    select * from {{ ref('hist_pages') }}
),

final_cte as (
    select
        account_id,
        url,
        version,
        text_digest,
        language,
        valid_from,
        valid_to,
        known_at,
        change_class,
        page_role
    from pages
)

select * from final_cte
