{{ config(
    materialized='days',
    meta={'entity': ['account_id', 'channel', 'document_key'], 'marked': true, 'learnt_later': ['gone_day']}
) }}
{%- set after = last_standing_day() %}
-- Texts of an account by channel, each once: main blocks of its pages (web), job ads
-- (jobs). A block that moved to another address is not new; what was there when
-- observation began is old from the first day. Edited blocks say mostly what they said
-- before and are left out of what is new, and so is a language's first eight weeks on a
-- channel: a site that is translated says in other words what it said before.
--
-- Which row of a text is its first is told without the texts; these are joined at the end.
-- After new visits alone, a block that stands here keeps its row but for the day on which
-- it went, and an ad's row is another when its text is withdrawn.
with blocks as (
    select
        account_id,
        block_key,
        first_seen_at,
        source,
        url,
        text,
        terms,
        first_visit_id,
        before_visit_id
    from {{ ref('hist_blocks') }}
    where {{ is_later('first_seen_at', after) }}
),

stretches as (
    select
        account_id,
        block_key,
        first_seen_at,
        source,
        url,
        language,
        gone_at,
        is_left_censored,
        is_edit
    from {{ ref('hist_blocks') }}
    where role = 'main' and not is_boilerplate and {{ is_later('first_seen_at', after) }}
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

{% if after -%}
-- The few that are asked for, so that all that stand need not be held.
standing as ( -- noqa: ST03
    select
        built.account_id,
        built.document_key as block_key
    from {{ this }} as built
    semi join stretches
        on built.account_id = stretches.account_id and built.document_key = stretches.block_key
    where built.channel = 'web'
),

{% endif -%}
first_stretches as (
    select
        account_id,
        block_key,
        first_seen_at,
        source,
        url,
        coalesce(language, '') as language,
        cast(first_seen_at as date) as day,
        is_left_censored or is_edit as is_old,
        -- The first stretch only: a later return must not change an earlier day.
        cast(max(coalesce(gone_at, timestamp '9999-12-31')) over (
            partition by account_id, block_key, first_seen_at
        ) as date) as gone_day
    from stretches
    {% if after -%}
    anti join standing using (account_id, block_key)
    {%- endif %}
    qualify
        row_number() over (
            partition by account_id, block_key
            order by first_seen_at, is_left_censored desc, is_edit desc, source, url
        ) = 1
),

language_days as (
    select
        account_id,
        language,
        day
    from first_stretches
    {% if after -%}
    union all
    select
        built.account_id,
        built.language,
        built.day
    from {{ this }} as built
    semi join first_stretches using (account_id, language)
    where built.channel = 'web'
    {%- endif %}
),

language_starts as (
    select
        account_id,
        language,
        min(day) as day
    from language_days
    where language <> ''
    group by account_id, language
),

web as (
    select
        first_stretches.account_id,
        'web' as channel,
        first_stretches.block_key as document_key,
        first_stretches.url as document_group,
        first_stretches.source,
        first_stretches.url,
        blocks.text,
        blocks.terms,
        first_stretches.language,
        first_stretches.first_seen_at,
        first_stretches.day,
        blocks.first_visit_id as after_visit_id,
        blocks.before_visit_id,
        first_stretches.gone_day,
        first_stretches.is_old or coalesce(first_stretches.day - language_starts.day < 56, false) as is_old
    from first_stretches
    inner join blocks
        on
            first_stretches.account_id = blocks.account_id
            and first_stretches.block_key = blocks.block_key
            and first_stretches.first_seen_at = blocks.first_seen_at
            and first_stretches.source = blocks.source
            and first_stretches.url = blocks.url
    left join language_starts
        on
            first_stretches.account_id = language_starts.account_id
            and first_stretches.language = language_starts.language
),

first_ads as (
    select
        ad_events.event_id,
        ad_events.account_id,
        jobs_of_ads.job_key,
        case when jobs_of_ads.is_withdrawn then {{ withdrawn_note() }} else ad_events.title end as text
    from ad_events
    inner join jobs_of_ads on ad_events.event_id = jobs_of_ads.event_id
    qualify
        row_number() over (
            partition by ad_events.account_id, jobs_of_ads.job_key
            order by
                ad_events.known_at,
                ad_events.is_left_censored desc,
                len(coalesce(ad_events.terms, [])) desc,
                ad_events.source,
                ad_events.event_id
        ) = 1
),

jobs as (
    select
        first_ads.account_id,
        'jobs' as channel,
        first_ads.job_key as document_key,
        first_ads.job_key as document_group,
        ad_events.source,
        ad_events.url,
        first_ads.text,
        coalesce(ad_events.terms, cast([] as varchar[])) as terms,
        -- Nobody says in which language an ad is.
        cast('' as varchar) as language,
        ad_events.known_at as first_seen_at,
        cast(ad_events.known_at as date) as day,
        ad_events.after_visit_id,
        ad_events.before_visit_id,
        date '9999-12-31' as gone_day,
        ad_events.is_left_censored as is_old
    from first_ads
    inner join ad_events on first_ads.event_id = ad_events.event_id
    {% if after -%}
    anti join {{ this }} as built
        on
            first_ads.account_id = built.account_id
            and built.channel = 'jobs'
            and first_ads.job_key = built.document_key
            and first_ads.text is not distinct from built.text
    {%- endif %}
),

{% if after -%}
gone_since as ( -- noqa: ST03
    select distinct
        account_id,
        block_key,
        first_seen_at
    from {{ ref('hist_blocks') }}
    where role = 'main' and not is_boilerplate and {{ is_later('gone_at', after) }}
),

gone as ( -- noqa: ST03
    select
        built.account_id,
        built.channel,
        built.document_key,
        cast(max(all_stretches.gone_at) as date) as gone_day
    from {{ this }} as built
    inner join gone_since
        on
            built.account_id = gone_since.account_id
            and built.document_key = gone_since.block_key
            and built.first_seen_at = gone_since.first_seen_at
    inner join {{ ref('hist_blocks') }} as all_stretches
        on
            gone_since.account_id = all_stretches.account_id
            and gone_since.block_key = all_stretches.block_key
            and gone_since.first_seen_at = all_stretches.first_seen_at
    where built.channel = 'web' and all_stretches.role = 'main' and not all_stretches.is_boilerplate
    group by built.account_id, built.channel, built.document_key
    -- Gone from all pages that showed it first.
    having count(*) = count(all_stretches.gone_at)
),

{% endif -%}
final_cte as (
    select
        *,
        hash(account_id, channel, document_key) as document_no
    from (
        select * from web
        union all by name
        select * from jobs
    ) as documents
)

{% if after -%}
{{ marked_anew('final_cte', 'jobs', 'account_id, channel, document_key', later='gone') }}
{%- else -%}
select * from final_cte
{%- endif %}
