-- Published: technologies of each account, as its site shows them and texts tell of them.
-- The words of a job advertisement are not published: an ad that is closed must not live on.
with technologies as (
    select * from {{ ref('hist_technologies') }}
),

final_cte as (
    select
        account_id,
        name as technology,
        category,
        evidence,
        is_used,
        is_phased_out,
        source,
        url,
        case when evidence <> 'job_text' then quote end as quote,
        appeared_lo,
        appeared_hi,
        gone_lo,
        gone_hi,
        known_at,
        gone_known_at,
        is_left_censored
    from technologies
)

select * from final_cte
