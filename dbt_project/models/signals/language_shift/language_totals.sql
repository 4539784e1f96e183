{{ config(materialized='days') }}
-- Tokens per account, channel and landmark: new text of 56 days, the text before it, what
-- the others wrote, and the market's text of a year with its vocabulary.
with term_days as (
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

token_days as (
    select
        account_id,
        channel,
        day,
        gone_day,
        is_old,
        sum(n) as n
    from term_days
    group by account_id, channel, day, gone_day, is_old
),

own as (
    select
        token_days.account_id,
        token_days.channel,
        landmarks.as_of,
        coalesce(sum(token_days.n) filter (
            where not token_days.is_old and token_days.day > landmarks.as_of - 56
        ), 0) as n_c,
        coalesce(sum(token_days.n) filter (
            where
            (token_days.is_old or token_days.day <= landmarks.as_of - 56)
            and token_days.gone_day > landmarks.as_of - 56 - 730
        ), 0) as n_b,
        coalesce(sum(token_days.n) filter (where token_days.day > landmarks.as_of - 365), 0)
            as n_year
    from token_days
    inner join landmarks on token_days.day <= landmarks.as_of
    group by token_days.account_id, token_days.channel, landmarks.as_of
),

vocabulary_days as (
    select distinct
        channel,
        term,
        day
    from term_days
),

vocabulary as (
    select
        landmarks.as_of,
        vocabulary_days.channel,
        count(distinct vocabulary_days.term) as n_vocabulary
    from vocabulary_days
    inner join landmarks
        on
            vocabulary_days.day <= landmarks.as_of
            and vocabulary_days.day > landmarks.as_of - 365
    group by landmarks.as_of, vocabulary_days.channel
),

compared as (
    select
        own.*,
        sum(own.n_c) over sector - own.n_c as n_c_sector,
        sum(own.n_c) over market - own.n_c as n_c_others,
        sum(own.n_year) over market as n_market
    from own
    inner join accounts on own.account_id = accounts.account_id
    window
        sector as (partition by own.as_of, own.channel, accounts.segment),
        market as (partition by own.as_of, own.channel)
),

final_cte as (
    select
        compared.account_id,
        compared.channel,
        compared.as_of,
        cast(compared.n_c as double) as n_c,
        cast(compared.n_b as double) as n_b,
        cast(compared.n_c_sector as double) as n_c_sector,
        cast(compared.n_c_others as double) as n_c_others,
        cast(compared.n_market as double) as n_market,
        vocabulary.n_vocabulary,
        compared.n_c >= 200 and compared.n_b >= 1000 as is_enough
    from compared
    inner join vocabulary
        on compared.as_of = vocabulary.as_of and compared.channel = vocabulary.channel
)

select * from final_cte
