-- Whose words may be shown: one row per job. A source may want the text of an ad removed
-- once it is closed (variable `withdrawn_text_sources`); a job all of whose ads are such
-- has no text from then on, and still counts. It says what holds now, not what held.
with jobs as (
    select * from {{ ref('hist_jobs') }}
),

ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

closed as (
    select * from ad_events
    where event = 'closed' and superseded_at is null
),

spells as (
    select
        jobs.job_id,
        jobs.event_id,
        jobs.known_at,
        jobs.is_first,
        opened.title,
        opened.url,
        opened.source,
        opened.is_from_feed,
        closed.known_at is null
        or jobs.source not in ({{ "'" ~ var('withdrawn_text_sources') | join("', '") ~ "'" }}) as is_shown
    from jobs
    inner join ad_events as opened on jobs.event_id = opened.event_id
    left join closed
        on
            jobs.account_id = closed.account_id
            and jobs.source = closed.source
            and jobs.spell_ref = closed.spell_ref
            and jobs.spell_no = closed.spell_no
),

final_cte as (
    select
        job_id,
        not bool_or(is_shown) as is_withdrawn,
        arg_min(title, (not is_first, known_at, is_from_feed, source, event_id)) filter (where is_shown) as title,
        arg_min(url, (not is_first, known_at, is_from_feed, source, event_id)) filter (where is_shown) as url
    from spells
    group by job_id
)

select * from final_cte
