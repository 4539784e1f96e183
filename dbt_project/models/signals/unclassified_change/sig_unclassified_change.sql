-- A page's own text changed and no detector says what it means: one row per page and
-- version. When a detector claims the same reading later, this row gives way to it.
with pages as (
    select * from {{ ref('hist_pages') }}
    where change_class = 'content' and before_visit_id is not null
),

claims as (
    select
        account_id,
        after_ref,
        min(known_at) as claimed_at
    from {{ ref('signals_atomic') }}
    group by account_id, after_ref
),

visits as (
    select * from {{ ref('hist_visits') }}
),

final_cte as (
    select
        pages.account_id,
        'unclassified_change' as signal_type,
        pages.url || ' version ' || pages.version as subject,
        before_visits.fetched_at as effective_lo,
        pages.valid_from as effective_hi,
        before_visits.fetched_at + (pages.valid_from - before_visits.fetched_at) / 2 as effective_pt,
        pages.known_at,
        claims.claimed_at as superseded_at,
        1.0 as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        pages.before_visit_id as before_ref,
        pages.after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        cast(null as varchar) as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        pages.source,
        pages.url
    from pages
    inner join visits as before_visits on pages.before_visit_id = before_visits.visit_id
    left join claims on pages.account_id = claims.account_id and pages.after_visit_id = claims.after_ref
    -- Claimed at once: never without a class.
    where coalesce(claims.claimed_at > pages.known_at, true)
)

select * from final_cte
