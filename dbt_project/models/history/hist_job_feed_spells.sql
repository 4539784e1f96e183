-- Ads of job feeds: one row per moment at which one was learnt to be active, with what
-- followed and the spell it belongs to. One statement of the source closes an ad.
with feed_ads as (
    select * from {{ ref('hist_job_feed_ads') }}
),

states as (
    select
        account_id,
        source,
        ad_id,
        known_at as state_at,
        visit_id,
        case when ad_status = 'active' then 1 else 0 end as is_seen
    from feed_ads
),

{{ gone_rule('states', 'account_id, source, ad_id', misses=1, days=0, flip_weight=0) }}

select * from spelled
