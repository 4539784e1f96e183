-- New positions whose ad mentions a theme term of an offer.
with openings as (
    select * from {{ ref('hiring_openings') }}
),

offer_terms as (
    select distinct
        offer,
        term
    from {{ ref('offer_terms') }}
),

mentions as (
    select
        event_id,
        unnest(list_distinct(terms)) as term
    from openings
),

final_cte as (
    select
        mentions.event_id,
        offer_terms.offer,
        list_sort(list(offer_terms.term)) as theme_terms
    from mentions
    inner join offer_terms on mentions.term = offer_terms.term
    group by mentions.event_id, offer_terms.offer
)

select * from final_cte
