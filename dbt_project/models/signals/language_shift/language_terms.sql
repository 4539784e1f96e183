{{ config(materialized='days') }}
-- Log-odds of every term an account uses at least five times in new text (SCIENCE 2.2,
-- Monroe, Colaresi and Quinn 2008), per landmark, against its own past and against what
-- others wrote in the same eight weeks.
--     alpha_w = 500 pi_w + 0.01 ; A = sum of alpha
--     d = ln((y_c+al)/(n_c+A-y_c-al)) - ln((y_b+al)/(n_b+A-y_b-al))
--     v = 1/(y_c+al) + 1/(y_b+al) ; z = d / sqrt(v) ; z* = min(z, z against the others)
{%- set prior_tokens = 500.0 %}
{%- set min_count = 5 %}
{%- set min_contrast_tokens = 1000 %}
{#- A term in most of the ads of a window is what the company says of itself in each. #}
{%- set min_ads = 4 %}
{%- set boilerplate_share = 0.8 %}
with term_days as not materialized (
    select * from {{ ref('language_term_days') }}
),

accounts as (
    select
        account_id,
        coalesce(segment, '') as segment
    from {{ ref('stg_lyttepost__accounts') }}
),

landmarks as (
    select * from {{ ref('landmarks') }}
    where {{ is_to_build('as_of') }}
),

totals as (
    select * from {{ ref('language_totals') }}
    where {{ is_to_build('as_of') }}
),

new_days as (
    select
        account_id,
        channel,
        term,
        day,
        sum(n) as n,
        flatten(list(document_groups)) as document_groups
    from term_days
    where not is_old
    group by account_id, channel, term, day
),

windows as (
    select
        new_days.account_id,
        landmarks.as_of,
        new_days.channel,
        new_days.term,
        cast(sum(new_days.n) as double) as y_c,
        count(distinct new_days.day) as n_days,
        len(list_distinct(flatten(list(new_days.document_groups)))) as n_documents
    from new_days
    inner join landmarks
        on new_days.day <= landmarks.as_of and new_days.day > landmarks.as_of - 56
    group by new_days.account_id, landmarks.as_of, new_days.channel, new_days.term
    having sum(new_days.n) >= {{ min_count }}
),

ad_days as (
    select
        account_id,
        channel,
        day,
        count(*) as n
    from {{ ref('language_documents') }}
    where channel = 'jobs' and not is_old
    group by account_id, channel, day
),

ads as (
    select
        ad_days.account_id,
        ad_days.channel,
        landmarks.as_of,
        sum(ad_days.n) as n_ads
    from ad_days
    inner join landmarks
        on ad_days.day <= landmarks.as_of and ad_days.day > landmarks.as_of - 56
    group by ad_days.account_id, ad_days.channel, landmarks.as_of
),

candidates as (
    -- Only accounts with enough new and old text are read.
    select
        windows.*,
        accounts.segment,
        totals.n_c,
        totals.n_b,
        totals.n_c_sector,
        totals.n_c_others,
        totals.n_market,
        totals.n_vocabulary
    from windows
    inner join accounts on windows.account_id = accounts.account_id
    left join ads
        on
            windows.account_id = ads.account_id
            and windows.channel = ads.channel
            and windows.as_of = ads.as_of
    inner join totals
        on
            windows.account_id = totals.account_id
            and windows.channel = totals.channel
            and windows.as_of = totals.as_of
    where
        totals.is_enough
        and (
            coalesce(ads.n_ads, 0) < {{ min_ads }}
            or windows.n_documents < {{ boilerplate_share }} * ads.n_ads
        )
),

wanted as (
    select distinct
        as_of,
        channel,
        term
    from candidates
),

market_days as (
    select
        term_days.channel,
        term_days.term,
        term_days.day,
        accounts.segment,
        sum(term_days.n) as n,
        sum(case when term_days.is_old then 0 else term_days.n end) as n_new
    from term_days
    inner join accounts on term_days.account_id = accounts.account_id
    semi join wanted
        on term_days.channel = wanted.channel and term_days.term = wanted.term
    group by term_days.channel, term_days.term, term_days.day, accounts.segment
),

market_segments as (
    select
        wanted.as_of,
        wanted.channel,
        wanted.term,
        market_days.segment,
        sum(market_days.n) as y_market,
        sum(case when market_days.day > wanted.as_of - 56 then market_days.n_new else 0 end)
            as y_window
    from wanted
    inner join market_days
        on
            wanted.channel = market_days.channel
            and wanted.term = market_days.term
            and wanted.as_of >= market_days.day
            and wanted.as_of - 365 < market_days.day
    group by wanted.as_of, wanted.channel, wanted.term, market_days.segment
),

market as (
    select
        *,
        sum(y_market) over term_day as y_market_all,
        sum(y_window) over term_day as y_window_all
    from market_segments
    window term_day as (partition by as_of, channel, term)
),

baselines as (
    select
        candidates.account_id,
        candidates.as_of,
        candidates.channel,
        candidates.term,
        sum(term_days.n) as y_b
    from candidates
    inner join term_days
        on
            candidates.account_id = term_days.account_id
            and candidates.channel = term_days.channel
            and candidates.term = term_days.term
            and case
                when term_days.is_old then term_days.day <= candidates.as_of
                else term_days.day <= candidates.as_of - 56
            end
            and term_days.gone_day > candidates.as_of - 56 - 730
    group by candidates.account_id, candidates.as_of, candidates.channel, candidates.term
),

counted as (
    select
        candidates.*,
        cast(coalesce(baselines.y_b, 0) as double) as y_b,
        {{ prior_tokens }} * market.y_market_all / candidates.n_market + 0.01 as alpha,
        {{ prior_tokens }} + 0.01 * candidates.n_vocabulary as a,
        -- Others of the sector where they wrote enough, else all others, else nobody.
        case
            when candidates.n_c_sector >= {{ min_contrast_tokens }} then market.y_window - candidates.y_c
            when candidates.n_c_others >= {{ min_contrast_tokens }} then market.y_window_all - candidates.y_c
        end as y_o,
        case
            when candidates.n_c_sector >= {{ min_contrast_tokens }} then candidates.n_c_sector
            when candidates.n_c_others >= {{ min_contrast_tokens }} then candidates.n_c_others
        end as n_o
    from candidates
    inner join market
        on
            candidates.as_of = market.as_of
            and candidates.channel = market.channel
            and candidates.term = market.term
            and candidates.segment = market.segment
    left join baselines
        on
            candidates.account_id = baselines.account_id
            and candidates.as_of = baselines.as_of
            and candidates.channel = baselines.channel
            and candidates.term = baselines.term
),

scored as (
    select
        *,
        (
            ln((y_c + alpha) / (n_c + a - y_c - alpha))
            - ln((y_b + alpha) / (n_b + a - y_b - alpha))
        ) / sqrt(1 / (y_c + alpha) + 1 / (y_b + alpha)) as z_own,
        (
            ln((y_c + alpha) / (n_c + a - y_c - alpha))
            - ln((y_o + alpha) / (n_o + a - y_o - alpha))
        ) / sqrt(1 / (y_c + alpha) + 1 / (y_o + alpha)) as z_others
    from counted
),

final_cte as (
    select
        account_id,
        as_of,
        channel,
        term,
        y_c,
        y_b,
        n_c,
        n_b,
        y_o,
        n_o,
        alpha,
        a,
        z_own,
        z_others,
        least(z_own, z_others) as z,
        n_documents,
        n_days,
        coalesce(least(z_own, z_others) >= 3, false) and n_documents >= 2 and n_days >= 2 as is_new_term
    from scored
)

select * from final_cte
