{{ config(materialized='days') }}
-- How much an account's new words are those of an offer's theme, per channel and landmark:
-- sum of max(z*, 0) over theme terms used at least five times, over the root of their
-- number, at most 5. Null where there is too little text to tell.
with totals as (
    select * from {{ ref('language_totals') }}
    where {{ is_to_build('as_of') }}
),

terms as (
    select * from {{ ref('language_terms') }}
    where {{ is_to_build('as_of') }}
),

offer_terms as (
    select distinct
        offer,
        term
    from {{ ref('offer_terms') }}
),

offers as (
    select * from {{ ref('offers') }}
),

theme as (
    select
        terms.account_id,
        terms.channel,
        terms.as_of,
        offer_terms.offer,
        sum(greatest(terms.z, 0) order by terms.term) / sqrt(count(*)) as x,
        max(terms.z) as z_max,
        string_agg(terms.term, ', ' order by terms.z desc, terms.term) as theme_terms
    from terms
    inner join offer_terms on terms.term = offer_terms.term
    group by terms.account_id, terms.channel, terms.as_of, offer_terms.offer
),

final_cte as (
    select
        totals.account_id,
        totals.as_of,
        offers.offer,
        case totals.channel when 'web' then 'website_language_shift' else 'posting_language_shift' end
            as signal_type,
        case when totals.is_enough then least(5.0, greatest(0.0, coalesce(theme.x, 0.0))) end as value,
        cast(null as double) as p_value,
        theme.z_max as effect,
        cast(null as varchar) as before_visit_id,
        cast(null as varchar) as after_visit_id,
        coalesce(
            theme.theme_terms,
            cast(totals.n_c as bigint) || ' new and ' || cast(totals.n_b as bigint) || ' old tokens'
        ) as note
    from totals
    cross join offers
    left join theme
        on
            totals.account_id = theme.account_id
            and totals.channel = theme.channel
            and totals.as_of = theme.as_of
            and offers.offer = theme.offer
)

select * from final_cte
