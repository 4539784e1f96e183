{%- set window_days = 91 -%}
-- Which share of new positions asks for a skill, in 91 days against the 273 before: a Beta
-- prior of twelve positions as the market's, the account's baseline added (SCIENCE 2.3), and
-- the exact Beta-binomial tail of the count. What the rest of the sector does alike is
-- taken out. One row per account, landmark and skill that any of its ads asked for.
with openings as (
    select * from {{ ref('hiring_openings') }}
    -- Ads with a text, so that a skill that is not named could have been.
    where len(terms) >= 20
),

ad_skills as (
    select distinct
        event_id,
        skill
    from {{ ref('hiring_ad_skills') }}
    where is_required
),

accounts as (
    select
        account_id,
        coalesce(segment, '') as segment
    from {{ ref('stg_lyttepost__accounts') }}
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
),

dated as (
    select
        openings.account_id,
        accounts.segment,
        landmarks.as_of,
        openings.event_id,
        cast(openings.known_at as date) as known_on,
        cast(openings.known_at as date) > landmarks.as_of - {{ window_days }} as is_new
    from openings
    inner join accounts on openings.account_id = accounts.account_id
    inner join landmarks
        on
            cast(openings.known_at as date) <= landmarks.as_of
            and cast(openings.known_at as date) > landmarks.as_of - 364
    left join agencies
        on openings.account_id = agencies.account_id and landmarks.as_of >= cast(agencies.known_at as date)
    where
        agencies.account_id is null
        and not {{ is_seasonal_job(title_words('openings.title')) }}
        and not {{ is_standing_ad(title_words('openings.title')) }}
),

totals as (
    select
        account_id,
        segment,
        as_of,
        count(*) filter (where is_new) as all_window,
        count(*) filter (where not is_new) as all_baseline
    from dated
    group by account_id, segment, as_of
),

asked as (
    select
        dated.account_id,
        dated.as_of,
        ad_skills.skill,
        count(*) filter (where dated.is_new) as n_window,
        count(*) filter (where not dated.is_new) as n_baseline,
        count(distinct case when dated.is_new then dated.known_on end) as n_days
    from dated
    inner join ad_skills on dated.event_id = ad_skills.event_id
    group by dated.account_id, dated.as_of, ad_skills.skill
),

market_totals as (
    select
        as_of,
        sum(all_window + all_baseline) as n_all
    from totals
    group by as_of
),

market as (
    select
        asked.as_of,
        asked.skill,
        (sum(asked.n_window + asked.n_baseline) + 0.5) / (any_value(market_totals.n_all) + 1) as share
    from asked
    inner join market_totals on asked.as_of = market_totals.as_of
    group by asked.as_of, asked.skill
),

expected as (
    select
        asked.*,
        totals.segment,
        totals.all_window,
        totals.all_baseline,
        (12 * market.share + asked.n_baseline) / (12 + totals.all_baseline) as baseline_share,
        -- To the millionth, so that the sums below do not depend on the order of rows.
        cast(
            round(totals.all_window * (12 * market.share + asked.n_baseline) / (12 + totals.all_baseline) * 1e6)
            as hugeint
        ) as expected_micro
    from asked
    inner join totals on asked.account_id = totals.account_id and asked.as_of = totals.as_of
    inner join market on asked.as_of = market.as_of and asked.skill = market.skill
),

drifted as (
    select
        *,
        (sum(n_window) over same_sector - n_window + 20)
        / (cast(sum(expected_micro) over same_sector - expected_micro as double) / 1e6 + 20) as sector_factor
    from expected
    window same_sector as (partition by segment, as_of, skill)
),

shapes as (
    select
        *,
        least(0.95, baseline_share * greatest(sector_factor, 1.0)) as expected_share,
        cast(12 + all_baseline as double) as concentration
    from drifted
    where all_window >= 8 and all_baseline >= 8
),

final_cte as (
    select
        account_id,
        as_of,
        skill,
        n_window,
        all_window,
        n_baseline,
        all_baseline,
        n_days,
        expected_share,
        n_window / cast(all_window as double) as share,
        least(1.0, {{ beta_binomial_tail('n_window', 'all_window', 'expected_share', 'concentration') }}) as p_value
    from shapes
)

select * from final_cte
