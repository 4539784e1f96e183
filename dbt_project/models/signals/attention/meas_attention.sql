{{ config(materialized='days') }}
-- Share of an account's new texts that mention an offer's theme, in eight weeks against all
-- before (SCIENCE 2.3, Beta-Binomial), per landmark. Texts of one page count as one cluster.
--     z = [ln((A_w-.5)/(B_w-.5)) - ln((A_b-.5)/(B_b-.5))] / sqrt(1/A_w+1/B_w+1/A_b+1/B_b)
-- p is of z with the sector's mean taken away (2.8): what all write about is nobody's news.
with documents as (
    select * from {{ ref('attention_documents') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

accounts as (
    select
        account_id,
        coalesce(segment, '') as segment
    from {{ ref('stg_lyttepost__accounts') }}
),

themes as (
    select
        offer,
        list(distinct term) as words
    from {{ ref('offer_terms') }}
    group by offer
),

days as (
    select
        documents.account_id,
        themes.offer,
        documents.day,
        documents.is_old,
        count(*) as n,
        count(distinct documents.channel || documents.document_group) as n_groups,
        count(*) filter (where list_has_any(documents.found, themes.words)) as k,
        count(distinct documents.channel || documents.document_group)
        filter (where list_has_any(documents.found, themes.words)) as k_groups
    from documents
    cross join themes
    group by documents.account_id, themes.offer, documents.day, documents.is_old
),

windows as (
    select
        days.account_id,
        days.offer,
        landmarks.as_of,
        min(days.day) as first_day,
        coalesce(sum(days.n) filter (where not days.is_old and days.day > landmarks.as_of - 56), 0) as n_w,
        coalesce(sum(days.k) filter (where not days.is_old and days.day > landmarks.as_of - 56), 0) as k_w,
        coalesce(sum(days.k_groups) filter (where not days.is_old and days.day > landmarks.as_of - 56), 0)
            as k_groups_w,
        count(*) filter (where not days.is_old and days.day > landmarks.as_of - 56 and days.k > 0) as k_days_w,
        coalesce(sum(days.n) filter (where days.is_old or days.day <= landmarks.as_of - 56), 0) as n_b,
        coalesce(sum(days.k) filter (where days.is_old or days.day <= landmarks.as_of - 56), 0) as k_b,
        1 + 0.3 * (sum(days.n) / cast(sum(days.n_groups) as double) - 1) as design_effect
    from days
    inner join landmarks on days.day <= landmarks.as_of
    group by days.account_id, days.offer, landmarks.as_of
),

shares as (
    select
        windows.*,
        accounts.segment,
        n_w >= 10 and n_b >= 30 and as_of - first_day >= 112 as is_enough,
        case when n_b >= 30 then cast(k_b as double) / n_b end as share_b,
        count(*) filter (where n_b >= 30) over sector >= 10 as is_big_sector
    from windows
    inner join accounts on windows.account_id = accounts.account_id
    window sector as (partition by windows.offer, windows.as_of, accounts.segment)
),

moments as (
    -- Sums of whole numbers: order must not show in the last digit.
    select
        *,
        cast(round(share_b * 1e9) as hugeint) as share_nano,
        case when is_big_sector then segment else '' end as pool
    from shares
),

pooled as (
    select
        *,
        (sum(k_b) over pools + 0.5) / (sum(n_b) over pools + 1.0) as mu,
        count(share_b) over pools as n_pool,
        cast(sum(share_nano) over pools as double) / 1e9 as share_sum,
        cast(sum(cast(share_nano as hugeint) * share_nano) over pools as double) / 1e18 as share_squares
    from moments
    window pools as (partition by offer, as_of, pool)
),

priors as (
    -- At least three of each kind, with the mean kept.
    select
        *,
        greatest(
            least(
                greatest(
                    coalesce(
                        mu * (1 - mu) / nullif(
                            (share_squares - share_sum * share_sum / nullif(n_pool, 0)) / nullif(n_pool - 1, 0), 0
                        ) - 1,
                        400
                    ),
                    10
                ),
                400
            ),
            3 / mu,
            3 / (1 - mu)
        ) as m
    from pooled
),

posteriors as (
    select
        *,
        mu * m + k_w / design_effect as a_w,
        (1 - mu) * m + (n_w - k_w) / design_effect as b_w,
        mu * m + k_b / design_effect as a_b,
        (1 - mu) * m + (n_b - k_b) / design_effect as b_b
    from priors
    where is_enough
),

scored as (
    select
        *,
        (ln((a_w - 0.5) / (b_w - 0.5)) - ln((a_b - 0.5) / (b_b - 0.5)))
        / sqrt(1 / a_w + 1 / b_w + 1 / a_b + 1 / b_b) as z
    from posteriors
),

corrected as (
    select
        *,
        z - (
            cast(sum(cast(round(z * 1e9) as hugeint)) over sector - cast(round(z * 1e9) as hugeint) as double) / 1e9
        ) / (count(*) over sector - 1 + 10) as z_own
    from scored
    window sector as (partition by offer, as_of, segment)
),

directions as (
    select
        'topic_attention_rise' as signal_type,
        1 as sign
    union all
    select
        'topic_attention_drop' as signal_type,
        -1 as sign
),

final_cte as (
    select
        windows.account_id,
        windows.as_of,
        windows.offer,
        directions.signal_type,
        directions.sign * corrected.z as value,
        case
            when corrected.z is null then null
            -- A handful of mentions on one page or one day is no rise, nor their lack a drop.
            when directions.sign > 0 and (windows.k_w < 5 or windows.k_groups_w < 2 or windows.k_days_w < 2) then 1.0
            when directions.sign < 0 and (windows.k_b < 8 or windows.n_w < 20) then 1.0
            when directions.sign > 0 then {{ normal_upper_tail('corrected.z_own') }}
            else {{ normal_upper_tail('(-corrected.z_own)') }}
        end as p_value,
        corrected.z_own as effect,
        cast(null as varchar) as before_visit_id,
        cast(null as varchar) as after_visit_id,
        windows.k_w || ' of ' || windows.n_w || ' new texts, before ' || windows.k_b || ' of ' || windows.n_b as note
    from windows
    cross join directions
    left join corrected
        on
            windows.account_id = corrected.account_id
            and windows.offer = corrected.offer
            and windows.as_of = corrected.as_of
)

select * from final_cte
