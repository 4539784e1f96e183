{#- Articles within a fortnight, by so many papers, before anything is said. -#}
{%- set least_articles = 3 -%}
{%- set least_papers = 2 -%}
{%- set alpha = 0.01 -%}
-- Blame of a company in newspapers, more often than it is used to: at least three articles
-- of two papers within fourteen days, unlikely under its own rate of the half year before
-- (Gamma-Poisson, SCIENCE 2.1). Of the organisation only; who is blamed is not read.
with evidence as (
    select
        *,
        coalesce(stated_at, known_at) as happened_at,
        regexp_extract(url, '^[a-z]+://([^/:]+)', 1) as paper
    from {{ ref('hist_announcement_events') }}
    where
        event_family = 'negative_mention'
        and evidence_class = 'third_party_report'
        and coalesce(stated_at >= known_at - interval 30 day, true)
),

articles as (
    -- The same story from one desk is one article.
    select *
    from evidence
    qualify row_number() over (partition by account_id, words_key order by known_at, evidence_id) = 1
),

counted as (
    select
        *,
        count(*) over fortnight as n_articles,
        count(*) over half_year as n_earlier,
        list(paper) over fortnight as papers,
        arg_min(before_visit_id, known_at) over fortnight as first_before_visit_id,
        min(happened_at) over fortnight as first_at
    from articles
    window
        fortnight as (
            partition by account_id order by known_at range between interval 14 day preceding and current row
        ),
        half_year as (
            partition by account_id
            order by known_at
            range between interval 196 day preceding and interval 15 day preceding
        )
),

judged as (
    select
        *,
        -- Articles expected in a fortnight; prior 1.5 in half a year, worth half a year.
        (1.5 + n_earlier) / 2 * 14.0 / 182.0 as expected
    from counted
    where n_articles >= {{ least_articles }} and len(list_distinct(papers)) >= {{ least_papers }}
),

unlikely as (
    select
        *,
        -- The Chernoff bound of a Poisson tail, never below it: e^-m (e m / k)^k.
        exp(-expected) * pow(exp(1.0) * expected / n_articles, n_articles) as p_tail
    from judged
    where n_articles > expected
),

final_cte as (
    select
        account_id,
        'negative_press_burst' as signal_type,
        'press:' || evidence_id as subject,
        first_at as effective_lo,
        happened_at as effective_hi,
        happened_at as effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        0.7 as strength,
        p_tail as p_value,
        'third_party_report' as evidence_class,
        first_before_visit_id as before_ref,
        visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words('title') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(n_articles as double) as effect,
        source,
        url
    from unlikely
    where p_tail <= {{ alpha }} and first_before_visit_id is not null
    qualify
        coalesce(known_at - lag(known_at) over (partition by account_id order by known_at) > interval 56 day, true)
)

select * from final_cte
