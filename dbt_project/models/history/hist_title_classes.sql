-- Function, seniority and managing or not of every title ever shown, of people, job ads and press texts.
with people as (
    select * from {{ ref('stg_observed__people') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
),

announcements as (
    select * from {{ ref('stg_observed__announcements') }}
),

press_titles as (
    select unnest(announcements.statements).title as title
    from announcements
    where len(announcements.statements) > 0
),

rules as (
    select * from {{ ref('title_rules') }}
),

titles as (
    select people.title
    from people
    where people.title is not null
    union
    select job_ads.title
    from job_ads
    where job_ads.title is not null
    union
    select press_titles.title
    from press_titles
    where press_titles.title is not null
),

words as (
    select
        titles.title,
        {{ title_words('titles.title') }} as title_words
    from titles
),

matches as (
    select
        words.title,
        nullif(rules.function, '') as function,
        nullif(rules.seniority, 0) as seniority,
        (rules.priority, rules.pattern) as precedence
    from words
    left join rules on regexp_matches(words.title_words, rules.pattern)
),

first_matches as (
    select
        title,
        arg_min(function, precedence) filter (where function is not null) as function,
        arg_min(seniority, precedence) filter (where seniority is not null) as seniority
    from matches
    group by title
),

final_cte as (
    select
        words.title,
        coalesce(first_matches.function, 'unknown') as function,
        coalesce(first_matches.seniority, 1) as seniority,
        {{ manages('words.title_words') }} as is_manager,
        regexp_matches(
            words.title_words,
            ' (konstituert|fungerende|fungerande|tf|midlertidig|mellombels|interim|acting'
            || '|temporary|tillförordnad|vikarierende|väliaikainen|konst) '
        ) as is_interim
    from words
    inner join first_matches on words.title = first_matches.title
)

select * from final_cte
