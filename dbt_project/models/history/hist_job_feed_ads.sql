-- Ads of job feeds: one row per account, ad and moment at which we learnt a new state of
-- it. A feed is a log: the state with the latest `modified_at` holds, however often an old
-- page is read again, and a feed without news closes nothing. An ad that passes its stated
-- end is closed from then on, known at the next reading of the feed.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is null and parser_version is not null
),

job_ads as (
    select * exclude (landed_file, row_digest) from {{ ref('stg_observed__job_ads') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

entities as (
    select * from {{ ref('stg_observed__registry_entities') }}
),

all_visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok
),

feed_days as (
    select
        source,
        fetched_at,
        visit_id
    from visits
    where scope = 'feed_page'
),

ad_rows as (
    select
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        (visits.fetched_at, not job_ads.is_listing, job_ads.record_index) as reading,
        job_ads.*
    from visits
    inner join job_ads
        on
            visits.source = job_ads.source
            and visits.url = job_ads.url
            and visits.payload_digest = job_ads.payload_digest
            and visits.parser_version = job_ads.parser_version
),

-- Whose ad it is: the first moment at which organisation number, superior unit of a
-- sub-unit, or exact name of the employer says so.
units as (
    select
        accounts.org_number,
        accounts.account_id,
        cast(null as timestamp) as known_at
    from accounts
    where accounts.org_number is not null
    union all
    select
        entities.org_number,
        accounts.account_id,
        min(all_visits.fetched_at) as known_at
    from entities
    inner join all_visits
        on
            entities.source = all_visits.source
            and entities.url = all_visits.url
            and entities.payload_digest = all_visits.payload_digest
            and entities.parser_version = all_visits.parser_version
    inner join accounts on entities.parent_org_number = accounts.org_number
    group by entities.org_number, accounts.account_id
),

owner_candidates as (
    select
        ad_rows.source,
        ad_rows.ad_id,
        units.account_id,
        greatest(ad_rows.fetched_at, coalesce(units.known_at, ad_rows.fetched_at)) as known_at,
        1 as preference
    from ad_rows
    inner join units on ad_rows.employer_org_number = units.org_number
    union all
    select
        ad_rows.source,
        ad_rows.ad_id,
        accounts.account_id,
        ad_rows.fetched_at as known_at,
        2 as preference
    from ad_rows
    inner join accounts
        on
            {{ company_name_key('ad_rows.employer_name') }}
            = {{ company_name_key('accounts.name') }}
            and accounts.org_number is not null
),

owners as (
    select *
    from owner_candidates
    qualify
        row_number() over (
            partition by source, ad_id order by known_at, preference, account_id
        ) = 1
),

first_readings as (
    select
        source,
        ad_id,
        ad_status,
        coalesce(modified_at, fetched_at) as modified_at,
        min(fetched_at) as known_at,
        arg_min(visit_id, (fetched_at, visit_id)) as visit_id
    from ad_rows
    group by all
),

not_stale as (
    select
        first_readings.source,
        first_readings.ad_id,
        first_readings.ad_status,
        first_readings.modified_at,
        first_readings.visit_id,
        owners.account_id,
        greatest(first_readings.known_at, owners.known_at) as known_at
    from first_readings
    inner join owners using (source, ad_id)
    qualify
        first_readings.modified_at >= max(first_readings.modified_at) over (
            partition by first_readings.source, first_readings.ad_id
            order by first_readings.known_at, first_readings.modified_at
            range between unbounded preceding and current row
        )
),

learnt as (
    -- Several states learnt at one moment: the last one holds.
    select *
    from not_stale
    qualify
        row_number() over (
            partition by source, ad_id, known_at
            order by modified_at desc, ad_status desc, visit_id
        ) = 1
),

detailed as (
    select
        learnt.*,
        lead(learnt.known_at) over ad as next_known_at,
        arg_max(ad_rows.title, ad_rows.reading) filter (where ad_rows.title is not null) as title,
        arg_max(ad_rows.employer_name, ad_rows.reading) filter (where ad_rows.employer_name is not null) as employer,
        arg_max(ad_rows.place, ad_rows.reading) filter (where ad_rows.place is not null) as place,
        arg_max(ad_rows.terms, (len(ad_rows.terms), ad_rows.visit_id)) as terms,
        arg_max(ad_rows.expires_at, ad_rows.reading) filter (where ad_rows.expires_at is not null) as expires_at,
        min(ad_rows.posted_at) as posted_at,
        arg_max(coalesce(ad_rows.ad_url, ad_rows.url), ad_rows.reading) as url,
        arg_max(ad_rows.ad_url, ad_rows.reading) filter (where ad_rows.ad_url is not null) as ad_url,
        arg_max(ad_rows.apply_url, ad_rows.reading) filter (where ad_rows.apply_url is not null) as apply_url
    from learnt
    inner join ad_rows
        on
            learnt.source = ad_rows.source
            and learnt.ad_id = ad_rows.ad_id
            and ad_rows.fetched_at <= learnt.known_at
    group by
        learnt.source, learnt.ad_id, learnt.ad_status, learnt.modified_at, learnt.visit_id,
        learnt.account_id, learnt.known_at
    window ad as (partition by learnt.source, learnt.ad_id order by learnt.known_at)
),

expired as (
    select
        detailed.* exclude (visit_id, known_at, ad_status, modified_at),
        'inactive' as ad_status,
        detailed.expires_at as modified_at,
        min(feed_days.fetched_at) as known_at,
        arg_min(feed_days.visit_id, (feed_days.fetched_at, feed_days.visit_id)) as visit_id
    from detailed
    inner join feed_days
        on
            detailed.source = feed_days.source
            and feed_days.fetched_at > detailed.expires_at
            and feed_days.fetched_at > detailed.known_at
    where detailed.ad_status = 'active'
    group by all
    having min(feed_days.fetched_at) < coalesce(detailed.next_known_at, timestamp '9999-01-01')
),

all_states as (
    select * exclude (next_known_at) from detailed
    union all by name
    select * exclude (next_known_at) from expired
),

final_cte as (
    select
        *,
        {{ job_key('title', 'place') }} as job_key
    from all_states
    where title is not null
)

select * from final_cte
