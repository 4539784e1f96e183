-- Published: announcements that concern the account.
with announcements as (
    select * from {{ ref('hist_announcements') }}
),

final_cte as (
    select
        account_id,
        source,
        announcement_id,
        role,
        category,
        event_type,
        source_type,
        title,
        published_at,
        effective_on,
        amount,
        currency,
        corrects_id,
        is_correction,
        coalesce(announcement_url, url) as url,
        known_at,
        superseded_at
    from announcements
)

select * from final_cte
