-- Ads on companies' own pages and boards: one row per day on which one was listed, with what
-- followed and the spell it belongs to. Two lists without it, three days apart, close it.
with listings as (
    select * from {{ ref('hist_job_listings') }}
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
),

first_listed as (
    select
        account_id,
        source,
        spell_ref,
        min(day) as first_day
    from listings
    group by account_id, source, spell_ref
),

states as (
    select
        account_id,
        source,
        spell_ref,
        fetched_at as state_at,
        visit_id,
        1 as is_seen
    from listings
    union all
    select
        job_visits.account_id,
        job_visits.source,
        first_listed.spell_ref,
        job_visits.fetched_at as state_at,
        job_visits.visit_id,
        0 as is_seen
    from job_visits
    inner join first_listed
        on
            job_visits.account_id = first_listed.account_id
            and job_visits.source = first_listed.source
            and job_visits.day > first_listed.first_day
    anti join listings
        on
            job_visits.account_id = listings.account_id
            and job_visits.source = listings.source
            and first_listed.spell_ref = listings.spell_ref
            and job_visits.day = listings.day
    where job_visits.is_evidence
),

{{ gone_rule('states', 'account_id, source, spell_ref', misses=2, days=3, sure_days=28) }}

select * from spelled
