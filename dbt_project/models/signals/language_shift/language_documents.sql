-- Texts of an account by channel, each once: main blocks of its pages (web), job ads
-- (jobs). A block that moved to another address is not new; what was there when
-- observation began is old from the first day. Edited blocks say mostly what they said
-- before and are left out of what is new, and so is a language's first eight weeks on a
-- channel: a site that is translated says in other words what it said before.
with blocks as (
    select * from {{ ref('hist_blocks') }}
    where role = 'main' and not is_boilerplate
),

ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
    where event = 'opened'
),

jobs_of_ads as (
    select
        jobs.event_id,
        jobs.job_id,
        jobs.job_key,
        texts.is_withdrawn
    from {{ ref('hist_jobs') }} as jobs
    inner join {{ ref('hist_job_texts') }} as texts on jobs.job_id = texts.job_id
),

web as (
    select
        account_id,
        'web' as channel,
        block_key as document_key,
        url as document_group,
        source,
        url,
        text,
        terms,
        coalesce(language, '') as language,
        first_seen_at,
        cast(first_seen_at as date) as day,
        is_left_censored or is_edit as is_old,
        first_visit_id as after_visit_id,
        before_visit_id,
        -- The first stretch only: a later return must not change an earlier day.
        cast(max(coalesce(gone_at, timestamp '9999-12-31')) over (
            partition by account_id, block_key, first_seen_at
        ) as date) as gone_day
    from blocks
    qualify
        row_number() over (
            partition by account_id, block_key
            order by first_seen_at, is_left_censored desc, is_edit desc, source, url
        ) = 1
),

jobs as (
    select
        account_id,
        'jobs' as channel,
        jobs_of_ads.job_key as document_key,
        jobs_of_ads.job_key as document_group,
        source,
        url,
        case when jobs_of_ads.is_withdrawn then {{ withdrawn_note() }} else title end as text,
        coalesce(terms, cast([] as varchar[])) as terms,
        -- Nobody says in which language an ad is.
        cast('' as varchar) as language,
        known_at as first_seen_at,
        cast(known_at as date) as day,
        is_left_censored as is_old,
        after_visit_id,
        before_visit_id,
        date '9999-12-31' as gone_day
    from ad_events
    inner join jobs_of_ads on ad_events.event_id = jobs_of_ads.event_id
    qualify
        row_number() over (
            partition by account_id, jobs_of_ads.job_key
            order by known_at, is_left_censored desc, len(coalesce(terms, [])) desc, source, ad_events.event_id
        ) = 1
),

final_cte as (
    select
        * exclude (is_old),
        is_old or (
            language <> ''
            and day - min(day) over (partition by account_id, channel, language) < 56
        ) as is_old,
        hash(account_id, channel, document_key) as document_no
    from (
        select * from web
        union all by name
        select * from jobs
    ) as documents
)

select * from final_cte
