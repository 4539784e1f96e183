-- Exposure: one row per account, source and crawl day on which its ads could have been
-- seen. Own pages and boards: a round is evidence when a list page was read, no list page
-- that once worked failed, and the list is as long as it should be. A board is one list,
-- whatever the page it is on. The job feed: every day with a page of the feed speaks of
-- every account with an organisation number.
with visits as (
    select * from {{ ref('hist_visits') }}
),

listings as (
    select * from {{ ref('hist_job_listings') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

list_payloads as (
    select distinct
        source,
        url,
        payload_digest,
        parser_version
    from job_ads
    where is_listing
),

careers_visits as (
    select
        visits.account_id,
        visits.source,
        -- Page and question of a board stand behind its address.
        case when visits.scope = 'board' then regexp_replace(visits.url, '[?#].*$', '') else visits.url end
            as list_url,
        visits.url,
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        visits.is_ok and visits.parser_version is not null as is_read,
        coalesce(visits.http_status in (404, 410), false) as is_gone_page,
        list_payloads.url is not null and visits.is_ok as has_ads
    from visits
    left join list_payloads
        on
            visits.source = list_payloads.source
            and visits.url = list_payloads.url
            and visits.payload_digest = list_payloads.payload_digest
            and visits.parser_version = list_payloads.parser_version
    where visits.scope in ('careers', 'board') and visits.account_id is not null
),

careers_pages as (
    select
        * exclude (is_gone_page),
        -- A page of a list whose other pages are there has failed.
        is_gone_page and not bool_or(is_read) over list_today as is_gone_page,
        coalesce(bool_or(is_read) over earlier, false) as was_read,
        bool_or(has_ads) over so_far as has_listed,
        bool_or(has_ads) over account_so_far as account_has_listed
    from careers_visits
    window
        list_today as (partition by account_id, source, list_url, day),
        earlier as (
            partition by account_id, source, list_url
            order by fetched_at, visit_id
            rows between unbounded preceding and 1 preceding
        ),
        so_far as (
            partition by account_id, source, list_url
            order by fetched_at, visit_id
            rows unbounded preceding
        ),
        account_so_far as (
            partition by account_id, source
            order by day
            range between unbounded preceding and current row
        )
),

listed as (
    select
        account_id,
        source,
        day,
        count(*) as n_seen
    from listings
    group by account_id, source, day
),

careers_rounds as (
    select
        pages.account_id,
        pages.source,
        pages.day,
        max(pages.fetched_at) as fetched_at,
        arg_max(pages.visit_id, (pages.is_read, pages.has_ads, pages.url, pages.visit_id))
            as visit_id,
        coalesce(max(listed.n_seen), 0) as n_seen,
        bool_or(pages.is_read)
        and not bool_or(pages.was_read and not pages.is_read and not pages.is_gone_page)
        and (
            coalesce(max(listed.n_seen), 0) > 0
            or not bool_or(pages.account_has_listed)
            or bool_or(pages.has_listed and pages.is_read)
        ) as is_complete
    from careers_pages as pages
    left join listed
        on
            pages.account_id = listed.account_id
            and pages.source = listed.source
            and pages.day = listed.day
    group by pages.account_id, pages.source, pages.day
),

complete_rounds as (
    select * from careers_rounds
    where is_complete
),

{{ coverage_guard('complete_rounds', 'account_id, source', slack=2, may_be_empty=true, seldom=true) }},

feed_days as (
    select
        source,
        day,
        max(fetched_at) as fetched_at,
        arg_max(visit_id, (fetched_at, visit_id)) as visit_id
    from visits
    where scope = 'feed_page' and is_ok
    group by source, day
),

final_cte as (
    select
        careers_rounds.account_id,
        careers_rounds.source,
        careers_rounds.fetched_at,
        careers_rounds.day,
        careers_rounds.visit_id,
        careers_rounds.n_seen,
        coalesce(guarded.is_evidence, false) as is_evidence
    from careers_rounds
    left join guarded
        on
            careers_rounds.account_id = guarded.account_id
            and careers_rounds.source = guarded.source
            and careers_rounds.day = guarded.day
    union all
    select
        accounts.account_id,
        feed_days.source,
        feed_days.fetched_at,
        feed_days.day,
        feed_days.visit_id,
        cast(null as bigint) as n_seen,
        true as is_evidence
    from feed_days
    cross join accounts
    where accounts.org_number is not null
)

select * from final_cte
