{{ config(materialized='days', meta={'day_column': 'day'}) }}
{%- set after = last_standing_day() %}
{%- set slack = 2 -%}
-- Exposure: one row per account, source and crawl day on which its ads could have been
-- seen. Own pages and boards: a round is evidence when a list page was read, no list page
-- that once worked failed, and the list is as long as it should be. A board is one list,
-- whatever the page it is on. The job feed: every day with a page of the feed speaks of
-- every account with an organisation number.
--
-- A day is judged by itself and those before it, and stands.
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

-- Since when a list was read and had ads, whatever day is asked of.
first_readings as (
    select
        account_id,
        source,
        list_url,
        min((fetched_at, visit_id)) filter (where is_read) as first_read,
        min((fetched_at, visit_id)) filter (where has_ads) as first_listed
    from careers_visits
    group by account_id, source, list_url
),

first_listings as (
    select
        account_id,
        source,
        min(day) as first_listed_on
    from careers_visits
    where has_ads
    group by account_id, source
),

read_lists as (
    select distinct
        account_id,
        source,
        list_url,
        day
    from careers_visits
    where is_read and {{ is_to_build('day') }}
),

careers_pages as (
    select
        visits.account_id,
        visits.source,
        visits.list_url,
        visits.url,
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        visits.is_read,
        visits.has_ads,
        -- A page of a list whose other pages are there has failed.
        visits.is_gone_page and read_lists.day is null as is_gone_page,
        coalesce(first_readings.first_read < (visits.fetched_at, visits.visit_id), false) as was_read,
        coalesce(first_readings.first_listed <= (visits.fetched_at, visits.visit_id), false) as has_listed,
        coalesce(first_listings.first_listed_on <= visits.day, false) as account_has_listed
    from careers_visits as visits
    inner join first_readings
        on
            visits.account_id = first_readings.account_id
            and visits.source = first_readings.source
            and visits.list_url = first_readings.list_url
    left join first_listings
        on
            visits.account_id = first_listings.account_id
            and visits.source = first_listings.source
    left join read_lists
        on
            visits.account_id = read_lists.account_id
            and visits.source = read_lists.source
            -- An expression on one side keeps this a join of equal keys.
            and case when visits.is_gone_page then visits.list_url end = read_lists.list_url
            and visits.day = read_lists.day
    where {{ is_to_build('visits.day') }}
),

listed as (
    select
        account_id,
        source,
        day,
        count(*) as n_seen
    from listings
    where {{ is_to_build('day') }}
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

rounds_so_far as (
    select * from careers_rounds
    {% if after -%}
    union all by name
    select * exclude (is_evidence) from {{ this }}
    {%- endif %}
),

complete_rounds as (
    select * from rounds_so_far
    where is_complete
),

{{ doubted_lists('complete_rounds', 'account_id, source', slack, after) }},

doubted_rounds as (
    select complete_rounds.*
    from complete_rounds
    semi join doubted using (account_id, source)
),

{{ coverage_guard('doubted_rounds', 'account_id, source', slack=slack, may_be_empty=true, seldom=true) }},

feed_days as (
    select
        source,
        day,
        max(fetched_at) as fetched_at,
        arg_max(visit_id, (fetched_at, visit_id)) as visit_id
    from visits
    where scope = 'feed_page' and is_ok and {{ is_to_build('day') }}
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
        careers_rounds.is_complete,
        careers_rounds.is_complete and coalesce(guarded.is_evidence, true) as is_evidence
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
        false as is_complete,
        true as is_evidence
    from feed_days
    cross join accounts
    where accounts.org_number is not null
)

select * from final_cte
