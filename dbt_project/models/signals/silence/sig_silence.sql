-- An account that advertised, announced and rewrote its pages has nearly stopped, while the
-- addresses where it did so are still read: Gamma-Poisson tail of eight weeks against the
-- 44 before (SCIENCE 2.1), dispersion deflated, holidays left out of both. Claimed under
-- false discovery control. An address that is not read any more is not silent.
with items as (
    select * from {{ ref('silence_items') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok
),

tails as (
    select * from {{ ref('silence_tails') }}
),

discoveries as (
    select * from {{ ref('silence_discoveries') }}
    where is_discovery
),

claims as (
    select
        discoveries.account_id,
        discoveries.as_of,
        tails.y_w,
        tails.expected,
        tails.p_down
    from discoveries
    inner join tails on discoveries.account_id = tails.account_id and discoveries.as_of = tails.as_of
),

last_items as (
    select
        claims.*,
        items.after_visit_id as before_ref,
        items.source,
        items.url
    from claims
    inner join items on claims.account_id = items.account_id and claims.as_of >= cast(items.known_at as date)
    qualify
        row_number() over (
            partition by claims.account_id, claims.as_of order by items.known_at desc, items.url, items.after_visit_id
        ) = 1
),

last_reads as (
    select
        last_items.*,
        visits.visit_id as after_ref,
        visits.fetched_at as known_at
    from last_items
    inner join visits
        on last_items.account_id = visits.account_id and last_items.as_of >= visits.day
    qualify
        row_number() over (
            partition by last_items.account_id, last_items.as_of
            order by visits.fetched_at desc, visits.url <> last_items.url, visits.visit_id
        ) = 1
),

final_cte as (
    select
        account_id,
        'silence_after_activity' as signal_type,
        'ads, releases and pages' as subject,
        cast(as_of - 56 as timestamp) as effective_lo,
        greatest(known_at, cast(as_of as timestamp)) as effective_hi,
        cast(as_of - 56 as timestamp)
        + (greatest(known_at, cast(as_of as timestamp)) - cast(as_of - 56 as timestamp)) / 2
            as effective_pt,
        greatest(known_at, cast(as_of as timestamp)) as known_at,
        cast(null as timestamp) as superseded_at,
        least(-log10(p_down), 4.0) as strength,
        p_down as p_value,
        'observed_act' as evidence_class,
        before_ref,
        after_ref,
        cast(null as varchar) as quote_before,
        y_w || ' new items in 56 days, ' || cast(round(expected, 1) as varchar) || ' expected' as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        y_w / expected as effect,
        source,
        url
    from last_reads
    where before_ref <> after_ref
)

select * from final_cte
