-- One row per technology and round (account, source, day) in which a company's own site
-- showed a mark of it, with what followed: misses and the proof that it is gone.
--
-- It is absent only when the page that showed it last is read without it, or is gone (404,
-- 410) while others are read: pages are visited at a pace of their own, and one that is not
-- due says nothing. What comes back after the proof begins another spell.
with visits as not materialized (
    select * from {{ ref('hist_visits') }}
    where account_id is not null and scope not in ('robots', 'sitemap', 'token')
),

technologies as (
    select * from {{ ref('stg_observed__technologies') }}
    where evidence in ('header', 'cookie', 'script', 'markup')
),

marks as (
    select
        visits.account_id,
        visits.source,
        technologies.name,
        technologies.category,
        technologies.evidence,
        technologies.quote,
        visits.url,
        visits.scope,
        visits.day,
        visits.fetched_at,
        visits.visit_id
    from visits
    inner join technologies
        on
            visits.source = technologies.source
            and visits.url = technologies.url
            and visits.payload_digest = technologies.payload_digest
            and visits.parser_version = technologies.parser_version
    where visits.is_ok
),

mark_days as (
    -- Shown on several pages: the home page speaks first.
    select * exclude (scope)
    from marks
    qualify
        row_number() over (
            partition by account_id, source, name, day
            order by scope <> 'home', url, evidence, fetched_at, visit_id
        ) = 1
),

page_days as (
    select
        account_id,
        source,
        url,
        day,
        max(case when is_ok then fetched_at end) as read_at,
        max(case when is_ok then visit_id end) as read_visit_id,
        bool_and(coalesce(http_status in (404, 410), false)) as is_gone_page
    from visits
    semi join marks using (account_id, source, url)
    group by account_id, source, url, day
),

first_days as (
    select
        account_id,
        source,
        name,
        min(day) as first_day
    from mark_days
    group by account_id, source, name
),

witnesses as (
    select
        account_id,
        source,
        day,
        max(fetched_at) as fetched_at,
        arg_max(visit_id, (fetched_at, visit_id)) as visit_id
    from visits
    semi join marks using (account_id, source)
    where is_ok and parser_version is not null
    group by account_id, source, day
),

technology_rounds as (
    select
        first_days.account_id,
        first_days.source,
        first_days.name,
        witnesses.day,
        witnesses.fetched_at as witness_at,
        witnesses.visit_id as witness_visit_id,
        mark_days.fetched_at as sighted_at,
        mark_days.visit_id as sighted_visit_id,
        last_value(mark_days.url ignore nulls) over (
            partition by first_days.account_id, first_days.source, first_days.name
            order by witnesses.day
            rows unbounded preceding
        ) as last_url
    from first_days
    inner join witnesses
        on
            first_days.account_id = witnesses.account_id
            and first_days.source = witnesses.source
            and first_days.first_day <= witnesses.day
    left join mark_days
        on
            first_days.account_id = mark_days.account_id
            and first_days.source = mark_days.source
            and first_days.name = mark_days.name
            and witnesses.day = mark_days.day
),

judged as (
    select
        rounds.account_id,
        rounds.source,
        rounds.name,
        case when rounds.sighted_at is not null then 1 else 0 end as is_seen,
        coalesce(
            rounds.sighted_at,
            page_days.read_at,
            case when page_days.is_gone_page then rounds.witness_at end
        ) as state_at,
        coalesce(rounds.sighted_visit_id, page_days.read_visit_id, rounds.witness_visit_id)
            as visit_id
    from technology_rounds as rounds
    left join page_days
        on
            rounds.account_id = page_days.account_id
            and rounds.source = page_days.source
            and rounds.last_url = page_days.url
            and rounds.day = page_days.day
),

states as (
    select * from judged
    where state_at is not null
),

{{ gone_rule('states', 'account_id, source, name', misses=2, days=7, back_days=0) }},

page_readings as (
    -- The reading of a page before each of its readings.
    select
        account_id,
        source,
        url,
        day,
        lag(read_at) over page as previous_read_at,
        lag(read_visit_id) over page as previous_visit_id
    from page_days
    where read_at is not null
    window page as (partition by account_id, source, url order by day)
),

final_cte as (
    select
        spelled.*,
        mark_days.day,
        mark_days.category,
        mark_days.evidence,
        mark_days.quote,
        mark_days.url,
        mark_days.visit_id,
        page_readings.previous_read_at,
        page_readings.previous_visit_id
    from spelled
    inner join mark_days
        on
            spelled.account_id = mark_days.account_id
            and spelled.source = mark_days.source
            and spelled.name = mark_days.name
            and spelled.sighted_at = mark_days.fetched_at
    left join page_readings
        on
            mark_days.account_id = page_readings.account_id
            and mark_days.source = page_readings.source
            and mark_days.url = page_readings.url
            and mark_days.day = page_readings.day
)

select * from final_cte
