{#- Theme words that nobody meant: one in a thousand words of an ad, where the market tells nothing yet. -#}
{%- set prior_share = 0.001 -%}
{%- set prior_words = 2000 -%}
-- New positions about an offer's theme: the title names it, or the text speaks of it so
-- often (two terms or more, three times or more) that an ad of this length would do so by
-- chance once in five hundred, with the ads of the whole market in the year before as the
-- measure. A word in passing ("we use CRM") is no position about the theme: told from one
-- word, three of four ads of the practice market were.
with openings as (
    select * from {{ ref('hiring_openings') }}
),

offer_terms as (
    select distinct
        offer,
        term
    from {{ ref('offer_terms') }}
),

offer_phrases as (
    select distinct
        offer,
        ' ' || trim({{ title_words('phrase') }}) as phrase
    from {{ ref('offer_terms') }}
),

terms as (
    select
        event_id,
        unnest(terms) as term
    from openings
),

mentions as (
    select
        terms.event_id,
        offer_terms.offer,
        count(*) as n_mentions,
        count(distinct offer_terms.term) as n_terms,
        list_sort(list(distinct offer_terms.term)) as theme_terms
    from terms
    inner join offer_terms on terms.term = offer_terms.term
    group by terms.event_id, offer_terms.offer
),

offers as (
    select distinct offer from offer_terms
),

ad_counts as (
    select
        openings.event_id,
        openings.known_at,
        offers.offer,
        coalesce(len(openings.terms), 0) as n_words,
        coalesce(mentions.n_mentions, 0) as n_mentions,
        coalesce(mentions.n_terms, 0) as n_terms,
        mentions.theme_terms
    from openings
    cross join offers
    left join mentions on openings.event_id = mentions.event_id and offers.offer = mentions.offer
),

measured as (
    select
        *,
        (sum(n_mentions) over year_before + {{ prior_share * prior_words }})
        / (sum(n_words) over year_before + {{ prior_words }}) as market_share
    from ad_counts
    window
        year_before as (
            partition by offer
            order by known_at
            range between interval 364 day preceding and current row
        )
),

expected as (
    select
        * exclude (market_share),
        n_words * coalesce(market_share, {{ prior_share }}) as n_expected
    from measured
),

spoken_of as (
    -- P(K >= k) of a Poisson count.
    select *
    from expected
    where
        n_terms >= 2
        and n_mentions >= 3
        and 1.0 - list_sum(list_transform(
            range(0, cast(n_mentions as bigint)),
            k -> exp(k * ln(n_expected) - n_expected - lgamma(k + 1.0))
        )) <= 0.002
),

-- The words of a title are told once, and not for each phrase.
worded_titles as (
    select
        event_id,
        {{ title_words('title') }} as words
    from openings
),

named as (
    select distinct
        worded_titles.event_id,
        offer_phrases.offer
    from worded_titles
    inner join offer_phrases on contains(worded_titles.words, offer_phrases.phrase)
),

about as (
    select
        event_id,
        offer
    from spoken_of
    union
    select
        event_id,
        offer
    from named
),

final_cte as (
    select
        about.event_id,
        about.offer,
        coalesce(mentions.theme_terms, cast([] as varchar[])) as theme_terms
    from about
    left join mentions on about.event_id = mentions.event_id and about.offer = mentions.offer
)

select * from final_cte
