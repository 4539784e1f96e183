{{ config(meta={'dagster': {'ref': {'name': 'hist_people_events'}}}) }}
-- Quotes are evidence, not copies: 25 words at most.
with quotes as (
    select
        event_id as ref,
        unnest([quote_before, quote_after]) as quote
    from {{ ref('hist_people_events') }}
    union all
    select
        person_key as ref,
        unnest([quote_before, quote_after]) as quote
    from {{ ref('hist_people_titles') }}
),

final_cte as (
    select * from quotes
    where len(string_split(quote, ' ')) > 25
)

select * from final_cte
