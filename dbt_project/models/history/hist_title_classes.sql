-- Function and seniority of every title ever shown, of people and of job ads.
with people as (
    select * from {{ ref('stg_observed__people') }}
),

job_ads as (
    select * from {{ ref('stg_observed__job_ads') }}
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
        arg_min(rules.function, (rules.priority, rules.pattern))
            filter (where rules.function is not null) as function,
        arg_min(rules.seniority, (rules.priority, rules.pattern))
            filter (where rules.seniority is not null) as seniority
    from words
    left join rules on regexp_matches(words.title_words, rules.pattern)
    group by words.title
),

final_cte as (
    select
        words.title,
        coalesce(matches.function, 'unknown') as function,
        coalesce(matches.seniority, 1) as seniority,
        regexp_matches(
            words.title_words,
            ' (konstituert|fungerende|fungerande|tf|midlertidig|mellombels|interim|acting'
            || '|temporary|tillförordnad|vikarierende|väliaikainen|konst) '
        ) as is_interim
    from words
    inner join matches on words.title = matches.title
)

select * from final_cte
