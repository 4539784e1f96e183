{#- A person is taken for the one who filled a position at most so long after its ad closed. -#}
{%- set fill_days = 120 -%}
-- Positions that were filled: an ad closed, and somebody of its title, or of its function and
-- level, came onto the page of people.
with ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

jobs as (
    select * from {{ ref('hist_jobs') }}
    where is_first
),

job_texts as (
    select * from {{ ref('hist_job_texts') }}
),

people_events as (
    select * from {{ ref('hist_people_events') }}
    where event = 'appeared'
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

closed_jobs as (
    select
        opened.event_id as job_id,
        opened.account_id,
        opened.title,
        {{ job_title_key('opened.title') }} as title_key,
        opened.function,
        opened.seniority,
        opened.effective_hi as opened_at,
        coalesce(opened.effective_lo, opened.effective_hi) as opened_lo,
        opened.source,
        opened.after_visit_id as ad_visit_id,
        closed.effective_hi as closed_at,
        closed.known_at,
        closed.superseded_at
    from ad_events as opened
    inner join jobs on opened.event_id = jobs.event_id
    inner join ad_events as closed
        on
            closed.event = 'closed'
            and opened.account_id = closed.account_id
            and opened.source = closed.source
            and opened.spell_ref = closed.spell_ref
            and opened.spell_no = closed.spell_no
    where opened.event = 'opened'
),

newcomers as (
    select
        people_events.*,
        {{ job_title_key('people_events.title') }} as title_key
    from people_events
    where
        not is_left_censored
        and before_visit_id is not null
        and not is_interim
        and title is not null
        -- One of many in an edit of the list tells of the list.
        and coalesce(bulk_known_at > known_at, true)
),

pairs as (
    select
        closed_jobs.job_id,
        closed_jobs.title as ad_title,
        closed_jobs.ad_visit_id,
        newcomers.event_id as newcomer_id,
        newcomers.account_id,
        newcomers.name,
        newcomers.title,
        newcomers.function,
        newcomers.seniority,
        newcomers.source,
        newcomers.url,
        newcomers.effective_lo,
        newcomers.effective_hi,
        newcomers.effective_pt,
        newcomers.after_visit_id,
        greatest(closed_jobs.known_at, newcomers.known_at) as known_at,
        least(closed_jobs.superseded_at, newcomers.superseded_at, newcomers.bulk_known_at) as superseded_at
    from closed_jobs
    inner join newcomers
        on
            closed_jobs.account_id = newcomers.account_id
            and (
                closed_jobs.title_key = newcomers.title_key
                or (
                    closed_jobs.seniority between 2 and 4
                    and closed_jobs.seniority = newcomers.seniority
                    and closed_jobs.function = newcomers.function
                    and closed_jobs.function <> 'unknown'
                )
            )
    where
        newcomers.effective_hi > closed_jobs.opened_at
        and newcomers.effective_hi <= closed_jobs.closed_at + interval {{ fill_days }} day
        -- What was taken back before both were known never stood.
        and coalesce(closed_jobs.superseded_at > newcomers.known_at, true)
        and coalesce(newcomers.superseded_at > closed_jobs.known_at, true)
        and coalesce(newcomers.bulk_known_at > closed_jobs.known_at, true)
),

one_for_a_job as (
    select *
    from pairs
    qualify row_number() over (partition by job_id order by known_at, newcomer_id) = 1
),

fillings as (
    select *
    from one_for_a_job
    qualify row_number() over (partition by newcomer_id order by known_at, job_id) = 1
),

final_cte as (
    select
        fillings.account_id,
        'role_filled' as signal_type,
        fillings.job_id as subject,
        fillings.effective_lo,
        fillings.effective_hi,
        fillings.effective_pt,
        fillings.known_at,
        fillings.superseded_at,
        {{ interval_weight('fillings.effective_lo', 'fillings.effective_hi') }} as strength,
        cast(null as double) as p_value,
        fillings.ad_visit_id as before_ref,
        fillings.after_visit_id as after_ref,
        case when job_texts.is_withdrawn then {{ withdrawn_note() }} else fillings.ad_title end as quote_before,
        fillings.title as quote_after,
        fillings.function,
        fillings.seniority,
        -- Who leads nothing is not named.
        case when fillings.seniority between 2 and 4 then fillings.name end as person_name,
        fillings.title as person_title,
        cast(null as double) as effect,
        fillings.source,
        fillings.url
    from fillings
    inner join job_texts on fillings.job_id = job_texts.job_id
    left join agencies
        on fillings.account_id = agencies.account_id and fillings.known_at >= agencies.known_at
    where agencies.account_id is null
)

select * from final_cte
