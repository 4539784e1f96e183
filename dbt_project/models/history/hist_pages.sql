-- Versions of the meaningful text of pages, each with the kind of change that began it.
-- A failed, empty or soft-404 visit never begins a version.
with page_visits as (
    select * from {{ ref('hist_page_visits') }}
),

blocks as (
    select * from {{ ref('hist_blocks') }}
),

steps as (
    select
        *,
        lag(text_digest) over page as previous_digest,
        lag(visit_id) over page as previous_visit_id,
        lag(fetched_at) over (
            partition by account_id, source, url, text_digest order by visit_no
        ) as same_text_at
    from page_visits
    window page as (partition by account_id, source, url order by visit_no)
),

changes as (
    select
        *,
        coalesce(fetched_at - same_text_at <= interval 30 day, false) as is_return
    from steps
    where text_digest is distinct from previous_digest
),

alternations as (
    select
        *,
        count(*) filter (where is_return) over month_before as n_returns,
        array_agg(text_digest) over month_before as digests,
        lead(fetched_at) over page as valid_to,
        row_number() over page as version
    from changes
    window
        page as (partition by account_id, source, url order by visit_no),
        month_before as (
            partition by account_id, source, url
            order by fetched_at
            range between interval 30 day preceding and current row
        )
),

-- How a site's pages changed on a day outside their main text.
frame_changes as (
    select
        account_id,
        source,
        first_seen_at,
        count(distinct url) as n_pages
    from blocks
    where role <> 'main' and not is_left_censored and not is_new_page
    group by account_id, source, first_seen_at
),

site_rounds as (
    select
        account_id,
        source,
        fetched_at,
        count(distinct url) as n_pages
    from page_visits
    where visit_no > 1
    group by account_id, source, fetched_at
),

main_changes as (
    select
        account_id,
        source,
        url,
        first_seen_at,
        bool_and(is_boilerplate) as is_boilerplate_only
    from blocks
    where role = 'main'
    group by account_id, source, url, first_seen_at
),

final_cte as (
    select
        alternations.account_id,
        alternations.source,
        alternations.url,
        alternations.version,
        alternations.text_digest,
        alternations.language,
        alternations.fetched_at as valid_from,
        alternations.valid_to,
        alternations.fetched_at as known_at,
        case
            when alternations.version = 1 then 'first'
            when
                alternations.n_returns >= 3 and len(list_distinct(alternations.digests)) <= 4
                then 'variant'
            when alternations.is_return then 'restored'
            when
                main_changes.is_boilerplate_only
                and frame_changes.n_pages >= 5
                and frame_changes.n_pages >= 0.5 * site_rounds.n_pages
                then 'template'
            when main_changes.is_boilerplate_only then 'boilerplate'
            else 'content'
        end as change_class,
        alternations.previous_visit_id as before_visit_id,
        alternations.visit_id as after_visit_id,
        alternations.scope as page_role
    from alternations
    left join main_changes
        on
            alternations.account_id = main_changes.account_id
            and alternations.source = main_changes.source
            and alternations.url = main_changes.url
            and alternations.fetched_at = main_changes.first_seen_at
    left join frame_changes
        on
            alternations.account_id = frame_changes.account_id
            and alternations.source = frame_changes.source
            and alternations.fetched_at = frame_changes.first_seen_at
    left join site_rounds
        on
            alternations.account_id = site_rounds.account_id
            and alternations.source = site_rounds.source
            and alternations.fetched_at = site_rounds.fetched_at
)

select * from final_cte
