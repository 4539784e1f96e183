-- Accounts whose own pages lead to a job system that has no documented feed.
with visits as (
    select * from {{ ref('hist_page_visits') }}
    where scope in ('home', 'about', 'careers', 'job')
),

pages as (
    select * from {{ ref('stg_observed__pages') }}
),

systems as (
    select * from {{ ref('job_systems') }}
),

page_links as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        unnest(links) as link
    from pages
),

page_hosts as (
    select distinct
        source,
        url,
        payload_digest,
        parser_version,
        lower(regexp_extract(link['url'], '^https?://([^/?#:]+)', 1)) as host
    from page_links
),

page_systems as (
    select
        page_hosts.source,
        page_hosts.url,
        page_hosts.payload_digest,
        page_hosts.parser_version,
        systems.job_system
    from page_hosts
    inner join systems
        on
            page_hosts.host = systems.host
            or page_hosts.host like '%.' || systems.host
),

final_cte as (
    select
        visits.account_id,
        page_systems.job_system,
        min(visits.fetched_at) as first_seen_at,
        max(visits.fetched_at) as last_seen_at,
        arg_max(visits.url, (visits.fetched_at, visits.url)) as url
    from visits
    inner join page_systems
        on
            visits.source = page_systems.source
            and visits.url = page_systems.url
            and visits.payload_digest = page_systems.payload_digest
            and visits.parser_version = page_systems.parser_version
    group by visits.account_id, page_systems.job_system
)

select * from final_cte
