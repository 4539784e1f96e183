-- Published: one row per job, from the first that was seen of it to the last, whatever the
-- number of boards it stood on. Texts that may not be shown any more are gone from it.
with ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

jobs as (
    select * from {{ ref('hist_jobs') }}
),

texts as (
    select * from {{ ref('hist_job_texts') }}
),

closed as (
    select * from ad_events
    where event = 'closed' and superseded_at is null
),

spells as (
    select
        jobs.job_id,
        jobs.source,
        opened.url,
        jobs.source <> 'company_pages' and not opened.is_from_feed as is_board,
        closed.effective_lo as closed_lo,
        closed.effective_hi as closed_hi,
        closed.known_at as closed_known_at
    from jobs
    inner join ad_events as opened on jobs.event_id = opened.event_id
    left join closed
        on
            jobs.account_id = closed.account_id
            and jobs.source = closed.source
            and jobs.spell_ref = closed.spell_ref
            and jobs.spell_no = closed.spell_no
),

judged as (
    -- The company's own board knows each ad by its number; what a page or a feed shows of the
    -- title may be the next ad, or an old one.
    select
        *,
        is_board or not bool_or(is_board) over (partition by job_id) as decides
    from spells
),

whole as (
    select
        job_id,
        list_sort(list_distinct(list(source))) as sources,
        list_sort(list_distinct(list(url) filter (where url is not null))) as urls,
        bool_or(decides and closed_known_at is null) as is_open,
        max(closed_lo) filter (where decides) as closed_lo,
        arg_max(closed_hi, (closed_lo, closed_hi)) filter (where decides) as closed_hi,
        max(closed_known_at) filter (where decides) as closed_known_at
    from judged
    group by job_id
),

final_cte as (
    select
        opened.account_id,
        case
            when texts.is_withdrawn or (texts.title is distinct from opened.title and opened.is_from_feed)
                then 'job|' || opened.event_id
            else opened.job_key
        end as job_key,
        texts.title,
        opened.employer,
        opened.place,
        opened.function,
        opened.seniority,
        opened.source,
        coalesce(texts.url, opened.url) as url,
        opened.effective_lo as opened_lo,
        opened.effective_hi as opened_hi,
        case when not whole.is_open then whole.closed_lo end as closed_lo,
        case when not whole.is_open then whole.closed_hi end as closed_hi,
        opened.known_at,
        case when not whole.is_open then whole.closed_known_at end as closed_known_at,
        opened.is_left_censored,
        len(whole.sources) as n_sources,
        whole.sources,
        whole.urls
    from jobs
    inner join ad_events as opened on jobs.event_id = opened.event_id
    inner join whole on jobs.job_id = whole.job_id
    inner join texts on jobs.job_id = texts.job_id
    where jobs.is_first
)

select * from final_cte
