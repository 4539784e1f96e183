-- Published: one row per spell of a position in a source.
with events as (
    select * from {{ ref('hist_job_ad_events') }}
),

opened as (
    select * from events
    where event = 'opened'
),

closed as (
    select * from events
    where event = 'closed' and superseded_at is null
),

final_cte as (
    select
        opened.account_id,
        opened.job_key,
        opened.title,
        opened.employer,
        opened.place,
        opened.function,
        opened.seniority,
        opened.source,
        opened.url,
        opened.effective_lo as opened_lo,
        opened.effective_hi as opened_hi,
        closed.effective_lo as closed_lo,
        closed.effective_hi as closed_hi,
        opened.known_at,
        closed.known_at as closed_known_at,
        opened.is_left_censored
    from opened
    left join closed
        on
            opened.account_id = closed.account_id
            and opened.source = closed.source
            and opened.spell_ref = closed.spell_ref
            and opened.spell_no = closed.spell_no
)

select * from final_cte
